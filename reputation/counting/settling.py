"""Settling: once a number's truth is plain, reporters who were right before earn credit for it.

Runs inside its caller's transaction on numbers that are locked, like the fold.
"""

from collections.abc import Iterable
from datetime import datetime

from reputation.models import RECORD, Number, Report, Reporter, ReportQuerySet
from reputation.scoring import CATEGORIES, EPOCH, from_days, logit, to_days, trust


def settle(numbers: Iterable[Number], *, now: datetime) -> None:
    """Credits reporters who were right before a number's truth was plain, debits the others.

    Only reports filed before that moment take part, each judged by the others alone. Against a
    moderator's word nothing settles. Credits of all the numbers are assigned at once, so that their
    reporters are locked in one order.
    """
    credits: dict[Report, float] = {}
    for number in numbers:
        credits |= _settled(number, now)
    assign_credits(credits)


def _settled(number: Number, now: datetime) -> dict[Report, float]:
    at = to_days(now)
    total = logit(number.evidence, at, number.prior)
    if not trust.is_settled(total):
        return {}
    side = 1 if total > 0 else -1
    if number.moderated not in (0, side):
        return {}
    note_truth(number, side)
    recent = early_reports(number).filter(counted_at__gte=from_days(at - trust.SETTLE_WINDOW))
    early = list(recent.select_related("reporter").order_by("seq"))
    credits = trust.settle(
        total,
        [trust.decayed_contribution(report.voice, report.contribution, at) for report in early],
    )
    return dict(zip(early, credits, strict=True))


def note_truth(number: Number, side: int) -> None:
    """The truth is plain from now on: 1 unwanted, -1 legitimate. Who says so later only agrees.

    A first exit from the band, or one on the other side, is a new moment; so is the first decision.
    """
    if number.settled_side != side:
        number.settled_side, number.settled_seq = side, number.seq


def early_reports(number: Number) -> ReportQuerySet:
    """The live reports on the present holder that were filed before the number's truth was plain.

    A report whose caller was already shown as suspicious is not among them: it copied us.
    """
    return Report.objects.live().filter(
        number=number,
        was_warned=False,
        seq__lte=number.settled_seq,
        counted_at__gte=number.epoch_at or EPOCH,
    )


def assign_credits(credits: dict[Report, float], *, anew: bool = False) -> None:
    """Writes settled truth to reports and moves their reporters' records by the difference.

    A moderator's word stands: a smaller credit never replaces it, unless the word itself is taken
    back (`anew`). Reporters are locked in the order of their ids, so that two numbers settling at
    once cannot wait for each other.
    """
    moved = {
        report: credit
        for report, credit in credits.items()
        if credit != report.credit
        and (anew or not (abs(report.credit) >= trust.MODERATOR_CREDIT > abs(credit)))
    }
    if not moved:
        return
    reporters = {
        reporter.pk: reporter
        for reporter in Reporter.objects.select_for_update(no_key=True)
        .filter(pk__in={report.reporter_id for report in moved})
        .order_by("pk")
    }
    for report, credit in moved.items():
        reporter = reporters[report.reporter_id]
        side = CATEGORIES[report.category].side
        before = reporter.record
        reporter.record = trust.credited(before, side, report.credit, credit, first=report.first)
        # The trust pass finds by itself for what other reports count, but not what rests on them.
        rested, rests = (
            trust.rests_on(record, reporter.pk, tuple(reporter.backers))
            for record in (before, reporter.record)
        )
        reporter.moved_seq += rested != rests
        report.credit = credit
    Reporter.objects.bulk_update(reporters.values(), [*RECORD, "moved_seq"])
    Report.objects.bulk_update(moved, ["credit"])


def lock_reporters(*numbers: Number) -> None:
    """Locks all who reported the numbers, for callers that assign credits more than once."""
    reporters = Reporter.objects.filter(reports__number__in=numbers).order_by("pk")
    list(reporters.select_for_update(no_key=True, of=("self",)).values_list("pk"))
