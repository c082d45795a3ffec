"""Signed-in people as voices: which reporter they are, and which accounts come from one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from reputation import lookup
from reputation.models import AccountOpening, Reporter, take_turn
from reputation.privacy import canonical_address, mail_crowd, pseudonym, retention
from reputation.reports import mailboxes

# What user names of people begin with; nobody ever types one.
NAMES = "p-"
PATIENCE = retention.UNCONFIRMED_ACCOUNTS.kept
# Longer than any page takes to answer (config.server), and two seconds more: docs/adr/0038.
SPEAKING_SECONDS = 32.0
# The periods of settings.ACCOUNT_CAPS.
CAPPED = (timedelta(days=1), retention.OPENINGS.kept)


def mailbox_of(user: User) -> str:
    """The keyed hash of the mailbox with which somebody signs in; "" for staff, whose address was
    typed by an administrator and not confirmed by a code."""
    if not user.username.startswith(NAMES) or "@" not in user.email:
        return ""
    (_, handle), _ = mailboxes.names_of_mailbox(user.email)
    return handle


def reporter_of(user: User, *, now: datetime) -> Reporter:
    """The person's voice, created with the first statement. Its handle does not reveal the person.

    A mailbox has one voice, whichever of its addresses signs in or writes to us, and however often
    its account was deleted in between. Lookups by the person's keys skip what is remembered for a
    while.
    """
    if (known := voice_of(user)) is not None:
        lookup.wrote.note(known.pk, seconds=SPEAKING_SECONDS)
        return known
    if mailbox := mailbox_of(user):
        opening = AccountOpening.objects.filter(mailbox=mailbox).first()
        return mailboxes.voice_of_account(
            user.email, crowd=opening.crowd if opening else "", now=now
        )
    reporter, _ = Reporter.objects.get_or_create(
        kind=Reporter.Kind.PERSON, handle=handle_of(user), defaults={"created_at": now}
    )
    return reporter


@contextmanager
def speaking(user: User, *, now: datetime) -> Iterator[Reporter]:
    """The person's voice, locked so that deleting the account waits for the statement.

    Raises User.DoesNotExist for an account that was deleted since the request began.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        yield reporter_of(user, now=now)


def voice_of(user: User) -> Reporter | None:
    """The person's voice for reading; None for a person without a statement."""
    own = handle_of(user)
    found = {
        reporter.handle: reporter
        for reporter in Reporter.objects.filter(
            kind=Reporter.Kind.PERSON, handle__in=[own, mailbox_of(user)]
        )
    }
    return found.get(own) or next(iter(found.values()), None)


def handle_of(user: User) -> str:
    """The account's own handle. Staff have it, and old accounts whose mailbox had several voices:
    they keep these, since no voices are merged without the person's knowledge."""
    return pseudonym("person", str(user.pk))


@transaction.atomic
def note_opening(user: User, *, network: str, now: datetime) -> None:
    """Counts a new account by its mail domain and its network, once for each mailbox.

    An account beyond settings.ACCOUNT_CAPS works like any other, but all accounts beyond the cap
    count as one network. So a company's colleagues or a carrier's customers lose little weight, and
    an attacker with many accounts loses nearly all. Refusing the account would silence the
    colleagues.
    """
    mailbox = mailbox_of(user)
    if not mailbox or voice_of(user) is not None:
        return
    crowd = mail_crowd(canonical_address(user.email))
    origin = {"domain": crowd and pseudonym("account-domain", crowd), "network": network}
    for value in sorted(filter(None, origin.values())):
        take_turn(value)  # simultaneous ones are counted one after the other
    if AccountOpening.objects.filter(mailbox=mailbox).exists():
        return
    surplus = [value for name, value in origin.items() if value and _too_many(name, value, now)]
    AccountOpening.objects.bulk_create(
        [
            AccountOpening(
                mailbox=mailbox, opened_at=now, crowd=surplus[0] if surplus else "", **origin
            )
        ],
        ignore_conflicts=True,
    )


def _too_many(name: str, value: str, now: datetime) -> bool:
    opened = AccountOpening.objects.filter(**{name: value})
    return any(
        opened.filter(opened_at__gt=now - period).count() >= most
        for period, most in zip(CAPPED, settings.ACCOUNT_CAPS[name], strict=True)
    )


@transaction.atomic
def forget_openings(*, now: datetime) -> int:
    """Forgets where accounts came from once the caps no longer need it. Returns how many."""
    over = AccountOpening.objects.filter(opened_at__lte=now - CAPPED[-1])
    spoken = Reporter.objects.filter(kind=Reporter.Kind.PERSON).values("handle")
    _, deleted = over.filter(Q(crowd="") | Q(mailbox__in=spoken)).delete()
    # Accounts beyond the cap without a statement keep it: otherwise they would only have to wait.
    over.update(domain="", network="")
    return deleted.get("reputation.AccountOpening", 0)


def forget_unconfirmed(*, now: datetime) -> int:
    """Deletes accounts whose code was never entered: somebody mistyped an address, or was
    curious."""
    never = User.objects.filter(
        username__startswith=NAMES, last_login=None, is_staff=False, date_joined__lte=now - PATIENCE
    )
    # Signing in sets last_login, so no account in use is deleted.
    _, deleted = never.delete()
    return deleted.get("auth.User", 0)
