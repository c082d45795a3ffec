"""The change log: one row per change of what the public is told of a number, in one order.

Writers append a row without a cursor and commit whenever they do. `sequence` then numbers the
committed rows 1, 2, 3 … under a lock of its own. So a cursor is given only to rows that everybody
can see, which no counter that writers draw from can promise without making them wait for each other
(docs/adr; benchmarks/changelog.py). Readers of these functions sequence first, when there is need.

What follows for a reader: cursors have no gap and are never given out of order; the changes of one
number keep their order; and a change written after another had committed comes after it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InternalError, connection, transaction
from psycopg.errors import ReadOnlySqlTransaction

from reputation.feeds.blocks import bucket_of
from reputation.models import FeedChange, FeedHead, Number
from reputation.scoring import Action

MAX_PAGE = 10_000
# Rows numbered in one transaction: short ones, so that a long backlog is not lost when it is cut.
BATCH = 10_000

COLUMNS = "cursor, key, previous, action, category, status, score, changed_at"
ENDS = """
    (SELECT coalesce(max(cursor), 0) AS head, coalesce(max(horizon), 0) AS horizon
     FROM reputation_feedhead) ends
"""
# One statement is one snapshot: what is read agrees with the ends it was read between.
SINCE = f"""
    SELECT head, horizon, changes.* FROM {ENDS} LEFT JOIN LATERAL (
        SELECT {COLUMNS} FROM reputation_feedchange
        WHERE cursor > %s ORDER BY cursor LIMIT %s
    ) changes ON true ORDER BY cursor
"""  # noqa: S608 -- constants
SNAPSHOT = f"""
    SELECT head, listed.* FROM {ENDS} LEFT JOIN (
        SELECT DISTINCT ON (key) {COLUMNS} FROM reputation_feedchange
        WHERE cursor IS NOT NULL ORDER BY key, cursor DESC
    ) listed ON action <> '{Action.ALLOW.value}' ORDER BY key
"""  # noqa: S608 -- constants
NUMBER_THEM = """
    UPDATE reputation_feedchange SET cursor = %s + fresh.place
    FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS place FROM (
            SELECT id FROM reputation_feedchange WHERE cursor IS NULL ORDER BY id LIMIT %s
        ) committed
    ) fresh
    WHERE reputation_feedchange.id = fresh.id
"""


class CursorError(Exception):
    """The changes after a cursor cannot be told: begin anew with a snapshot."""

    field = "since"


class CursorTooOld(CursorError):
    """Some changes after the cursor are gone: it lies before the horizon."""


class CursorUnknown(CursorError):
    """The cursor lies ahead of the log. It was never given, or by a database since restored."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the public is told of a number from `cursor` on. `score` in percent, at that moment."""

    cursor: int
    number: str
    previous: str
    action: str
    category: str
    status: str
    score: int
    changed_at: datetime

    @property
    def listed(self) -> bool:
        """Whether the number is on the list from now on."""
        return self.action != Action.ALLOW

    @property
    def removal(self) -> bool:
        """Whether this takes the number off the list: the tombstone.

        A change that is neither `listed` nor this concerns a number that was not listed and is
        not: a first report, say. Nobody outside has any use for it, so feeds must not show it.
        """
        return not self.listed and self.previous != Action.ALLOW


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order, and the cursor to go on from. There are more while it is before `head`."""

    changes: list[Change]
    cursor: int
    head: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Each listed number's last change, by key, as of `cursor`. `changes` can be read once."""

    cursor: int
    changes: Iterator[Change]


def public_state(number: Number) -> tuple[str, str, str]:
    """What the log records changes of."""
    return number.action, number.category, number.status


def append(before: Mapping[Number, tuple[str, str, str]], *, now: datetime) -> None:
    """Records which of the locked numbers are no longer in the public state `before`.

    In the transaction that saves the numbers: then there is a row exactly when there is a change.
    """
    FeedChange.objects.bulk_create(
        [
            FeedChange(
                key=number.key,
                bucket=bucket_of(number.key),
                previous=state[0],
                action=number.action,
                category=number.category,
                status=number.status,
                score=number.score,
                changed_at=now,
            )
            for number, state in before.items()
            if public_state(number) != state
        ]
    )


def sequence() -> int:
    """Gives each committed row its cursor; returns how many. Outside of any transaction only.

    If somebody else is at it, leaves it to them and returns at once: what they are about to number
    is then in the next answer, and no reader ever waits. On a replica it is always somebody else.
    """
    total = 0
    while FeedChange.objects.filter(cursor=None).exists():
        try:
            numbered = _sequence_batch()
        except InternalError as error:
            if isinstance(error.__cause__, ReadOnlySqlTransaction):
                return 0
            raise
        total += numbered
        if numbered < BATCH:
            break
    return total


# Durable: the lock must end with the numbering. Held on by a caller's transaction, it would delay
# every reader, and could wait in a circle with the locks on numbers.
@transaction.atomic(durable=True)
def _sequence_batch() -> int:
    FeedHead.objects.bulk_create([FeedHead()], ignore_conflicts=True)
    head = FeedHead.objects.select_for_update(skip_locked=True).first()
    if head is None:
        return 0
    # A statement after the lock sees all that was committed before it. What commits later has a
    # later turn, whatever its id; a number's rows have ids in the order of its commits, since the
    # number stays locked until then.
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_THEM, [head.cursor, BATCH])
        numbered: int = cursor.rowcount
    head.cursor += numbered
    head.save(update_fields=["cursor"])
    return numbered


def head() -> int:
    """The last cursor; 0 when nothing ever changed."""
    sequence()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT head FROM {ENDS}")  # noqa: S608 -- constants
        (last,) = cursor.fetchone()
    return int(last)


def changes_since(cursor: int, *, limit: int = 1000) -> Page:
    """The changes after `cursor`, oldest first, at most `limit` (1 to MAX_PAGE) of them.

    Polling with the page's cursor shows each committed change exactly once (one that another reader
    is just numbering, in the next page). Raises CursorTooOld, CursorUnknown.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"limit must be 1 to {MAX_PAGE}, got {limit}")
    sequence()
    with connection.cursor() as sql:
        sql.execute(SINCE, [cursor, limit])
        rows = sql.fetchall()
    last, horizon = rows[0][:2]
    if cursor > last or cursor < 0:
        raise CursorUnknown(
            f"The cursor {cursor} is not one of ours: the last is {last}. Take a snapshot."
        )
    if cursor < horizon:
        raise CursorTooOld(
            f"Changes before {horizon} are gone, and {cursor} lies before. Take a snapshot."
        )
    changes = [Change(*row[2:]) for row in rows if row[2] is not None]
    return Page(changes=changes, cursor=changes[-1].cursor if changes else cursor, head=last)


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """All that is listed, as of one cursor: what replaying every change up to it arrives at.

    A context manager, so that a million numbers can be streamed from the database.
    """
    sequence()
    with transaction.atomic(), connection.chunked_cursor() as sql:
        sql.execute(SNAPSHOT)
        first = sql.fetchone()
        yield Snapshot(cursor=first[0], changes=_listed(first, sql))


def _listed(first: tuple[Any, ...], rest: Iterator[tuple[Any, ...]]) -> Iterator[Change]:
    if first[1] is not None:
        yield Change(*first[1:])
    for row in rest:
        yield Change(*row[1:])
