"""One person, one voice: who writes by SMS, by e-mail and on the pages is linked by a code.

A code shown to one voice and sent by another proves that one person holds both. What both said of
the same number counts once from then on; nothing is lost.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from reputation import counting
from reputation.models import RECORD, Complaint, IntakeSender, LinkCode, Number, Report, Reporter
from reputation.privacy import pseudonym
from reputation.reports.filing import keep_revision
from reputation.scoring import CATEGORIES, trust

# Letters and digits that nobody mistakes for one another: 31 of them, ten a code, 49 bits.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 10
LIFE = timedelta(minutes=30)

# A second voice of these kinds may be somebody's who has an account; keys speak for programs.
PEOPLE = frozenset({Reporter.Kind.PERSON, Reporter.Kind.SMS, Reporter.Kind.EMAIL})
SENDERS = frozenset({Reporter.Kind.SMS, Reporter.Kind.EMAIL})


class LinkError(Exception):
    """Two voices were not linked."""


class CodeUnknown(LinkError):
    """No such code, or it was used, or its time is over."""


class LinkRefused(LinkError):
    """These two cannot be one voice."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The voice that speaks for both now; how many reports it took over, and how many of the other
    voice no longer count because it had said the same itself."""

    reporter: Reporter
    moved: int
    doubled: int


@dataclass(frozen=True, slots=True)
class AskedBack:
    """The second code; how many live reports come under the other voice once it is sent back, and
    whether that voice is an account."""

    code: str
    moves: int
    is_account: bool


def issue_code(*, reporter: Reporter, now: datetime) -> str:
    """A code for the voice to be shown by another of the same person, once, within LIFE.

    Written in two halves, ABCDE-FGHJK. An earlier code of the voice ends. Raises LinkRefused.
    """
    if reporter.kind not in PEOPLE:
        raise LinkRefused("A key speaks for a program and cannot be linked to a person.")
    _refuse_blocked([reporter])
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
    _refuse_blocked([into, other])
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


@transaction.atomic
def merge_reporters(*, into: Reporter, other: Reporter, now: datetime) -> Merged:
    """Makes two voices of one person one: `other`, an SMS or e-mail sender, speaks as `into` now.

    Of two reports on one number the newer stands and the older is merged into it; what a moderator
    rejected stays rejected. The records add up, without what doubled reports had earned. Doing it
    again changes nothing. Raises LinkRefused.
    """
    if other.kind not in SENDERS or into.kind not in PEOPLE:
        raise LinkRefused("Only SMS and e-mail senders are linked to an account, or to each other.")
    numbers = {
        number.pk: number
        for number in Number.objects.select_for_update()
        .filter(pk__in=Report.objects.filter(reporter__in=[into, other]).values("number"))
        .order_by("key")
    }
    into, other = _lock(numbers, into, other)
    _refuse_blocked([into, other])
    if into.merged_into_id is not None or other.merged_into_id not in (None, into.pk):
        raise LinkRefused("One of these two voices has been linked to another one already.")
    own = {report.number_id: report for report in Report.objects.filter(reporter=into)}
    theirs = Report.objects.filter(reporter=other).order_by("number_id")
    record = _sum(into.record, other.record)
    moved: list[int] = []
    doubled = 0
    for report in theirs:
        if (mine := own.get(report.number_id)) is None:
            moved.append(report.pk)
            continue
        if report.merged_into_id == mine.pk:
            continue
        if _standing(report) > _standing(mine):
            _exchange(mine, report, numbers[report.number_id], now)
        doubled += report.status == Report.Status.LIVE
        record = _retire(report, mine, record, now)
    Report.objects.filter(pk__in=moved).update(reporter=into)
    _speak(into, other, record)
    counting.refold_all(numbers.values())
    counting.settle(numbers.values(), now=now)
    for number in numbers.values():
        number.trust_seq = counting.DUE
    counting.publish_all(numbers.values(), now=now)
    return Merged(Reporter.objects.get(pk=into.pk), len(moved), doubled)


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
    """Who would speak for both, and who for none. Raises CodeUnknown, LinkRefused."""
    if issued is None:
        raise CodeUnknown("This code is not known, was used, or is too old. Ask for a new one.")
    if issued.reporter == reporter:
        raise LinkRefused("Show the code where you are known otherwise, not where you got it.")
    into, other = sorted((issued.reporter, reporter), key=_precedence)
    return into, other


def _redeem(issued: LinkCode | None, reporter: Reporter, now: datetime) -> Merged:
    into, other = _pair(issued, reporter)
    assert issued is not None  # noqa: S101 -- _pair refuses it
    merged = merge_reporters(into=into, other=other, now=now)
    LinkCode.objects.filter(pk=issued.pk).update(redeemed_at=now)
    return merged


def _digest(code: str) -> str:
    """Of a code as people type it: any case, with or without the dash and spaces."""
    return pseudonym("link", "".join(filter(str.isalnum, code)).upper())


def _precedence(reporter: Reporter) -> tuple[bool, datetime, int]:
    return reporter.kind != Reporter.Kind.PERSON, reporter.created_at, reporter.pk


def _refuse_blocked(reporters: Iterable[Reporter]) -> None:
    if any(reporter.blocked_at is not None for reporter in reporters):
        raise LinkRefused("A voice that is blocked cannot be linked: write to the moderators.")


def _lock(numbers: Iterable[int], into: Reporter, other: Reporter) -> tuple[Reporter, Reporter]:
    """Both voices as they are now, locked with all whom settling may credit, in ids' order."""
    wanted = set(Report.objects.filter(number__in=numbers).values_list("reporter", flat=True))
    locked = {
        reporter.pk: reporter
        for reporter in Reporter.objects.select_for_update(no_key=True)
        .filter(pk__in=wanted | {into.pk, other.pk})
        .order_by("pk")
    }
    return locked[into.pk], locked[other.pk]


def _standing(report: Report) -> tuple[bool, bool, datetime, int]:
    """Which of two reports of one person stands: the greater."""
    return (
        report.status == Report.Status.REJECTED,
        report.status == Report.Status.LIVE,
        report.counted_at,
        report.pk,
    )


# What a report says and how it was counted. Who said it, of which number, and the evidence that
# hangs on it stay where they are.
_EXCHANGED = [
    field.attname
    for field in Report._meta.concrete_fields
    if field.name not in ("id", "public_id", "number", "reporter", "filed_at", "seq")
]


def _exchange(mine: Report, theirs: Report, number: Number, now: datetime) -> None:
    """Puts what was said last into the report that stays, and what it said into the other."""
    keep_revision(mine, "updated", now)
    for name in _EXCHANGED:
        ours, others = getattr(mine, name), getattr(theirs, name)
        setattr(mine, name, others)
        setattr(theirs, name, ours)
    if theirs.merged_into_id == theirs.pk:  # a moderator had merged mine into theirs
        theirs.merged_into = mine
    mine.filed_at = min(mine.filed_at, theirs.filed_at)
    # Places in the fold order are unique, so the one that no longer counts takes a new one first.
    number.seq += 1
    place, theirs.seq = theirs.seq, number.seq
    theirs.save()
    mine.seq = place
    mine.save()


def _retire(report: Report, mine: Report, record: trust.Record, now: datetime) -> trust.Record:
    """Stops counting the doubled report; the record without what it earned or cost."""
    if report.status == Report.Status.LIVE:
        keep_revision(report, "merged", now)
        report.status = Report.Status.MERGED.value
        report.merged_into = mine
    side = CATEGORIES[report.category].side
    record = trust.credited(record, side, report.credit, 0.0, first=report.first)
    report.credit = 0.0
    report.save()
    return record


def _speak(into: Reporter, other: Reporter, record: trust.Record) -> None:
    """`into` has the record of both, and all that hangs on `other` hangs on it."""
    into.record, other.record = record, trust.Record()
    into.created_at = min(into.created_at, other.created_at)
    into.vouched_at = into.vouched_at or other.vouched_at
    # Suspicion is inherited. The trust pass looks for clusters anew.
    into.cluster = into.cluster or other.cluster
    other.merged_into = into
    into.save()
    other.save()
    Reporter.objects.filter(merged_into=other).update(merged_into=into)
    IntakeSender.objects.filter(reporter=other).update(reporter=into)
    Complaint.objects.filter(reporter=other).update(reporter=into)
    LinkCode.objects.filter(reporter=other, redeemed_at=None).delete()


def _sum(one: trust.Record, two: trust.Record) -> trust.Record:
    return trust.Record(*(getattr(one, n) + getattr(two, n) for n in RECORD))
