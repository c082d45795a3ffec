"""Links the voices of one person, who may write by SMS, by e-mail and on the pages.

A code proves that one person holds both voices (link_codes.py). If both reported the same number,
they count once from then on; nothing is lost, and the link can be undone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reputation import counting
from reputation.models import (
    RECORD,
    Complaint,
    IntakeSender,
    LinkCode,
    Number,
    PendingReports,
    Report,
    Reporter,
    hold_voices,
)
from reputation.reports import snapshots
from reputation.reports.filing import keep_revision
from reputation.scoring import CATEGORIES, Side, trust

# Voices of these kinds may belong to a person with an account; keys speak for programs.
PEOPLE = frozenset({Reporter.Kind.PERSON, Reporter.Kind.SMS, Reporter.Kind.EMAIL})
SENDERS = frozenset({Reporter.Kind.SMS, Reporter.Kind.EMAIL})


class LinkError(Exception):
    """Two voices were not linked."""


class LinkRefused(LinkError):
    """These two cannot be one voice."""


class ReportsPending(LinkRefused):
    """A moderator's decision about one of the two is still being carried out."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The voice that speaks for both now; how many reports it took over, and how many of the other
    voice no longer count because it had said the same itself."""

    reporter: Reporter
    moved: int
    doubled: int


@transaction.atomic
def merge_reporters(*, into: Reporter, other: Reporter, now: datetime) -> Merged:
    """Makes two voices of one person one: `other`, an SMS or e-mail sender, speaks as `into` now.

    Of two reports on one number the newer stands and the older is merged into it; rejected reports
    stay rejected. The records add up, without the credits of doubled reports, but with the debit of
    the older one if the newer says the opposite. Doing it again changes nothing. unlinking.unlink
    undoes it. Raises LinkRefused.
    """
    numbers, into, other = _lock(into, other)
    refuse_blocked([into, other])
    refuse_pending([into, other])
    if into.merged_into_id is not None or other.merged_into_id not in (None, into.pk):
        raise LinkRefused("One of these two voices has been linked to another one already.")
    if other.merged_into_id is not None:
        return Merged(into, 0, 0)
    link, rows = snapshots.begin(into, other, numbers.values(), now=now)
    counted = live_reports_of(into, other)
    moved, doubled, record = _take_over_reports(into, other, numbers, now)
    _speak(into, other, record)
    counting.revise(*numbers.values(), gone=counted, back=live_reports_of(into, other))
    counting.settle(numbers.values(), now=now)
    counting.publish_all(numbers.values(), now=now)
    snapshots.finish(link, rows, numbers.values())
    return Merged(Reporter.objects.get(pk=into.pk), moved, doubled)


def _lock(into: Reporter, other: Reporter) -> tuple[dict[int, Number], Reporter, Reporter]:
    """Locks both voices and their numbers, and returns them as they are now. Raises LinkRefused."""
    _refuse_kinds(into, other)
    list(IntakeSender.objects.select_for_update().filter(reporter=other).order_by("pk"))
    hold_voices([into.pk, other.pk])
    numbers = numbers_of(into, other)
    into, other = lock_voices(numbers, into, other)
    _refuse_kinds(into, other)  # an e-mail's voice may just have become its account's
    return numbers, into, other


def _refuse_kinds(into: Reporter, other: Reporter) -> None:
    if other.kind not in SENDERS or into.kind not in PEOPLE:
        raise LinkRefused("Only SMS and e-mail senders are linked to an account, or to each other.")


def numbers_of(into: Reporter, other: Reporter) -> dict[int, Number]:
    """The numbers that either reported, by id, locked in the order of their keys."""
    reported = Report.objects.filter(reporter__in=[into, other]).values("number")
    locked = Number.objects.select_for_update(no_key=True).filter(pk__in=reported).order_by("key")
    return {number.pk: number for number in locked}


def live_reports_of(*voices: Reporter) -> list[Report]:
    """The reports of these voices that count, as they count now."""
    return list(Report.objects.live().filter(reporter__in=voices).select_related("reporter"))


def refuse_blocked(reporters: Iterable[Reporter]) -> None:
    """Raises LinkRefused."""
    if any(reporter.blocked_at is not None for reporter in reporters):
        raise LinkRefused("A voice that is blocked cannot be linked: write to the moderators.")


def refuse_pending(reporters: Iterable[Reporter]) -> None:
    """Raises ReportsPending, since a decision that is carried out now would miss the report that
    is merged away."""
    if PendingReports.objects.about(reporter.pk for reporter in reporters).exists():
        raise ReportsPending("Reports of one of these two are being counted anew. Try again later.")


def lock_voices(
    numbers: Iterable[int], into: Reporter, other: Reporter
) -> tuple[Reporter, Reporter]:
    """Both voices as they are now, locked with all reporters whom settling may credit, by id."""
    wanted = set(Report.objects.filter(number__in=numbers).values_list("reporter", flat=True))
    locked = {
        reporter.pk: reporter
        for reporter in Reporter.objects.select_for_update(no_key=True)
        .filter(pk__in=wanted | {into.pk, other.pk})
        .order_by("pk")
    }
    return locked[into.pk], locked[other.pk]


def _take_over_reports(
    into: Reporter, other: Reporter, numbers: dict[int, Number], now: datetime
) -> tuple[int, int, trust.Record]:
    """Gives `into` the reports of `other`; returns how many, how many doubled reports no longer
    count, and the record of both together."""
    record = sum_of(into.record, other.record)
    if into.vouched_at is not None and other.vouched_at is not None:
        record = trust.unvouched(record)  # one person is vouched for once
    own = {report.number_id: report for report in Report.objects.filter(reporter=into)}
    moved: list[int] = []
    doubled = 0
    for report in Report.objects.filter(reporter=other).order_by("number_id"):
        kept = own.get(report.number_id)
        if kept is None:
            moved.append(report.pk)
        elif report.merged_into_id != kept.pk:
            counted, record = _merge_doubled(
                into, report, kept, numbers[report.number_id], record, now
            )
            doubled += counted
    Report.objects.filter(pk__in=moved).update(reporter=into)
    return len(moved), doubled, record


def _merge_doubled(
    into: Reporter,
    report: Report,
    kept: Report,
    number: Number,
    record: trust.Record,
    now: datetime,
) -> tuple[bool, trust.Record]:
    """Merges the report into the one that `into` has on the same number, which gets the newer of
    both statements. Returns whether a report that counted no longer does, and the new record."""
    if stands := _standing(report) > _standing(kept):
        keep_revision(kept, "updated", now)
    if stands or report.status == Report.Status.LIVE:
        keep_revision(report, "merged", now)
    if stands:
        _exchange(kept, report, number)
    counted = report.status == Report.Status.LIVE
    if not stands and side_of(report) != side_of(kept):
        # The trust pass learns of the account's own older statement from the revision.
        record = sum_of(record, keep_cost(into, report))
    return counted, _retire(report, kept, record)


def _standing(report: Report) -> tuple[bool, bool, datetime, int]:
    """The rank of a report: of two reports of one person, the higher stands."""
    return (
        report.status == Report.Status.REJECTED,
        report.status == Report.Status.LIVE,
        report.counted_at,
        report.pk,
    )


# The fields of a report's statement and of how it was counted. Its reporter, its number and its
# evidence are not exchanged.
_EXCHANGED = [
    field.attname
    for field in Report._meta.concrete_fields
    if field.name not in ("id", "public_id", "number", "reporter", "filed_at", "seq")
]


def _exchange(kept: Report, retired: Report, number: Number) -> None:
    """Gives the report that stays the newer statement, and the one that is retired the older."""
    for name in _EXCHANGED:
        kept_value, retired_value = getattr(kept, name), getattr(retired, name)
        setattr(kept, name, retired_value)
        setattr(retired, name, kept_value)
    if retired.merged_into_id == retired.pk:  # a moderator had merged the kept one into it
        retired.merged_into = kept
    kept.filed_at = min(kept.filed_at, retired.filed_at)
    # Places in the fold order are unique, so the one that no longer counts takes a new one first.
    number.seq += 1
    place, retired.seq = retired.seq, number.seq
    retired.save()
    kept.seq = place
    kept.save()


def _retire(report: Report, kept: Report, record: trust.Record) -> trust.Record:
    """Stops counting the doubled report; the record without what it earned or cost."""
    if report.status == Report.Status.LIVE:
        report.status = Report.Status.MERGED.value
        report.merged_into = kept
    record = trust.credited(record, side_of(report), report.credit, 0.0, first=report.first)
    report.credit, report.full_side = 0.0, 0
    report.save()
    return record


def keep_cost(voice: Reporter, report: Report) -> trust.Record:
    """The debit of the report, which this voice keeps whatever happens to the report."""
    cost = trust.credited(trust.Record(), side_of(report), 0.0, report.credit)
    voice.kept_fp += cost.fp
    voice.kept_fn += cost.fn
    return trust.Record(fp=cost.fp, fn=cost.fn)


def side_of(report: Report) -> Side:
    return CATEGORIES[report.category].side


def _speak(into: Reporter, other: Reporter, record: trust.Record) -> None:
    """Gives `into` the record of both, and everything that refers to `other`."""
    into.record, other.record = record, trust.Record()
    into.kept_fp += other.kept_fp
    into.kept_fn += other.kept_fn
    into.created_at = min(into.created_at, other.created_at)
    into.vouched_at = into.vouched_at or other.vouched_at
    into.erased_on = sorted({*into.erased_on, *other.erased_on})
    # Suspicion is inherited. The trust pass looks for clusters anew.
    into.cluster = into.cluster or other.cluster
    other.merged_into = into
    into.moved_seq += 1
    into.save()
    other.save()
    Reporter.objects.filter(merged_into=other).update(merged_into=into)
    IntakeSender.objects.filter(reporter=other).update(reporter=into)
    Complaint.objects.filter(reporter=other).update(reporter=into)
    LinkCode.objects.filter(reporter=other, redeemed_at=None).delete()


def sum_of(one: trust.Record, two: trust.Record) -> trust.Record:
    return trust.Record(*(getattr(one, n) + getattr(two, n) for n in RECORD))
