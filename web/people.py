"""Signed-in people as voices: which reporter they are, and what remains when they leave."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from api import keys
from reputation import lists, lookup, organisations, rights
from reputation.models import AccountOpening, Erasure, Reporter, take_turn
from reputation.privacy import canonical_address, mail_crowd, pseudonym, retention
from reputation.reports import mailboxes, withdraw_all
from reputation.watching import watched_by

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
        kind=Reporter.Kind.PERSON, handle=_by_account(user), defaults={"created_at": now}
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
    own = _by_account(user)
    found = {
        reporter.handle: reporter
        for reporter in Reporter.objects.filter(
            kind=Reporter.Kind.PERSON, handle__in=[own, mailbox_of(user)]
        )
    }
    return found.get(own) or next(iter(found.values()), None)


def _by_account(user: User) -> str:
    """The handle of staff, and of old accounts whose mailbox had several voices: they keep these,
    since no voices are merged without the person's knowledge."""
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


def data_subject(user: User) -> rights.DataSubject:
    """The person who has this account."""
    return rights.DataSubject(names_of(user))


def names_of(user: User) -> list[rights.Name]:
    """The voices that the account proves to be the person's: its own, and that of its mailbox."""
    proven = mailboxes.names_of_mailbox(user.email) if mailbox_of(user) else []
    return [(Reporter.Kind.PERSON.value, _by_account(user)), *proven]


def accounts_of(names: Collection[rights.Name]) -> list[User]:
    """The accounts of these voices and of all linked ones; staff have none."""
    voices = {*names, *((voice.kind, voice.handle) for voice in rights.voices_of(names))}
    handles = {handle for kind, handle in voices if kind == Reporter.Kind.PERSON}
    people = User.objects.filter(username__startswith=NAMES, is_staff=False)
    return [user for user in people.iterator() if handles & {_by_account(user), mailbox_of(user)}]


def _with_accounts(who: rights.DataSubject, accounts: Collection[User]) -> rights.DataSubject:
    return replace(
        who,
        names={*who.names, *(name for user in accounts for name in names_of(user))},
        contacts={*who.contacts, *(user.email for user in accounts)},
    )


def erase_person(*, who: rights.DataSubject, now: datetime) -> rights.Erased:
    """Erases a person (rights.erase) and their accounts. Raises StorageUnavailable."""
    accounts = accounts_of(who.names)
    done = rights.erase(who=_with_accounts(who, accounts), now=now)
    keys.close_erased(now=now)
    _close(accounts, now=now)
    return done


def erase_again(*, now: datetime) -> rights.Erased:
    """Erases what a restored backup brought back, accounts too. Raises StorageUnavailable."""
    listed = rights.erasures()
    back = []
    for user in User.objects.filter(username__startswith=NAMES, is_staff=False).iterator():
        moments = [listed.get(Erasure.subject_of(*name)) for name in names_of(user)]
        if any(at is not None and user.date_joined < at for at in moments):
            back.append(user)
    done = rights.erase_again(now=now)
    keys.close_erased(now=now)
    _close(back, now=now)
    return done


@transaction.atomic
def _close(accounts: Collection[User], *, now: datetime) -> None:
    """Deletes accounts and their sessions, which name the address."""
    gone = {str(user.pk) for user in accounts}
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) in gone:
            session.delete()
    locked = User.objects.select_for_update().filter(pk__in=[user.pk for user in accounts])
    for user in locked.order_by("pk"):
        _remove(user, now=now)


def _remove(user: User, *, now: datetime) -> None:
    """Deletes a locked account, with the keys and the list of its voice."""
    if (reporter := voice_of(user)) is not None:
        keys.revoke_all(reporter_id=reporter.pk, now=now)
        lists.drop_all(reporter_id=reporter.pk)
    organisations.clear_contact_of(user)
    user.delete()


def write_copy(
    to: IO[bytes], *, who: rights.DataSubject, notes: bool = False, now: datetime
) -> None:
    """Writes a ZIP of all stored data of a person (rights.write_copy) and of their accounts."""
    accounts = accounts_of(who.names)
    rights.write_copy(
        to,
        who=_with_accounts(who, accounts),
        accounts=[
            {
                "email": user.email,
                "opened": user.date_joined,
                "last_sign_in": user.last_login,
                "watched": list(watched_by(user).values("key", "said", "since", "mailed_at")),
                "reminders": list(user.reminders.values("complaint__public_id", "on")),
                "organisations": organisations.kept_of(user),
            }
            for user in accounts
        ],
        notes=notes,
        now=now,
    )


@transaction.atomic
def delete_account(*, user: User, withdraw: bool, now: datetime) -> None:
    """Removes the account with its e-mail address. Reports stay under the pseudonym; with
    `withdraw` they are withdrawn first, and then stay on record without counting.

    The voice stays under the keyed hash of its mailbox, with its record and its block, if any: the
    same mailbox gets them back. Raises User.DoesNotExist if it is already deleted.
    """
    user = User.objects.select_for_update().get(pk=user.pk)  # before the voice, as in `speaking`
    reporter = voice_of(user)
    if withdraw and reporter is not None:
        withdraw_all(reporter=reporter, now=now)
    _remove(user, now=now)
