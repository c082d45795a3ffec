"""Imports a call log: reports its callers, and adds their calls to the log of each report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reputation.identity import Identity
from reputation.models import Report, Reporter
from reputation.reports.call_logs import FoundCall
from reputation.reports.diary import NotedCall, log_calls
from reputation.reports.filing import OLDEST_CALL, ReportError, Statement, submit_reports


@dataclass(slots=True, kw_only=True)
class Caller:
    """The calls from one number in a call log, the earliest first.

    `report` is the reporter's own about the number. Without one, `category` says what it was.
    """

    identity: Identity
    calls: Sequence[FoundCall]
    report: Report | None = None
    category: str = ""


@transaction.atomic
def import_calls(
    *, reporter: Reporter, callers: Sequence[Caller], network: str, now: datetime
) -> tuple[list[Report], int]:
    """Reports the callers that have no report yet, and adds the calls of all to their logs.

    Returns the callers' reports in order, and how many calls were new. Raises ReportError; then
    nothing is kept.
    """
    new = [each for each in callers if each.report is None]
    outcomes = submit_reports(
        reporter=reporter,
        entries=[(each.identity, _statement(each, now)) for each in new],
        network=network,
        now=now,
    )
    filed: dict[str, Report] = {}
    for each, outcome in zip(new, outcomes, strict=True):
        if isinstance(outcome, ReportError):
            raise outcome
        filed[each.identity.key] = outcome.report
    reports = [each.report or filed[each.identity.key] for each in callers]
    added = 0
    for report, each in zip(reports, callers, strict=True):
        calls = [
            NotedCall(at=call.at, channel=call.channel, seconds=call.seconds) for call in each.calls
        ]
        added += log_calls(
            reporter=reporter, public_id=report.public_id, calls=calls, imported=True, now=now
        )
    return reports, added


def _statement(caller: Caller, now: datetime) -> Statement:
    """The statement about a caller from the log: its last call, unless that is too old for a
    report."""
    last = caller.calls[-1]
    return Statement(
        category=caller.category,
        occurred_at=last.at if last.at >= now - OLDEST_CALL else None,
        channel=last.channel,
    )
