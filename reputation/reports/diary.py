"""A reporter's own log of the calls from a number: what they note, and what they import.

Each statement of a report tells of calls too; complaints put both together
(complaints.incidents).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet

from reputation.models import LoggedCall, Report, Reporter, ReportRevision, use_voice
from reputation.privacy import without_controls
from reputation.reports.filing import (
    CLOCK_SKEW,
    CallInFuture,
    CallTooOld,
    ReporterBlocked,
    ReportError,
)
from reputation.reports.own_reports import find_report

MOST_LOGGED = 2000  # of one reporter about one number
# Nobody's log begins before: a year in two digits, or mistyped. In the years of the calendar's ends
# a moment is one here and none in another time zone.
FIRST_CALL = datetime(1970, 1, 1, tzinfo=UTC)


class LogFull(ReportError):
    """The log of this number has as many calls as it can hold."""


class CallKnown(ReportError):
    """The log has another call of this moment."""

    field = "at"


class CallNotFound(ReportError):
    """The report's log has no such call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedCall:
    """A call or message as its receiver notes it. `seconds` None: its length is unknown."""

    at: datetime
    channel: str = Report.Channel.CALL.value
    seconds: int | None = None
    conduct: list[str] = field(default_factory=list)
    words: str = ""


@transaction.atomic
def log_calls(
    *,
    reporter: Reporter,
    public_id: uuid.UUID,
    calls: Sequence[NotedCall],
    imported: bool = False,
    now: datetime,
) -> int:
    """Adds calls to the log of a report; those of a moment that it has already stay as they are.

    `imported`: they come from the log of a phone or a carrier. Returns how many were new. Raises
    CallInFuture, CallTooOld, LogFull, ReporterBlocked, ReportNotFound.
    """
    if reporter.blocked_at is not None:
        raise ReporterBlocked(
            "Calls from this reporter are no longer noted. Write to the moderators to appeal."
        )
    report = _locked(reporter, public_id)
    for call in calls:
        _require_sense(call, now)
    known = set(report.calls.values_list("at", "channel"))
    new: dict[tuple[datetime, str], NotedCall] = {}
    for call in calls:
        if (call.at, call.channel) not in known:
            new.setdefault((call.at, call.channel), call)
    if len(known) + len(new) > MOST_LOGGED:
        raise LogFull(f"The log of a number holds {MOST_LOGGED} calls.")
    LoggedCall.objects.bulk_create(
        LoggedCall(
            report=report,
            at=call.at,
            channel=call.channel,
            seconds=call.seconds,
            conduct=call.conduct,
            words=without_controls(call.words),
            imported=imported,
            noted_at=now,
        )
        for call in new.values()
    )
    return len(new)


@transaction.atomic
def note_call(*, reporter: Reporter, public_id: uuid.UUID, noted: NotedCall, now: datetime) -> None:
    """Adds a call that somebody typed. Sent twice, it is one call.

    Raises CallKnown where the log says something else of that moment, and what `log_calls` raises.
    """
    if log_calls(reporter=reporter, public_id=public_id, calls=[noted], now=now):
        return
    known = _locked(reporter, public_id).calls.get(at=noted.at, channel=noted.channel)
    said = (noted.seconds, noted.conduct, without_controls(noted.words))
    if said != (known.seconds, known.conduct, known.words):
        raise CallKnown("The log has another call of this moment.")


@transaction.atomic
def correct_call(
    *, reporter: Reporter, public_id: uuid.UUID, call: int, noted: NotedCall, now: datetime
) -> LoggedCall:
    """Replaces one call of the log. A call that is changed by hand no longer counts as imported.

    Raises CallInFuture, CallTooOld, CallKnown, CallNotFound, ReportNotFound.
    """
    report = _locked(reporter, public_id)
    found = _call(report, call)
    _require_sense(noted, now)
    same = report.calls.filter(at=noted.at, channel=noted.channel).exclude(pk=found.pk)
    if same.exists():
        raise CallKnown("The log has another call of this moment.")
    if (noted.at, noted.channel) != (found.at, found.channel) or noted.seconds != found.seconds:
        found.imported = False
    for name in ("at", "channel", "seconds", "conduct"):
        setattr(found, name, getattr(noted, name))
    found.words = without_controls(noted.words)
    found.save()
    return found


@transaction.atomic
def remove_call(*, reporter: Reporter, public_id: uuid.UUID, call: int) -> None:
    """Deletes one call from the log. Raises CallNotFound, ReportNotFound."""
    _call(_locked(reporter, public_id), call).delete()


def find_call(*, reporter: Reporter, public_id: uuid.UUID, call: int) -> LoggedCall:
    """One call of the log of the reporter's own report. Raises CallNotFound, ReportNotFound."""
    return _call(find_report(reporter=reporter, public_id=public_id), call)


@transaction.atomic
def disown_statement(*, reporter: Reporter, public_id: uuid.UUID, revision: int) -> None:
    """Marks an earlier statement of the report as a mistake, which its present statement corrects.

    It stays on record and tells of no call any more. Raises CallNotFound, ReportNotFound.
    """
    report = _locked(reporter, public_id)
    changed = earlier_statements([report]).filter(pk=revision).update(change="corrected")
    if not changed:
        raise CallNotFound("The report said nothing else then.")


def earlier_statements(reports: Sequence[Report]) -> QuerySet[ReportRevision]:
    """The earlier statements of the reports that nobody corrected or withdrew, newest first."""
    kept = ReportRevision.objects.filter(report__in=reports, change__in=["updated", "restored"])
    return kept.exclude(content__status=Report.Status.WITHDRAWN.value).order_by("-at", "-id")


def _require_sense(call: NotedCall, now: datetime) -> None:
    """Raises CallInFuture, CallTooOld."""
    if call.at > now + CLOCK_SKEW:
        raise CallInFuture("The call lies in the future. Give the time at which it came.")
    if call.at < FIRST_CALL:
        raise CallTooOld("The call lies before 1970. Give the year in which it came.")


def _locked(reporter: Reporter, public_id: uuid.UUID) -> Report:
    """The report, locked: two imports of one log at once would each add it."""
    use_voice(reporter.pk)
    report = find_report(reporter=reporter, public_id=public_id)
    return Report.objects.select_for_update(no_key=True).get(pk=report.pk)


def _call(report: Report, call: int) -> LoggedCall:
    found = report.calls.filter(pk=call).first()
    if found is None:
        raise CallNotFound("The log has no such call: it may have been removed.")
    return found
