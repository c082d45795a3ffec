"""Reports: filing one, repeating it, withdrawing it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from reputation import counting
from reputation.identity import Identity
from reputation.models import Number, Report, Reporter, ReportRevision, account_age
from reputation.privacy import mask
from reputation.scoring import CATEGORIES, to_days, trust

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
# What a reporter did about their own report, and undoes by repeating it.
TAKEN_BACK = (Report.Status.WITHDRAWN, Report.Status.SETTLED)


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
    outcome = submit_reports(
        reporter=reporter, entries=[(identity, statement)], network=network, now=now
    )[0]
    if isinstance(outcome, ReportError):
        raise outcome
    return outcome


@transaction.atomic
def submit_reports(
    *,
    reporter: Reporter,
    entries: Sequence[tuple[Identity, Statement]],
    network: str,
    now: datetime,
) -> list[Submission | ReportError]:
    """Files many reports of one reporter in one transaction, in the order given.

    One outcome an entry: an entry at fault loses none of the others. Pass some hundred at a time:
    their numbers stay locked until all are counted. Raises ReporterBlocked.
    """
    if reporter.blocked_at is not None:
        raise ReporterBlocked(
            "Reports from this reporter are no longer accepted. Write to the moderators to appeal."
        )
    outcomes: list[Submission | ReportError | None] = [
        _fault(statement, now) for _, statement in entries
    ]
    sound = [place for place, outcome in enumerate(outcomes) if outcome is None]
    numbers = counting.lock_numbers([entries[place][0] for place in sound], now=now)
    # Read under the locks: settlement elsewhere may just have moved the reporter's record.
    reporter = Reporter.objects.get(pk=reporter.pk)
    known = {
        report.number_id: report
        for report in Report.objects.filter(reporter=reporter, number__in=numbers.values())
    }
    for earlier in known.values():
        earlier.reporter = reporter
    fresh: dict[Number, Report] = {}
    for place in sound:
        identity, statement = entries[place]
        number = numbers[identity.key]
        if number in fresh:
            # The same number again: what was said of it before must stand first.
            _count_fresh(fresh, reporter)
            known |= {report.number_id: report for report in fresh.values()}
            fresh = {}
        report = known.get(number.pk)
        if report is None:
            report = fresh[number] = Report(reporter=reporter, number=number, filed_at=now)
            _state(report, statement, reporter, number, network, now)
        else:
            _restate(report, statement, reporter, number, network, now)
        outcomes[place] = Submission(report=report, number=number, created=number in fresh)
    _count_fresh(fresh, reporter)
    counting.settle(numbers.values(), now=now)
    counting.publish_all(numbers.values(), now=now)
    return [outcome for outcome in outcomes if outcome is not None]


def _count_fresh(fresh: Mapping[Number, Report], reporter: Reporter) -> None:
    """Counts first reports of a reporter on numbers, and saves them."""
    contributions = counting.count_voices(
        {number: [report.voice] for number, report in fresh.items()}
    )
    for number, report in fresh.items():
        report.contribution = contributions[number][0]
        _tally(report, number)
    Report.objects.bulk_create(fresh.values())


def _restate(
    report: Report,
    statement: Statement,
    reporter: Reporter,
    number: Number,
    network: str,
    now: datetime,
) -> None:
    """Updates a report that is on record, and counts it anew as the number's latest."""
    before = report.status
    keep_revision(report, "restored" if before in TAKEN_BACK else "updated", now)
    if CATEGORIES[report.category].side != CATEGORIES[statement.category].side:
        # The record keeps what the old opinion earned or cost; the new one starts uncredited.
        report.credit = 0.0
    if before == Report.Status.LIVE:
        counting.refold(number, without=report)
    _state(report, statement, reporter, number, network, now)
    # A moderator's decision outlives a repetition: the new text is kept, and not counted.
    if before not in (Report.Status.REJECTED, Report.Status.MERGED):
        report.status = Report.Status.LIVE.value
        voice = report.voice
        report.contribution = counting.count_voices({number: [voice]})[number][0]
        _tally(report, number)
    report.save()


def _state(
    report: Report,
    statement: Statement,
    reporter: Reporter,
    number: Number,
    network: str,
    now: datetime,
) -> None:
    """Puts a statement into a report, and what it will weigh, as the number's next voice."""
    for name in STATED:
        setattr(report, name, getattr(statement, name))
    report.comment_public = "" if report.hidden else mask(statement.comment)
    number.seq += 1
    report.seq = number.seq
    # A clock that is behind a new holder's first day does not take the report back before it.
    report.counted_at = max(now, number.epoch_at or now)
    report.network = network
    _weigh(report, reporter, number, now)


def withdraw_report(*, reporter: Reporter, public_id: uuid.UUID, now: datetime) -> Report:
    """Takes a report back: it stops counting, and stays for audit. Withdrawing twice is no error.

    Raises ReportNotFound when the reporter made no such report.
    """
    return _take_back(reporter, public_id, Report.Status.WITHDRAWN, now)


def settle_report(*, reporter: Reporter, public_id: uuid.UUID, now: datetime) -> Report:
    """Says that the calls stopped: the report stops counting as live, and stays true.

    What it earned its reporter, and what it says in a complaint, remains. A repetition brings it
    back: they call again. Settling twice is no error. Raises ReportNotFound.
    """
    return _take_back(reporter, public_id, Report.Status.SETTLED, now)


@transaction.atomic
def _take_back(
    reporter: Reporter, public_id: uuid.UUID, status: Report.Status, now: datetime
) -> Report:
    report = find_report(reporter=reporter, public_id=public_id)
    number = Number.objects.select_for_update().get(pk=report.number_id)
    report.refresh_from_db()
    if report.status != Report.Status.LIVE:
        return report
    return drop_report(report, number, status=status, now=now)


def drop_report(report: Report, number: Number, *, status: Report.Status, now: datetime) -> Report:
    """Stops counting a report of a locked number, for the reason that `status` names."""
    keep_revision(report, status.value, now)
    report.status = status.value
    report.save(update_fields=["status"])
    counting.refold(number)
    counting.settle([number], now=now)
    counting.publish(number, now=now)
    return report


def find_report(*, reporter: Reporter, public_id: uuid.UUID) -> Report:
    """The reporter's own report, or one made by a voice that was linked to theirs.

    Somebody else's is as good as none: raises ReportNotFound.
    """
    report = (
        Report.objects.filter(
            Q(reporter=reporter) | Q(reporter__merged_into=reporter), public_id=public_id
        )
        .select_related("number")
        .first()
    )
    if report is None:
        raise ReportNotFound(
            f"You have no report {public_id}. Use the id that filing the report answered."
        )
    return report


def _fault(statement: Statement, now: datetime) -> ReportError | None:
    if statement.occurred_at is None:
        return None
    if statement.occurred_at > now + CLOCK_SKEW:
        return CallInFuture(
            "The call lies in the future. Send the time at which it came, with offset."
        )
    if statement.occurred_at < now - OLDEST_CALL:
        return CallTooOld("The call is more than a year old and says nothing of the number today.")
    return None


def _tally(report: Report, number: Number) -> None:
    number.reports += 1
    number.first_reported_at = min(number.first_reported_at or report.filed_at, report.filed_at)
    number.last_reported_at = max(number.last_reported_at or report.counted_at, report.counted_at)


def _weigh(report: Report, reporter: Reporter, number: Number, now: datetime) -> None:
    record = reporter.record
    side = CATEGORIES[report.category].side
    report.weight = trust.weight(record, side) * trust.provenance(
        report.attestation, report.was_warned
    )
    age = account_age(reporter.created_at, reporter.vouched_at, report.counted_at)
    report.established = trust.is_established(record, age)
    report.first = trust.is_first(number.evidence, side, to_days(report.counted_at))


def keep_revision(report: Report, change: str, now: datetime) -> None:
    """Keeps what a report says before it is changed; `change` says into what."""
    content: dict[str, Any] = {name: getattr(report, name) for name in STATED}
    content["occurred_at"] = report.occurred_at and report.occurred_at.isoformat()
    content["status"] = report.status
    content["counted_at"] = report.counted_at.isoformat()
    ReportRevision.objects.create(report=report, content=content, change=change, at=now)
