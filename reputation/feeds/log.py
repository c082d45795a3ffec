"""The change log: one row per change of a number's public state, in one order.

Writers append a row without a cursor and commit whenever they do. `sequence` then numbers the
committed rows 1, 2, 3 … under a lock of its own. So only rows that every reader can see have a
cursor; a counter that writers draw from could promise that only if writers waited for each other
(docs/adr; benchmarks/changelog.py). The functions for readers call `sequence` first where needed.

Readers can therefore rely on this: cursors have no gaps and are given in order; the changes of one
number keep their order; and a change written after another was committed comes after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import InternalError, connection, transaction
from psycopg.errors import ReadOnlySqlTransaction

from reputation.feeds.blocks import bucket_of
from reputation.models import Copy, FeedChange, FeedHead, Number, Table
from reputation.scoring import Action, Status

MAX_PAGE = 10_000
# Rows numbered in one transaction. Short ones, so that an interruption loses little of a backlog.
BATCH = 10_000

CHANGES = Table(FeedChange)
COPY = Copy(
    FeedChange,
    shared=(
        "cursor",
        "previous",
        "action",
        "category",
        "status",
        "score",
        "changed_at",
        "campaign",
    ),
    own=("key", "bucket"),
)
COLUMNS = "cursor, key, previous, action, category, status, score, changed_at, campaign"
ENDS = """
    (SELECT coalesce(max(cursor), 0) AS head, coalesce(max(horizon), 0) AS horizon
     FROM reputation_feedhead) ends
"""
# One statement reads one snapshot: the rows agree with the head and horizon read beside them.
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
    """The log cannot list the changes after a cursor. The client must load a snapshot."""

    field = "since"


class CursorTooOld(CursorError):
    """Changes after the cursor were deleted: it lies before the horizon."""


class CursorUnknown(CursorError):
    """The cursor lies ahead of the log: invented, or from before the database was restored."""


class PublicState(NamedTuple):
    """The state of a number in the log; `campaign` only if the number is listed."""

    action: str
    category: str
    status: str
    campaign: str


@dataclass(frozen=True, slots=True)
class Change:
    """The public state of a number from `cursor` on.

    `score` in percent, as of the change. `campaign`: the key of that whose words its reports use,
    of a listed number; mostly empty.
    """

    cursor: int
    number: str
    previous: str
    action: str
    category: str
    status: str
    score: int
    changed_at: datetime
    campaign: str = ""

    @property
    def listed(self) -> bool:
        """Whether the number is on the list from now on."""
        return self.action != Action.ALLOW


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order, and the cursor to continue from. `cursor` < `head`: there are more."""

    changes: list[Change]
    cursor: int
    head: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The last change of each listed number, by key, as of `cursor`. `changes` can be read once."""

    cursor: int
    changes: Iterator[Change]


def public_state(number: Number) -> PublicState:
    """The part of a number whose changes the log records."""
    campaign = "" if number.action == Action.ALLOW else number.told_campaign()
    return PublicState(number.action, number.category, number.status, campaign)


# A number's key, its public state before and after, and its score after.
type Changed = tuple[str, PublicState, PublicState, int]

# Of a new number.
UNTOLD = PublicState(Action.ALLOW.value, "", Status.UNKNOWN.value, "")


def append(before: Sequence[tuple[Number, PublicState]], *, now: datetime) -> None:
    """Appends a change for each locked number whose public state is no longer the one beside it.

    Also for each new number of which there is nothing to tell yet: those who follow the log know
    from it which numbers exist (reputation.lookup.known).

    Call it in the transaction that saves the numbers, with the moment at which it began: then every
    change has exactly one row.
    """
    found = (change(number, state, now=now) for number, state in before)
    CHANGES.insert([each for each in found if each])


def change(number: Number, before: PublicState, *, now: datetime) -> FeedChange | None:
    """The row for a number whose public state was `before`; None if that is what it still is, and
    the number is not new."""
    state = public_state(number)
    if state == before and not (before == UNTOLD and number.created_at == now):
        return None
    return _row((number.key, before, state, number.score), now)


def append_changed(changes: Iterable[Changed], *, now: datetime) -> None:
    """`append` for numbers on record without their objects."""
    CHANGES.insert([_row(each, now) for each in changes if each[1] != each[2]])


def _row(changed: Changed, now: datetime) -> FeedChange:
    key, before, state, score = changed
    return CHANGES.new(
        key=key,
        bucket=bucket_of(key),
        previous=before.action,
        action=state.action,
        category=state.category,
        status=state.status,
        score=score,
        changed_at=now,
        campaign=state.campaign,
    )


def copy(changes: Iterable[tuple[bytes, str]]) -> None:
    """Appends changes of many numbers, as heads of COPY with the numbers' keys."""
    rows = list(changes)
    COPY.write(
        COPY.rows(
            (head for head, _ in rows),
            (key for _, key in rows),
            (bucket_of(key) for _, key in rows),
        )
    )


def sequence() -> int:
    """Gives each committed row its cursor; returns how many. Outside of any transaction only.

    When another process holds the lock, returns at once and leaves the rows to it: the next answer
    has them, and no reader ever waits. On a replica, another process always holds it.
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


# Durable: the lock must end with the numbering. A lock held on by a caller's transaction would
# delay every reader, and could deadlock with the locks on numbers.
@transaction.atomic(durable=True)
def _sequence_batch() -> int:
    FeedHead.objects.bulk_create([FeedHead()], ignore_conflicts=True)
    head = FeedHead.objects.select_for_update(skip_locked=True).first()
    if head is None:
        return 0
    # A statement after the lock sees every row committed before it. Rows committed later have a
    # later turn, whatever their ids. A number's rows have ids in the order of their commits, since
    # the number stays locked until then.
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

    Polling with the page's cursor shows each committed change exactly once (a change that another
    reader is numbering at the moment comes with the next page). Raises CursorTooOld, CursorUnknown.
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
    """Every listed number as of one cursor, equal to a replay of every change up to it.

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
