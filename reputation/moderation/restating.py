"""Gives all reports of a reporter another status, after a decision about the reporter.

Up to AT_ONCE reports get it within the decision. A gateway may have hundreds of thousands, whose
numbers would all stay locked for as long as that takes: they get it later, AT_ONCE at a time. The
decision itself holds at once: who is blocked reports nothing more.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import batched
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import AuditEntry, Number, PendingReports, Report, ReportQuerySet
from reputation.moderation.recording import DecisionError
from reputation.moderation.reports import give_status
from reputation.reports import hold_with_linked

# All of their numbers stay locked until the last is taken back, which costs more than to file it.
AT_ONCE: Final = 500
# The limit of one run, about a minute of work, so that a gateway's reports do not keep one of the
# worker's two places from other jobs.
STEPS: Final = 50


class StillPending(DecisionError):
    """An earlier decision about the reporter is still being carried out."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The reports of this reporter are still being counted anew after the last decision."
                " Try again in a few minutes."
            )
        )


def hold(reporters: Collection[int], *, undoes: AuditEntry | None = None) -> None:
    """Waits until these reporters report nothing. Raises StillPending.

    `undoes`: the decision that is to be undone, of which nothing more is carried out then; the
    reports that wait keep their status.
    """
    hold_with_linked(reporters)
    if undoes is not None:
        # Reports that an undo leaves for later refer to the entry that it undoes.
        PendingReports.objects.filter(entry__in=[undoes.pk, undoes.undoes_id]).delete()
    if PendingReports.objects.about(reporters).exists():
        raise StillPending


def lock_numbers(reports: ReportQuerySet, *, reporters: Collection[int]) -> list[Number]:
    """Locks the numbers of these reports, all reporters of these numbers, and these reporters, who
    report nothing meanwhile.

    Numbers in the order of their keys, then reporters in the order of their ids, as all code does.
    """
    hold_with_linked(reporters)
    found = reports.order_by().values_list("number_id", flat=True).distinct()
    chosen = (
        Number.objects.filter(pk__in=list(found)).select_for_update(no_key=True).order_by("key")
    )
    numbers = list(chosen)
    counting.lock_reporters(*numbers, others=reporters)
    return numbers


def switch(
    reports: ReportQuerySet, numbers: list[Number], status: Report.Status, *, now: datetime
) -> list[Report]:
    """Gives these reports on locked numbers another status (`give_status`). Returns them.

    Settles no truth, like `reports.restate`.
    """
    changed = list(reports.filter(number__in=numbers).select_related("reporter").order_by("pk"))
    give_status(changed, status, now=now)
    gone = [report for report in changed if report.status == Report.Status.REJECTED]
    back = [report for report in changed if report.status == Report.Status.LIVE]
    counting.revise(*numbers, gone=gone, back=back)
    counting.publish_all(numbers, now=now)
    return changed


def put_off(entry: AuditEntry, reports: Sequence[int], status: Report.Status) -> None:
    """Leaves it to `carry_out` to give these reports another status: LIVE to those that are
    rejected, or REJECTED to live ones. `entry`: the decision about their reporter that is carried
    out or taken back."""
    PendingReports.objects.bulk_create(
        PendingReports(entry=entry, status=status.value, reports=list(some))
        for some in batched(reports, AT_ONCE)
    )


def carry_out(*, now: datetime) -> int:
    """Gives pending reports their status, in STEPS steps at most; returns how many got it.

    Each step is a transaction. May be killed, and may run several times at once.
    """
    total = 0
    for _turn in range(STEPS):
        taken = _step(now)
        if taken is None:
            break
        total += taken
    return total


def newest(reporters: Collection[int]) -> int:
    """The id of what was put off last of these reporters; 0 for nothing."""
    return PendingReports.objects.about(reporters).aggregate(last=Max("pk"))["last"] or 0


def carry_out_about(
    numbers: Collection[Number], *, reporters: Collection[int], after: int, now: datetime
) -> None:
    """As `carry_out`, within a preview, which rolls back: the reports of these reporters on these
    locked numbers that were put off since `newest` was `after`. The reporters' voices are held."""
    about = set(Report.objects.filter(number__in=numbers).values_list("pk", flat=True))
    waiting = PendingReports.objects.about(reporters).select_related("entry").order_by("pk")
    for step in waiting.filter(pk__gt=after, reports__overlap=list(about)):
        _take(step, about.intersection(step.reports), now)


@transaction.atomic
def _step(now: datetime) -> int | None:
    waiting = PendingReports.objects.select_related("entry").order_by("pk")
    step = waiting.first()
    if step is None:
        return None
    hold_with_linked(_reporters(step))
    if not waiting.filter(pk=step.pk).exists():
        return 0  # another worker took it meanwhile, or an undo ended it
    taken = _take(step, step.reports, now)
    step.delete()
    return taken


def _take(step: PendingReports, some: Collection[int], now: datetime) -> int:
    # Those that were withdrawn or decided on by themselves meanwhile are left alone.
    status = Report.Status(step.status)
    was = Report.Status.LIVE if status == Report.Status.REJECTED else Report.Status.REJECTED
    reports = Report.objects.filter(pk__in=some, status=was)
    numbers = lock_numbers(reports, reporters=_reporters(step))
    return len(switch(reports, numbers, status, now=now))


def _reporters(step: PendingReports) -> list[int]:
    return [step.entry.reporter_id] if step.entry.reporter_id else []
