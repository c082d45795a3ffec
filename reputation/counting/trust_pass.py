"""The trust pass: learns from all reports together whom to believe, and weighs numbers by that.

Three steps. Each may run while reports arrive and beside the others, and may be killed:

  1. `learn_trust` reads all reports, finds the reporters who act as one, learns every reporter's
     record (scoring.learning), writes the records, and stores which numbers moderators should audit
     (scoring.audit).
  2. `mark_moved` makes the numbers due whose reporters' records moved.
  3. `reweigh` takes some numbers that are due: weighs their reports by the present records,
     promotes the numbers to block or ends that, and publishes.

A number is due if it was reported since the pass last read it, or if it is marked (DueNumber),
since the record of one of its reporters moved. Code that writes a record notes the move on the
reporter in the same transaction, and only a marking that began after that clears the note. So a
number that was weighed by a former record is weighed again by the present one, however the steps
interleave and wherever one of them is killed.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from reputation.counting import calibrating, publishing, refolding, words
from reputation.counting.locking import NUMBERS
from reputation.machine import no_collection, pool, side_by_side
from reputation.models import (
    AuditCandidate,
    ClusterFigures,
    Number,
    Prepared,
    Reporter,
    Row,
    array,
    binary_array,
    short_transaction,
    take_turn,
)
from reputation.scoring import (
    ALONE,
    BACKERS,
    FN,
    FP,
    NO_BACKER,
    Floats,
    Ints,
    audit,
    behind,
    clusters_of,
    learn_records,
    moved,
    put_clusters,
    trust,
)

# Rows read, moved reporters whose numbers are marked, and reporters or numbers locked, at a time.
READ: Final = 50_000
NOTED: Final = 500_000
LOCKED: Final = 2_000
# Reports weighed at a time.
SPOKEN: Final = 100_000
# Numbers offered to moderators because their truth would tell most: a week of work.
AUDITED: Final = 100

# Rejected reports do not count, and their reporters keep the debit: a credit below 0 belongs to the
# statement that the number is unwanted, whatever the report said later.
REJECTED = """
SELECT reporter_id, credit < 0, sum(abs(credit)) FROM reputation_report
WHERE status = 'rejected' AND abs(credit) >= %s GROUP BY 1, 2
"""
RECORDS = """
SELECT id, tp, fn, tn, fp, firsts, coalesce(cluster, -1), backers FROM reputation_reporter
WHERE id = ANY(%s)
"""
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
MARKED = Prepared("""
UPDATE reputation_reporter r SET marked_seq = greatest(r.marked_seq, v.seq::int)
FROM (
    SELECT p.id, u.seq FROM reputation_reporter p
    JOIN unnest(%s::bigint[], %s::bigint[]) AS u(id, seq) ON u.id = p.id
    ORDER BY p.id FOR NO KEY UPDATE OF p
) v WHERE r.id = v.id
""")
LOCK = Prepared(
    "SELECT 1 FROM reputation_reporter WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
)
# Credits that were earned while the pass was learning are added to what it learnt.
WRITE = Prepared("""
UPDATE reputation_reporter r SET
    tp = greatest(0, v.tp + r.tp - v.old_tp), fn = greatest(0, v.fn + r.fn - v.old_fn),
    tn = greatest(0, v.tn + r.tn - v.old_tn), fp = greatest(0, v.fp + r.fp - v.old_fp),
    firsts = greatest(0, v.firsts + r.firsts - v.old_firsts), cluster = nullif(v.cluster, -1),
    backers = array_remove(ARRAY[v.backer, v.other], -1), moved_seq = r.moved_seq + v.moved::int
FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[],
    %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::boolean[])
    AS v(id, tp, fn, tn, fp, firsts, old_tp, old_fn, old_tn, old_fp, old_firsts, cluster, backer,
        other, moved)
WHERE r.id = v.id
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

type Progress = Callable[[str, float], None]


class Busy(Exception):
    """Another process is learning; both would change the same records."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """The result of learning: how much was read, whose record moved, and which numbers are
    concerned."""

    reports: int
    reporters: int
    clustered: int
    moved: int
    concerned: int


@dataclass(slots=True)
class Reweighed:
    """The result of reweighing: `changes` counts (action before, action after, why)."""

    numbers: int = 0
    changes: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __iadd__(self, other: "Reweighed") -> "Reweighed":
        self.numbers += other.numbers
        self.changes += other.changes
        return self


def learn_trust(
    *,
    processes: int = 1,
    cluster: str | None = None,
    progress: Progress = lambda _what, _moved: None,
) -> Learnt:
    """Learns all reporters' records and clusters and writes them; makes the numbers concerned due.

    Runs in up to `processes` processes, or on the Ray cluster at the address `cluster`. Raises
    Busy, ShardError.
    """
    with _alone(), words.read(processes=processes, cluster=cluster) as read:
        return _learn(read, progress, processes)


@contextmanager
def _alone() -> Iterator[None]:
    """Keeps other processes from learning; the database ends the lock with the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('ringscore learning'))")
        if not cursor.fetchone()[0]:
            raise Busy("Another process is learning. Try again when it has ended.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('ringscore learning'))")


def _learn(read: words.Words, progress: Progress, processes: int) -> Learnt:
    crew, reporter_ids = read.crew, read.reporter_ids
    if not len(reporter_ids):
        return Learnt(0, 0, 0, 0, 0)
    old, old_clusters, old_backers = _records(reporter_ids)
    clusters = clusters_of(crew, len(reporter_ids))
    for _ in crew.each(put_clusters, crew.share("clusters", clusters)):
        pass
    learnt = learn_records(
        crew,
        _given(reporter_ids),
        progress=lambda turn, farthest: progress(f"round {turn}", farthest),
    )
    records = learnt.records
    cluster_ids = np.where(clusters == ALONE, ALONE, reporter_ids[clusters])
    backers = np.where(learnt.backers == NO_BACKER, NO_BACKER, reporter_ids[learnt.backers])
    now_moved = moved(old, records) | (cluster_ids != old_clusters)
    now_moved |= (backers != old_backers).any(axis=1)
    # Credits moved these records after the numbers were weighed, without a note on the reporter.
    off = list(crew.each(behind, crew.share("records", records), crew.share("moved", now_moved)))
    urgent = audit.most_urgent(crew, learnt, last=read.last, limit=AUDITED)
    # From here on the shards are not used: what can fail there has not failed.
    columns = (reporter_ids, *records, *old, cluster_ids, *backers.T, now_moved)
    side_by_side(
        lambda chunk: _write([binary_array(column[chunk]) for column in columns]),
        _chunks(np.flatnonzero((records != old).any(axis=0) | now_moved), LOCKED),
        at_once=processes,
    )
    _forget_clusters()
    for chunk in _chunks(np.concatenate([numbers for numbers, _ in off]), READ):
        with connection.cursor() as cursor:
            cursor.execute(MARK, [chunk.tolist()])
    mark_moved(processes=processes)
    # Computed without canaries: a number that is never offered could be recognized as one.
    _offer(
        AuditCandidate(number_id=pk, worth=worth, accounts=accounts)
        for pk, worth, accounts in urgent
    )
    return Learnt(
        reports=read.live,
        reporters=len(reporter_ids),
        clustered=int((clusters != ALONE).sum()),
        moved=int(now_moved.sum()),
        concerned=sum(count for _, count in off),
    )


@transaction.atomic
def _forget_clusters() -> None:
    """Deletes the counts by cluster, since clusters changed: moderation.figures counts them
    anew."""
    take_turn("figures")
    ClusterFigures.objects.all().delete()


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
    return [some for part in np.split(found[:, 0], cuts) for some in _chunks(part, LOCKED)]


def mark_moved(*, processes: int = 1) -> None:
    """Makes due the numbers of all reporters whose records moved since the last call.

    A report that is filed after the numbers were listed makes its number due by itself.
    """
    moved = Reporter.objects.filter(marked_seq__lt=F("moved_seq")).order_by("pk")
    notes = np.array(list(moved.values_list("pk", "moved_seq")), np.int64).reshape(-1, 2)
    for some in _chunks(notes, NOTED):
        MARK_THEIRS.run(binary_array(some[:, 0]))
        side_by_side(_clear, _chunks(some, LOCKED), at_once=processes)


def _clear(notes: Ints) -> None:
    MARKED.run(*map(binary_array, notes.T))


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


def _records(reporter_ids: Ints) -> tuple[Floats, Ints, Ints]:
    """The stored records, clusters and backers, in the order of `reporter_ids`."""
    records = np.zeros((5, len(reporter_ids)))
    clusters = np.full(len(reporter_ids), ALONE, np.int64)
    backers = np.full((len(reporter_ids), BACKERS), NO_BACKER, np.int64)
    for start in range(0, len(reporter_ids), READ):
        with connection.cursor() as cursor:
            cursor.execute(RECORDS, [reporter_ids[start : start + READ].tolist()])
            rows = cursor.fetchall()
        if rows:
            pks, *five, cluster, two = zip(*rows, strict=True)
            places = np.searchsorted(reporter_ids, pks)
            records[:, places] = five
            clusters[places] = cluster
            for place, some in zip(places.tolist(), two, strict=True):
                backers[place, : len(some)] = some
    return records, clusters, backers


def _given(reporter_ids: Ints) -> Floats:
    """The credits of vouching, rejections, and debits from before an erasure, in the order of
    `reporter_ids`."""
    vouched = Reporter.objects.exclude(vouched_at=None).values_list("pk", flat=True)
    given = np.zeros((5, len(reporter_ids)))
    given[:, np.isin(reporter_ids, list(vouched))] = np.array([astuple(trust.VOUCHED)]).T

    def add(row: int, pk: int, debit: float) -> None:
        place = int(np.searchsorted(reporter_ids, pk))
        if place < len(reporter_ids) and reporter_ids[place] == pk:
            given[row, place] += debit

    with connection.cursor() as cursor:
        cursor.execute(REJECTED, [trust.MODERATOR_CREDIT])
        for pk, unwanted, debit in cursor.fetchall():
            add(FP if unwanted else FN, pk, debit)
    for pk, fp, fn in Reporter.objects.exclude(kept_fp=0.0, kept_fn=0.0).values_list(
        "pk", "kept_fp", "kept_fn"
    ):
        add(FP, pk, fp)
        add(FN, pk, fn)
    return given


def _write(columns: Sequence[bytes]) -> None:
    """Writes records, as the columns of WRITE, in one short transaction. Locks reporters in the
    order of their ids, as settling does, so that they cannot wait for each other."""
    with short_transaction():
        LOCK.run(columns[0])
        WRITE.run(*columns)


@transaction.atomic
def _offer(candidates: Iterable[AuditCandidate]) -> None:
    """Replaces the candidates for audits of the pass before by these."""
    kept = AuditCandidate.objects.bulk_create(
        candidates,
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["worth", "accounts"],
    )
    AuditCandidate.objects.exclude(pk__in=[each.pk for each in kept]).delete()


def _chunks(values: Ints, size: int) -> list[Ints]:
    return [values[start : start + size] for start in range(0, len(values), size)]
