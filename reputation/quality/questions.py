"""The question that a decision answered, for a second moderator who does not know the answer."""

from typing import Final

from reputation.models import AuditEntry

# By what a case is about: the answers, as verbs. `leave` is to decide nothing. Each list holds
# every answer that is drawn, so that the question does not tell which one the first gave.
ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("confirm_number", "clear_number", "mark_spoofed", "leave"),
    "report": ("reject_report", "hide_report", "leave"),
    "reporter": ("block_reporter", "leave"),
    "dispute": ("reject_dispute", "uphold_dispute"),
}
# Pins, the directory and campaigns are for two persons from the start.
REVIEWED: Final = frozenset(verb for answers in ANSWERS.values() for verb in answers)
# Items whose leaving answers one of these questions. A dispute that is left waits on.
LEFT: Final = ("number", "audit", "report", "reporter")


def question_of(entry: AuditEntry) -> str:
    """The kind of the decision: a key of ANSWERS."""
    if entry.verb in ANSWERS["dispute"]:
        return "dispute"
    if entry.report_id is not None:
        return "report"
    return "number" if entry.number_id is not None else "reporter"
