"""The decisions that can be taken on many rows at once."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Unpack

from reputation.models import Report, Reporter
from reputation.moderation import rollback
from reputation.moderation.batches.rows import Subject
from reputation.moderation.numbers import clear_number, confirm_number, hold_number
from reputation.moderation.recording import By
from reputation.moderation.reporters import block_reporters
from reputation.moderation.reports import hide_report, reject_reports

# Takes rows that belong together, and the keywords of a decision.
type Decide = Callable[..., object]


def _each(verb: Callable[..., object], name: str, get: Callable[[Any], Any]) -> Decide:
    def decide(rows: Sequence[Any], **by: Unpack[By]) -> None:
        for row in rows:
            verb(**{name: get(row)}, **by)

    return decide


def _reject(rows: Sequence[Report], **by: Unpack[By]) -> None:
    reject_reports(reports=rows, **by)


def _block(rows: Sequence[Reporter], **by: Unpack[By]) -> None:
    block_reporters(reporters=rows, **by)


# The functions that decide on rows that belong together, by subject and verb.
VERBS: dict[tuple[str, str], Decide] = {
    (Subject.NUMBER, "confirm_number"): _each(confirm_number, "identity", attrgetter("identity")),
    (Subject.NUMBER, "clear_number"): _each(clear_number, "identity", attrgetter("identity")),
    (Subject.NUMBER, "hold_number"): _each(hold_number, "identity", attrgetter("identity")),
    (Subject.REPORT, "reject_report"): _reject,
    (Subject.REPORT, "hide_report"): _each(hide_report, "report", lambda report: report),
    (Subject.REPORTER, "block_reporter"): _block,
    (Subject.ENTRY, "take_back"): rollback.take_back_each,
}
