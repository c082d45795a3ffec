"""The option that names the moderator in whose name a command decides."""

from argparse import ArgumentParser

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from reputation.moderation import staff


def add_moderator(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--moderator", required=True, metavar="USER", help="moderator who takes the decision"
    )


def moderator_named(username: str) -> User:
    """Raises CommandError unless an open account of the panel has this user name."""
    found = staff.member(username)
    if found is None:
        raise CommandError(
            f"--moderator {username}: no such member of staff. Give the user name of an open "
            "account of the panel, in its letters: administrators open accounts there, "
            "`createsuperuser` makes the first."
        )
    return found
