"""A signed-in person as a voice: which reporter speaks, and what becomes of it when they leave."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from reputation.models import Report, Reporter
from reputation.privacy import pseudonym, retention
from reputation.reports import withdraw_report

# What user names of people begin with; nobody ever types one.
NAMES = "p-"
PATIENCE = retention.UNCONFIRMED_ACCOUNTS.kept


def reporter_of(user: User, *, now: datetime) -> Reporter:
    """The person's voice, made at the first word. Its handle does not tell who that is."""
    reporter, _ = Reporter.objects.get_or_create(
        kind=Reporter.Kind.PERSON,
        handle=pseudonym("person", str(user.pk)),
        defaults={"created_at": now},
    )
    return reporter


def voice_of(user: User) -> Reporter | None:
    """The same, for reading: None for somebody who has said nothing yet."""
    return Reporter.objects.filter(
        kind=Reporter.Kind.PERSON, handle=pseudonym("person", str(user.pk))
    ).first()


def forget_unconfirmed(*, now: datetime) -> int:
    """Deletes accounts whose code never came back: somebody mistyped an address, or was curious."""
    never = User.objects.filter(
        username__startswith=NAMES, last_login=None, is_staff=False, date_joined__lte=now - PATIENCE
    )
    # Signing in sets last_login, so no account in use is among them.
    _, deleted = never.delete()
    return deleted.get("auth.User", 0)


@transaction.atomic
def delete_account(*, user: User, withdraw: bool, now: datetime) -> None:
    """Removes the account with its e-mail address. Reports stay under the pseudonym, or with
    `withdraw` are taken back first: then they stay on record and count no more."""
    reporter = voice_of(user)
    if withdraw and reporter is not None:
        live = Report.objects.live().filter(reporter=reporter).order_by("pk")
        for public_id in live.values_list("public_id", flat=True):
            withdraw_report(reporter=reporter, public_id=public_id, now=now)
    user.delete()
