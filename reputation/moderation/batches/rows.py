"""The rows of a batch: which are decided together, and which numbers they concern."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth.models import User

from reputation.models import AuditEntry, DecisionBatch, Number, Report, Reporter
from reputation.moderation import queue, rollback

# The most rows that one person can have looked at and a page can list.
MOST = 1_000
# The limit is higher for decisions to be taken back, since nobody looks at each: the preview names
# those that cannot be taken back.
MOST_ENTRIES = 20_000

Subject = DecisionBatch.Subject

QUERYSETS: dict[str, Any] = {
    Subject.NUMBER: Number.objects.order_by("key"),
    # Sorted by number, so that a number's reports are together, and numbers in the order of
    # locking.
    Subject.REPORT: Report.objects.select_related("number").order_by("number__key", "id"),
    Subject.REPORTER: Reporter.objects.order_by("id"),
    # Newest first: what rests on another decision is undone before it.
    Subject.ENTRY: AuditEntry.objects.select_related("number", "undoes").order_by("-id"),
}


def most(subject: str) -> int:
    """The most rows that a batch about this subject may have."""
    return MOST_ENTRIES if subject == Subject.ENTRY else MOST


def grouped(subject: str, targets: Sequence[int]) -> list[list[Any]]:
    """Groups the rows, in the order of `targets`, that must be decided together: the reports of one
    number, and all reporters, since a brigade is many accounts on the same numbers."""
    rows = {row.pk: row for row in QUERYSETS[subject].filter(pk__in=targets)}
    ordered = [rows[pk] for pk in targets if pk in rows]
    if subject in (Subject.NUMBER, Subject.ENTRY):
        return [[row] for row in ordered]
    if subject == Subject.REPORTER:
        return [ordered] if ordered else []
    return [list(group) for _key, group in groupby(ordered, key=lambda row: row.number_id)]


def held_by_others(
    verb: str, rows: Sequence[Any], *, actors: Sequence[User | None], now: datetime
) -> set[int]:
    """The ids of the rows that another moderator has; anybody may hold a number at flag."""
    if verb == "hold_number":
        return set()
    return set(queue.taken_by_others(actors=actors, subjects=rows, now=now))


def numbers_of(subject: str, targets: Iterable[int]) -> set[int]:
    """The ids of the numbers whose answers a decision on these rows may change."""
    rows = QUERYSETS[subject].filter(pk__in=set(targets))
    if subject == Subject.ENTRY:
        return rollback.numbers_of_undoing(rows)
    return set(rows_by_number(subject, [list(rows)]))


def rows_by_number(subject: str, groups: Sequence[Sequence[Any]]) -> dict[int, int]:
    """How many of the rows concern each number, by the number's id."""
    rows = [row for group in groups for row in group]
    if subject == Subject.NUMBER:
        return {number.pk: 1 for number in rows}
    if subject == Subject.REPORT:
        return Counter(report.number_id for report in rows)
    reports = Report.objects.live().filter(reporter__in=rows)
    return Counter(reports.order_by().values_list("number_id", flat=True))
