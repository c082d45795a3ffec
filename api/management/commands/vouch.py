from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from api.keys import KeyNotFound, NoPrefix, find_key
from reputation.management import add_moderator, moderator_named
from reputation.moderation import ReasonMissing, stop_vouching, vouch_for_reporter


class Command(BaseCommand):
    help = (
        "Vouch for the reporter behind an API key: their reports weigh like those of an account "
        "with a good record. Their errors still count. --stop ends the vouching."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="the eight characters after rsk_")
        add_moderator(parser)
        parser.add_argument("--reason", required=True, help="goes on record")
        parser.add_argument("--stop", action="store_true", help="end the vouching")

    def handle(
        self, *, prefix: str, moderator: str, reason: str, stop: bool, **options: Any
    ) -> None:
        actor = moderator_named(moderator)
        try:
            key = find_key(prefix)
        except (NoPrefix, KeyNotFound) as error:
            raise CommandError(str(error)) from None
        decide = stop_vouching if stop else vouch_for_reporter
        try:
            done = decide(actor=actor, reporter=key.reporter, reason=reason, now=timezone.now())
        except ReasonMissing as error:
            raise CommandError(f"--reason: {error}") from error
        state = "No moderator vouches" if stop else f"{actor.username} vouches"
        self.stdout.write(
            f"{state} for {key.name!r} now." if done else "Nothing changed: it was so already."
        )
