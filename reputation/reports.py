"""Reports: filing one, repeating it, withdrawing it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from reputation import folding
from reputation.clock import to_days
from reputation.identity import Identity
from reputation.masking import mask
from reputation.models import Number, Report, Reporter, ReportRevision
from reputation.scoring import trust
from reputation.scoring.categories import CATEGORIES

# A clock that runs ahead a little is not a lie; a call next week is.
CLOCK_SKEW = timedelta(minutes=10)
OLDEST_CALL = timedelta(days=366)


class ReportError(Exception):
    """A report was not accepted. `field` names the part of the statement at fault, or is empty."""

    field = ""


class ReporterBlocked(ReportError):
    """The reporter may no longer report."""


class CallInFuture(ReportError):
    field = "occurred_at"


class CallTooOld(ReportError):
    field = "occurred_at"


class ReportNotFound(ReportError):
    """No such report by this reporter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a reporter says about one number. Shapes are checked by the caller, meaning here."""

    category: str
    occurred_at: datetime | None = None
    conduct: list[str] = field(default_factory=list)
    comment: str = ""
    attestation: str = ""
    callback_number: str = ""
    claimed_name: str = ""
    call_count: int = 1
    was_warned: bool = False
    channel: str = Report.Channel.CALL.value


@dataclass(frozen=True, slots=True)
class Submission:
    report: Report
    number: Number
    created: bool


STATED = tuple(Statement.__dataclass_fields__)


@transaction.atomic
def submit_report(
    *,
    reporter: Reporter,
    identity: Identity,
    statement: Statement,
    network: str,
    now: datetime,
) -> Submission:
    """Files a report, or updates the one that this reporter already made about the number.

    `network` is the pseudonym of where it came from. The number's evidence, settlement and public
    answer follow in the same transaction. Raises ReportError.
    """
    _check(reporter, statement, now)
    number = folding.lock_number(identity, now=now)
    # Read under the lock: settlement elsewhere may just have moved the reporter's record.
    reporter = Reporter.objects.get(pk=reporter.pk)
    report = Report.objects.filter(reporter=reporter, number=number).first()
    before = None if report is None else report.status
    if report is None:
        report = Report(reporter=reporter, number=number, filed_at=now)
    else:
        _keep_revision(report, "restored" if before == Report.Status.WITHDRAWN else "updated", now)
        if CATEGORIES[report.category].side != CATEGORIES[statement.category].side:
            # The record keeps what the old opinion earned or cost; the new one starts uncredited.
            report.credit = 0.0
        if before == Report.Status.LIVE:
            folding.refold(number, without=report)
    for name in STATED:
        setattr(report, name, getattr(statement, name))
    report.comment_public = mask(statement.comment)
    number.seq += 1
    report.seq = number.seq
    # A clock that is behind a new holder's first day does not take the report back before it.
    report.counted_at = max(now, number.epoch_at or now)
    report.network = network
    _weigh(report, reporter, number, now)
    # A moderator's rejection outlives a repetition: the new text is kept, and not counted.
    if before != Report.Status.REJECTED:
        report.status = Report.Status.LIVE.value
        _count(report, reporter, number)
    report.save()
    folding.settle(number, now=now)
    folding.publish(number, now=now)
    return Submission(report=report, number=number, created=before is None)


@transaction.atomic
def withdraw_report(*, reporter: Reporter, public_id: uuid.UUID, now: datetime) -> Report:
    """Takes a report back: it stops counting, and stays for audit. Withdrawing twice is no error.

    Raises ReportNotFound when the reporter made no such report.
    """
    report = find_report(reporter=reporter, public_id=public_id)
    number = Number.objects.select_for_update().get(pk=report.number_id)
    report.refresh_from_db()
    if report.status != Report.Status.LIVE:
        return report
    return drop_report(report, number, status=Report.Status.WITHDRAWN, now=now)


def drop_report(report: Report, number: Number, *, status: Report.Status, now: datetime) -> Report:
    """Stops counting a report of a locked number, as withdrawn or rejected."""
    _keep_revision(report, status.value, now)
    report.status = status.value
    report.save(update_fields=["status"])
    folding.refold(number)
    folding.settle(number, now=now)
    folding.publish(number, now=now)
    return report


def find_report(*, reporter: Reporter, public_id: uuid.UUID) -> Report:
    """The reporter's own report. Somebody else's is as good as none: raises ReportNotFound."""
    report = (
        Report.objects.filter(reporter=reporter, public_id=public_id)
        .select_related("number")
        .first()
    )
    if report is None:
        raise ReportNotFound(
            f"You have no report {public_id}. Use the id that filing the report answered."
        )
    return report


def _check(reporter: Reporter, statement: Statement, now: datetime) -> None:
    if reporter.blocked_at is not None:
        raise ReporterBlocked(
            "Reports from this reporter are no longer accepted. Write to the moderators to appeal."
        )
    if statement.occurred_at is None:
        return
    if statement.occurred_at > now + CLOCK_SKEW:
        raise CallInFuture(
            "The call lies in the future. Send the time at which it came, with offset."
        )
    if statement.occurred_at < now - OLDEST_CALL:
        raise CallTooOld("The call is more than a year old and says nothing of the number today.")


def _count(report: Report, reporter: Reporter, number: Number) -> None:
    report.contribution = folding.count_voice(number, folding.report_voice(report, reporter))
    number.reports += 1
    number.first_reported_at = min(number.first_reported_at or report.filed_at, report.filed_at)
    number.last_reported_at = max(number.last_reported_at or report.counted_at, report.counted_at)


def _weigh(report: Report, reporter: Reporter, number: Number, now: datetime) -> None:
    record = folding.record_of(reporter)
    side = CATEGORIES[report.category].side
    report.weight = trust.weight(record, side) * trust.provenance(
        report.attestation, report.was_warned
    )
    age = to_days(now) - to_days(reporter.created_at)
    report.established = trust.is_established(record, age)
    report.first = trust.is_first(folding.evidence_of(number), side, to_days(report.counted_at))


def _keep_revision(report: Report, change: str, now: datetime) -> None:
    content: dict[str, Any] = {name: getattr(report, name) for name in STATED}
    content["occurred_at"] = report.occurred_at and report.occurred_at.isoformat()
    content["status"] = report.status
    content["counted_at"] = report.counted_at.isoformat()
    ReportRevision.objects.create(report=report, content=content, change=change, at=now)
