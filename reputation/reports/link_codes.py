"""Codes that link two voices of one person.

A code shown to one voice and sent by another proves that one person holds both.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from reputation.models import LinkCode, Report, Reporter
from reputation.privacy import pseudonym
from reputation.reports.linking import (
    PEOPLE,
    LinkError,
    LinkRefused,
    Merged,
    merge_reporters,
    refuse_blocked,
)

# Letters and digits that nobody mistakes for one another: 31 of them, ten a code, 49 bits.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 10
LIFE = timedelta(minutes=30)


class CodeUnknown(LinkError):
    """No such code, or it was used, or its time is over."""


class AlreadyOne(LinkRefused):
    """The code was issued to the voice that shows it: there is nothing to link."""


@dataclass(frozen=True, slots=True)
class AskedBack:
    """The second code; how many live reports come under the other voice once it is sent back, and
    whether that voice is an account."""

    code: str
    moves: int
    is_account: bool


def issue_code(*, reporter: Reporter, now: datetime) -> str:
    """A code of this voice, which another voice of the same person shows once, within LIFE.

    Written in two halves, ABCDE-FGHJK. An earlier code of the voice ends. Raises LinkRefused.
    """
    if reporter.kind not in PEOPLE:
        raise LinkRefused("A key speaks for a program and cannot be linked to a person.")
    refuse_blocked([reporter])
    code = _new_code()
    LinkCode.objects.filter(reporter=reporter, redeemed_at=None).delete()
    LinkCode.objects.create(
        reporter=reporter, digest=_digest(code), issued_at=now, expires_at=now + LIFE
    )
    return _written(code)


@transaction.atomic
def redeem(*, reporter: Reporter, code: str, now: datetime) -> Merged:
    """Links the voice that shows a code to the one that it was issued to.

    The account on the pages speaks from then on, or without one the older voice. Only for a voice
    that nobody can forge: others are asked back. Raises CodeUnknown, LinkRefused.
    """
    issued = _live_codes(now).filter(digest=_digest(code)).first()
    return _redeem(issued, reporter, now)


@transaction.atomic
def ask_back(*, reporter: Reporter, code: str, now: datetime) -> AskedBack:
    """A code that was shown where senders can be forged: nothing is linked before the second code,
    which goes to the voice that showed the first, comes back within LIFE.

    Showing it again ends the earlier second code. Raises CodeUnknown, LinkRefused.
    """
    issued = _live_codes(now).filter(digest=_digest(code)).first()
    into, other = _pair(issued, reporter)
    refuse_blocked([into, other])
    second = _new_code()
    assert issued is not None  # noqa: S101 -- _pair refuses it
    issued.shown_by, issued.second = reporter, _digest(second)
    issued.expires_at = max(issued.expires_at, now + LIFE)
    issued.save(update_fields=["shown_by", "second", "expires_at"])
    moves = Report.objects.live().filter(reporter=other).count()
    return AskedBack(_written(second), moves, is_account=into.kind == Reporter.Kind.PERSON)


@transaction.atomic
def redeem_second(*, reporter: Reporter, code: str, now: datetime) -> Merged:
    """Links the voice that sends its second code back. Raises CodeUnknown, LinkRefused."""
    issued = _live_codes(now).filter(shown_by=reporter, second=_digest(code)).first()
    return _redeem(issued, reporter, now)


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _written(code: str) -> str:
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def _live_codes(now: datetime) -> QuerySet[LinkCode]:
    """Codes that can still be redeemed, locked when they are read."""
    return (
        LinkCode.objects.select_for_update(of=("self",))
        .select_related("reporter")
        .filter(redeemed_at=None, expires_at__gt=now)
    )


def _pair(issued: LinkCode | None, reporter: Reporter) -> tuple[Reporter, Reporter]:
    """The voice that would speak for both, and the one that would no longer speak. Raises
    CodeUnknown, LinkRefused."""
    if issued is None:
        raise CodeUnknown("This code is not known, was used, or is too old. Ask for a new one.")
    if issued.reporter == reporter:
        raise AlreadyOne("Who got this code and who shows it speak with one voice already.")
    into, other = sorted((issued.reporter, reporter), key=_precedence)
    return into, other


def _redeem(issued: LinkCode | None, reporter: Reporter, now: datetime) -> Merged:
    into, other = _pair(issued, reporter)
    assert issued is not None  # noqa: S101 -- _pair refuses it
    merged = merge_reporters(into=into, other=other, now=now)
    LinkCode.objects.filter(pk=issued.pk).update(redeemed_at=now)
    return merged


def _digest(code: str) -> str:
    """The digest of a code as people type it: in any case, with or without dash and spaces."""
    return pseudonym("link", "".join(filter(str.isalnum, code)).upper())


def _precedence(reporter: Reporter) -> tuple[bool, datetime, int]:
    return reporter.kind != Reporter.Kind.PERSON, reporter.created_at, reporter.pk
