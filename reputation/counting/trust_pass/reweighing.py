"""Steps 2 and 3 of the trust pass: marks the numbers that are due, and weighs their reports."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from reputation.counting import calibrating, publishing, refolding
from reputation.counting.locking import NUMBERS
from reputation.machine import no_collection, pool, side_by_side
from reputation.models import Number, Prepared, Reporter, Row, array, binary_array
from reputation.scoring import Ints

# Moved reporters whose numbers are marked, and reporters or numbers locked, at a time.
NOTED: Final = 500_000
LOCKED: Final = 2_000
# Reports weighed at a time.
SPOKEN: Final = 100_000

# If a mark exists that another transaction is about to delete, which may have read former records,
# the statement waits for it and marks the number anew.
MARK = """
INSERT INTO reputation_duenumber (number_id)
SELECT unnest(%s::bigint[]) ORDER BY 1 ON CONFLICT DO NOTHING
"""
# Withdrawn reports mark their numbers too: an index alone tells which numbers a reporter reported.
MARK_THEIRS = Prepared("""
INSERT INTO reputation_duenumber (number_id)
SELECT DISTINCT number_id FROM reputation_report WHERE reporter_id = ANY(%s::bigint[])
ORDER BY 1 ON CONFLICT DO NOTHING
""")
# Clears the notes of reporters whose numbers are marked, up to the move that the marking saw.
CLEAR_NOTES = Prepared("""
UPDATE reputation_reporter r SET marked_seq = greatest(r.marked_seq, v.seq::int)
FROM (
    SELECT p.id, u.seq FROM reputation_reporter p
    JOIN unnest(%s::bigint[], %s::bigint[]) AS u(id, seq) ON u.id = p.id
    ORDER BY p.id FOR NO KEY UPDATE OF p
) v WHERE r.id = v.id
""")

# Marks, and numbers that are due without one, without those that others have locked: some, or those
# of a list. Callers that take many use lists, since a search for the first ones passes over all
# marks that were deleted lately.
_MARKED = (
    f"SELECT {NUMBERS.columns('n')} FROM reputation_duenumber d"  # noqa: S608 -- constants
    " JOIN reputation_number n ON n.id = d.number_id {} ORDER BY d.number_id {}"
    " FOR UPDATE OF d SKIP LOCKED FOR NO KEY UPDATE OF n SKIP LOCKED"
)
MARKED_NUMBERS = Prepared(_MARKED.format("", "LIMIT %s::integer"))
MARKED_AMONG = Prepared(_MARKED.format("WHERE d.number_id = ANY(%s::bigint[])", ""))
UNREAD = Prepared(
    f"SELECT {NUMBERS.columns('n')} FROM reputation_number n WHERE trust_seq < seq"  # noqa: S608 -- constants
    " ORDER BY key LIMIT %s::integer FOR NO KEY UPDATE SKIP LOCKED"
)
UNREAD_AMONG = Prepared(
    f"SELECT {NUMBERS.columns('n')} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE trust_seq < seq AND id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)
# Another process may just have taken the mark of a number that had become due by itself, and passed
# over the number: neither waits for the other, and the number is weighed once more.
UNMARK = Prepared(
    "DELETE FROM reputation_duenumber WHERE number_id IN (SELECT number_id"
    " FROM reputation_duenumber WHERE number_id = ANY(%s::bigint[]) FOR UPDATE SKIP LOCKED)"
)
# Unordered, and with duplicates: PostgreSQL estimates that a third of all numbers is due, and to
# avoid sorting these would read all numbers in the order of their ids.
DUE_REPORTS = """
SELECT id, reports FROM reputation_number WHERE trust_seq < seq
UNION ALL SELECT n.id, n.reports FROM reputation_duenumber d
JOIN reputation_number n ON n.id = d.number_id
"""


@dataclass(slots=True)
class Reweighed:
    """The result of reweighing: `changes` counts (action before, action after, why)."""

    numbers: int = 0
    changes: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __iadd__(self, other: "Reweighed") -> "Reweighed":
        self.numbers += other.numbers
        self.changes += other.changes
        return self


def due() -> int:
    """How many numbers wait to be reweighed."""
    return len(_due_reports())


def _due_reports() -> Ints:
    """The ids of due numbers, ascending, each with its number of reports."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        with connection.cursor() as setting:
            setting.execute("SET LOCAL enable_seqscan = off")  # use the index of due numbers
        cursor.execute(DUE_REPORTS)
        found = np.fromiter(chain.from_iterable(cursor), np.int64).reshape(-1, 2)
    return found[np.unique(found[:, 0], return_index=True)[1]]


def _due() -> list[Ints]:
    """The ids of due numbers, ascending, in lists for one transaction each: at most LOCKED numbers,
    and about SPOKEN reports."""
    found = _due_reports()
    last = np.cumsum(found[:, 1]) // SPOKEN
    cuts = np.flatnonzero(np.diff(last)) + 1
    return [some for part in np.split(found[:, 0], cuts) for some in chunks(part, LOCKED)]


def mark_moved(*, processes: int = 1) -> None:
    """Makes due the numbers of all reporters whose records moved since the last call.

    A report that is filed after the numbers were listed makes its number due by itself.
    """
    moved = Reporter.objects.filter(marked_seq__lt=F("moved_seq")).order_by("pk")
    notes = np.array(list(moved.values_list("pk", "moved_seq")), np.int64).reshape(-1, 2)
    for some in chunks(notes, NOTED):
        MARK_THEIRS.run(binary_array(some[:, 0]))
        side_by_side(_clear_notes, chunks(some, LOCKED), at_once=processes)


def _clear_notes(notes: Ints) -> None:
    CLEAR_NOTES.run(*map(binary_array, notes.T))


@transaction.atomic
def reweigh(*, limit: int = LOCKED, among: Ints | None = None, now: datetime) -> Reweighed:
    """Reweighs up to `limit` numbers that are due, or those in `among`, a list of ids, in one
    transaction; returns 0 numbers if none is left.

    Numbers that another transaction has locked are left for the next call.
    """
    numbers = _locked_due(limit) if among is None else _locked_among(among)
    before = [(number.action, number.promoted) for number in numbers]
    refolding.refold_all(numbers, reweigh=True)
    publishing.publish_all(numbers, now=now, changed=refolding.REWEIGHED)
    done = Reweighed(numbers=len(numbers))
    for number, (action, promoted) in zip(numbers, before, strict=True):
        if number.action != action:
            done.changes[action, number.action, _why(number, promoted)] += 1
    return done


def _locked_due(limit: int) -> list[Number]:
    """Locks due numbers, and deletes their marks: records are read after that."""
    rows = MARKED_NUMBERS.all(str(limit))
    if len(rows) < limit:
        rows += UNREAD.all(str(limit - len(rows)))
    return _unmarked(rows)


def _locked_among(ids: Ints) -> list[Number]:
    """`_locked_due` for the numbers with these ids."""
    rows = MARKED_AMONG.all(array(ids.tolist()))
    if len(rows) < len(ids):
        rows += UNREAD_AMONG.all(array(set(ids.tolist()).difference(row[0] for row in rows)))
    return _unmarked(rows)


def _unmarked(rows: Iterable[Row]) -> list[Number]:
    numbers = {number.pk: number for number in map(NUMBERS.load, rows)}
    UNMARK.run(array(numbers))
    return list(numbers.values())


def reweigh_due(
    *, processes: int = 1, progress: Callable[[int], object] = lambda _numbers: None
) -> Reweighed:
    """Marks and reweighs all due numbers, in transactions of LOCKED numbers; calls `progress` with
    the count of each.

    Runs in up to `processes` processes, if there is enough work.
    """
    mark_moved(processes=processes)
    total, lists = Reweighed(), deque(_due())

    def count(done: Reweighed) -> int:
        nonlocal total
        total += done
        progress(done.numbers)
        return done.numbers

    if processes > 1 and len(lists) > 1:
        # This process works too, since starting another one takes seconds.
        with pool(min(processes, len(lists)) - 1) as helpers:
            begun = deque((some, helpers.submit(_reweigh_some, some)) for some in lists)
            lists.clear()
            while begun:
                some, helped = begun.pop()
                count(_reweigh_some(some) if helped.cancel() else helped.result())
                while begun and begun[0][1].done():
                    count(begun.popleft()[1].result())
    while lists:
        count(_reweigh_some(lists.popleft()))
    while count(_reweigh_some()):  # numbers that have become due since
        pass
    return total


def _reweigh_some(among: Ints | None = None) -> Reweighed:
    calibrating.load()  # this process may serve no requests, and then has loaded none yet
    with no_collection():
        return reweigh(among=among, now=timezone.now())


def _why(number: Number, promoted: bool) -> str:
    if number.promoted and not promoted:
        return "promoted"
    if promoted and not number.promoted:
        return "no longer promoted"
    return "reweighed"


def chunks(values: Ints, size: int) -> list[Ints]:
    return [values[start : start + size] for start in range(0, len(values), size)]
