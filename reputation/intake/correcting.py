"""Handles messages that correct the number of an earlier one: takes the wrong number's report
back."""

from collections.abc import Iterable
from datetime import timedelta

from reputation.intake import replies
from reputation.intake.working import Status, Work
from reputation.models import IntakeMessage, Report
from reputation.reports import withdraw_report

LAST_WITHIN = timedelta(hours=24)  # what UNDO without a number takes back, and a correction
_SLIPPED = 2  # digits at most that a correction changes: one mistyped, or two exchanged


def last_report(work: Work) -> Report | None:
    """The sender's last report of a day, unless they withdrew it."""
    own = Report.objects.not_withdrawn().filter(reporter=work.known().reporter_id)
    last = (
        IntakeMessage.objects.filter(
            sender=work.sender,
            status=Status.REPORTED,
            received_at__gt=work.now - LAST_WITHIN,
            report__in=own,
        )
        .exclude(pk=work.message.pk)
        .select_related("report__number")
        .order_by("-received_at", "-id")
        .first()
    )
    return last.report if last is not None else None


def take_back_wrong(work: Work) -> str:
    """Takes back the sender's reports of the numbers that the message says were wrong; returns what
    the sender is told."""
    told = []
    for report in list(_wrong_ones(work)):
        withdraw_report(reporter=work.reporter(), public_id=report.public_id, now=work.now)
        told.append(replies.undone(report.number))
    return "\n".join(told)


def _wrong_ones(work: Work) -> Iterable[Report]:
    corrects, right = work.reading.corrects, work.reading.number
    if corrects is None or right is None:
        return []
    if corrects:
        return filter(None, map(work.own_report, corrects))
    last = last_report(work)
    return [last] if last and _is_slip(last.number.key, right.key) else []


def _is_slip(wrong: str, right: str) -> bool:
    """Whether one number can be the other, mistyped."""
    return len(wrong) == len(right) and (
        0 < sum(one != other for one, other in zip(wrong, right, strict=True)) <= _SLIPPED
    )
