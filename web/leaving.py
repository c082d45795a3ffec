"""Copies, erasures and the closing of accounts, for people who leave."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import IO

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction

from api import keys
from reputation import lists, organisations, rights
from reputation.models import Erasure, Reporter
from reputation.reports import mailboxes, withdraw_all
from reputation.watching import watched_by
from web.people import NAMES, handle_of, mailbox_of, voice_of


def data_subject(user: User) -> rights.DataSubject:
    """The person who has this account."""
    return rights.DataSubject(names_of(user))


def names_of(user: User) -> list[rights.Name]:
    """The voices that the account proves to be the person's: its own, and that of its mailbox."""
    proven = mailboxes.names_of_mailbox(user.email) if mailbox_of(user) else []
    return [(Reporter.Kind.PERSON.value, handle_of(user)), *proven]


def accounts_of(names: Collection[rights.Name]) -> list[User]:
    """The accounts of these voices and of all linked ones; staff have none."""
    voices = {*names, *((voice.kind, voice.handle) for voice in rights.voices_of(names))}
    handles = {handle for kind, handle in voices if kind == Reporter.Kind.PERSON}
    people = User.objects.filter(username__startswith=NAMES, is_staff=False)
    return [user for user in people.iterator() if handles & {handle_of(user), mailbox_of(user)}]


def _with_accounts(who: rights.DataSubject, accounts: Collection[User]) -> rights.DataSubject:
    return replace(
        who,
        names={*who.names, *(name for user in accounts for name in names_of(user))},
        contacts={*who.contacts, *(user.email for user in accounts)},
    )


def erase_person(*, who: rights.DataSubject, now: datetime) -> tuple[rights.Erased, int]:
    """Erases a person (rights.erase) and their accounts. Returns what, and how many accounts: none
    if they were closed meanwhile. Raises StorageUnavailable."""
    accounts = accounts_of(who.names)
    done = rights.erase(who=_with_accounts(who, accounts), now=now)
    keys.close_erased(now=now)
    return done, _close(accounts, now=now)


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
def _close(accounts: Collection[User], *, now: datetime) -> int:
    """Deletes accounts and their sessions, which name the address. Returns how many accounts were
    left to delete."""
    gone = {str(user.pk) for user in accounts}
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) in gone:
            session.delete()
    left = User.objects.select_for_update().filter(pk__in=[user.pk for user in accounts])
    locked = list(left.order_by("pk"))
    for user in locked:
        _remove(user, now=now)
    return len(locked)


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
