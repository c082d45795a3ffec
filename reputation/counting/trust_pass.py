"""The trust pass: who can be believed, learnt from all reports together, and what follows from it.

Three steps, each safe to run while reports arrive and beside the others, and to be killed in:

  1. `learn_trust` reads all reports, finds the reporters who move as one, learns everybody's
     record (scoring.learning), writes the records, and stores which numbers moderators should audit
     (scoring.audit).
  2. `mark_moved` makes the numbers due whose reporters' records moved.
  3. `reweigh` takes numbers that are due, some at a time: counts their reports for what the records
     are worth now, promotes to block or takes that back, and publishes.

A number is due when it was reported since the pass last read it, or when the record of one of its
reporters moved. Who writes a record notes the move on the reporter in the same transaction, and
only a marking that began after that clears the note. So a number that was weighed by a record is
weighed again by the next one, however the steps interleave and wherever one of them is killed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from itertools import batched
from typing import Any, Final

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from reputation.counting import calibrating, canaries, publishing, refolding
from reputation.models import AuditCandidate, Number, Report, Reporter
from reputation.processes import pool
from reputation.scoring import (
    ALONE,
    BACKERS,
    CATEGORIES,
    FN,
    FP,
    NO_BACKER,
    TN,
    TP,
    Bools,
    Floats,
    Ints,
    Reports,
    Side,
    anchored,
    audit,
    find_clusters,
    learn,
    to_days,
    trust,
    weights,
)

# A record that moves a report's weight by less than this leaves numbers as they are.
MOVED: Final = 0.02
# Rows read, and reporters or numbers locked, at a time.
READ: Final = 50_000
LOCKED: Final = 2_000
# Numbers that moderators are offered because of what their truth would tell: a week of work.
AUDITED: Final = 100

UNWANTED = sorted(name for name, each in CATEGORIES.items() if each.side is Side.UNWANTED)

# One row a word, in no order: columns of scoring.learning.Reports, and for what a live report
# counts (NaN where the word is gone, and the fold no longer knows it). A word
# that its reporter took back or replaced stands in the report's revisions, with the day on which it
# went. It still teaches: what it earned or cost by then lasts.
REPORTS = """
SELECT s.reporter_id, s.number_id, hashtextextended(s.network, 0), s.category = ANY(%s),
    extract(epoch FROM s.counted_at)::float8 / 86400,
    CASE WHEN p.vouched_at IS NULL
        THEN extract(epoch FROM s.counted_at - p.created_at)::float8 / 86400 ELSE 'infinity' END,
    coalesce(extract(epoch FROM s.gone)::float8 / 86400, 'infinity'), s.stopped,
    s.weight, s.established, s.attestation, s.was_warned
FROM (
    SELECT reporter_id, number_id, network, category, counted_at, attestation, was_warned,
        NULL::timestamptz AS gone, false AS stopped, weight, established
    FROM reputation_report WHERE status = 'live'
    UNION ALL
    SELECT r.reporter_id, r.number_id, r.network, v.content->>'category',
        (v.content->>'counted_at')::timestamptz, v.content->>'attestation',
        (v.content->>'was_warned')::boolean, v.at, v.change = 'settled', 'nan', false
    FROM reputation_reportrevision v JOIN reputation_report r ON r.id = v.report_id
    WHERE v.change IN ('updated', 'withdrawn', 'settled') AND v.content->>'status' = 'live'
) s
JOIN reputation_reporter p ON p.id = s.reporter_id
JOIN reputation_number n ON n.id = s.number_id
WHERE n.epoch_at IS NULL OR s.counted_at >= n.epoch_at
"""
# What moderators rejected does not count, and who said it keeps the debit.
REJECTED = """
SELECT reporter_id, category = ANY(%s), sum(abs(credit)) FROM reputation_report
WHERE status = 'rejected' AND abs(credit) >= %s GROUP BY 1, 2
"""
RECORDS = """
SELECT id, tp, fn, tn, fp, firsts, coalesce(cluster, -1), backers FROM reputation_reporter
WHERE id = ANY(%s)
"""
# Also where a number is due already: a reweighing that began before may be about to clear that, and
# is waited for.
MARK = """
UPDATE reputation_number SET trust_seq = -1 WHERE id IN (
    SELECT id FROM reputation_number WHERE id = ANY(%s) ORDER BY key FOR NO KEY UPDATE
)
"""
MARKED = """
UPDATE reputation_reporter r SET marked_seq = greatest(r.marked_seq, v.seq)
FROM (
    SELECT p.id, u.seq FROM reputation_reporter p
    JOIN unnest(%s::bigint[], %s::int[]) AS u(id, seq) ON u.id = p.id
    ORDER BY p.id FOR NO KEY UPDATE OF p
) v WHERE r.id = v.id
"""
# Credits that were earned while the pass was learning come on top of what it learnt.
WRITE = """
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
"""

# For what a report counts, and whether its reporter counts as established.
type Counted = tuple[Floats, Bools]
type Progress = Callable[[str, float], None]


class Busy(Exception):
    """Another process is learning: its records would be added to these."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of learning: how much was read, whose record moved, whom it concerns."""

    reports: int
    reporters: int
    clustered: int
    moved: int
    concerned: int


@dataclass(slots=True)
class Reweighed:
    """What came of reweighing: `changes` counts (action before, action after, why)."""

    numbers: int = 0
    changes: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __iadd__(self, other: "Reweighed") -> "Reweighed":
        self.numbers += other.numbers
        self.changes += other.changes
        return self


def learn_trust(*, progress: Progress = lambda _what, _moved: None) -> Learnt:
    """Learns all reporters' records and clusters and writes them; numbers concerned become due.

    Raises Busy.
    """
    with _alone():
        return _learn(progress)


@contextmanager
def _alone() -> Iterator[None]:
    """Keeps other processes from learning; the database ends this with the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('ringscore learning'))")
        if not cursor.fetchone()[0]:
            raise Busy("Another process is learning. Try again when it has ended.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('ringscore learning'))")


def _learn(progress: Progress) -> Learnt:
    reports, counted, reporter_ids, number_ids = _read()
    if not len(reports):
        return Learnt(0, 0, 0, 0, 0)
    old, old_clusters, old_backers = _records(reporter_ids)
    clusters = find_clusters(reports)
    together = _put_clusters(reports, clusters)
    truth, decided = _truth(number_ids)
    canary = canaries.among(number_ids)
    learnt = learn(
        together,
        np.where(canary, -1, truth),  # whatever a moderator made of lies about it
        decided=np.where(canary, -np.inf, decided),
        given=_given(reporter_ids),
        progress=lambda turn, moved: progress(f"round {turn}", moved),
    )
    records = learnt.records
    cluster_ids = np.where(clusters == ALONE, ALONE, reporter_ids[clusters])
    backers = np.where(learnt.backers == NO_BACKER, NO_BACKER, reporter_ids[learnt.backers])
    moved = _moved(old, records) | (cluster_ids != old_clusters)
    moved |= (backers != old_backers).any(axis=1)
    for chunk in _chunks(np.flatnonzero((records != old).any(axis=0) | moved)):
        _write(
            reporter_ids[chunk],
            records[:, chunk],
            old[:, chunk],
            cluster_ids[chunk],
            backers[chunk],
            moved[chunk],
        )
    # Credits moved records since the numbers were weighed, of which no reporter has a note.
    behind = _behind(reports, counted, records)
    for chunk in _chunks(number_ids[np.unique(reports.number[behind])]):
        _mark(chunk.tolist())
    mark_moved()
    # Not what canaries taught: a number that is never offered would be known for one.
    worth = audit.urgency(together, truth, learnt)
    best = np.argsort(-worth, kind="stable")[:AUDITED]
    best = best[worth[best] > 0.0]
    _offer(
        AuditCandidate(number_id=pk, worth=value, accounts=count)
        for pk, value, count in zip(
            number_ids[best].tolist(),
            worth[best].tolist(),
            audit.accounts(together, learnt, best),
            strict=True,
        )
    )
    return Learnt(
        reports=int(np.isinf(reports.gone).sum()),
        reporters=len(reporter_ids),
        clustered=int((clusters != ALONE).sum()),
        moved=int(moved.sum()),
        concerned=len(np.unique(reports.number[behind | moved[reports.reporter]])),
    )


def due() -> int:
    """How many numbers wait to be reweighed."""
    return Number.objects.filter(trust_seq__lt=F("seq")).count()


def mark_moved() -> None:
    """Makes due the numbers of all reporters whose records moved since this was last done.

    A report that is filed after the numbers were listed makes its number due by itself.
    """
    moved = Reporter.objects.filter(marked_seq__lt=F("moved_seq")).order_by("pk")
    for some in batched(list(moved.values_list("pk", "moved_seq")), LOCKED):
        ids, seqs = map(list, zip(*some, strict=True))
        said = Report.objects.live().filter(reporter__in=ids).order_by("number")
        for numbers in batched(list(said.values_list("number", flat=True).distinct()), LOCKED):
            _mark(list(numbers))
        with connection.cursor() as cursor:
            cursor.execute(MARKED, [ids, seqs])


@transaction.atomic
def _mark(numbers: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MARK, [numbers])


@transaction.atomic
def reweigh(*, limit: int = LOCKED, now: datetime) -> Reweighed:
    """Reweighs up to `limit` numbers that are due, in one transaction; none left: 0 numbers.

    Numbers that somebody else has locked are left for the next call.
    """
    waiting = Number.objects.filter(trust_seq__lt=F("seq")).order_by("key")
    numbers = list(waiting.select_for_update(skip_locked=True, no_key=True)[:limit])
    before = {number: (number.action, number.promoted) for number in numbers}
    refolding.refold_all(numbers, reweigh=True)
    publishing.publish_all(numbers, now=now)
    done = Reweighed(numbers=len(numbers))
    for number, (action, promoted) in before.items():
        if number.action != action:
            done.changes[action, number.action, _why(number, promoted)] += 1
    return done


def reweigh_due(
    *, processes: int = 1, progress: Callable[[int], object] = lambda _numbers: None
) -> Reweighed:
    """Marks and reweighs all that is due, in transactions of LOCKED numbers, each of whose counts
    `progress` is called with.

    In up to so many processes, where there is enough to do.
    """
    mark_moved()
    total, waiting = Reweighed(), due()
    if processes > 1 and waiting > LOCKED:
        with pool(min(processes, -(-waiting // LOCKED))) as workers:
            for done in workers.map(_reweigh_some, range(-(-waiting // LOCKED))):
                total += done
                progress(done.numbers)
    while (done := _reweigh_some()).numbers:
        total += done
        progress(done.numbers)
    return total


def _reweigh_some(_turn: int = 0) -> Reweighed:
    calibrating.load()  # it may be a process of its own
    return reweigh(now=timezone.now())


def _why(number: Number, promoted: bool) -> str:
    if number.promoted and not promoted:
        return "promoted"
    if promoted and not number.promoted:
        return "no longer promoted"
    return "reweighed"


def _read() -> tuple[Reports, Counted, Ints, Ints]:
    """All words as columns in time order, for what they count, and the ids behind reporters and
    numbers."""
    columns: list[list[np.ndarray[Any, Any]]] = []
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(REPORTS, [UNWANTED])
        while rows := cursor.fetchmany(READ):
            *numeric, attestation, warned = zip(*rows, strict=True)
            factors = [trust.provenance(a, w) for a, w in zip(attestation, warned, strict=True)]
            columns.append([np.asarray(column) for column in (*numeric, factors)])
    if not columns:
        nothing = np.zeros(0, np.int64)
        empty = Reports(
            *(nothing,) * 3,
            unwanted=nothing.astype(np.bool_),
            at=nothing.astype(np.float64),
            day=nothing,
            old_enough=nothing.astype(np.bool_),
            factor=nothing.astype(np.float64),
            gone=nothing.astype(np.float64),
            stopped=nothing.astype(np.bool_),
        )
        return empty, (empty.factor, empty.stopped), nothing, nothing
    who, number, network, unwanted, at, age, gone, stopped, weight, established, factor = map(
        np.concatenate, zip(*columns, strict=True)
    )
    order = np.lexsort((number, who, at))
    reporter_ids, reporter = np.unique(who[order], return_inverse=True)
    number_ids, number = np.unique(number[order], return_inverse=True)
    _, network = np.unique(network[order], return_inverse=True)
    at = at[order]
    reports = Reports(
        reporter=reporter,
        number=number,
        network=network,
        unwanted=unwanted[order].astype(np.bool_),
        at=at,
        day=np.floor(at).astype(np.int64),
        old_enough=age[order] >= trust.ESTABLISHED_DAYS,
        factor=factor[order].astype(np.float64),
        gone=gone[order].astype(np.float64),
        stopped=stopped[order].astype(np.bool_),
    )
    counted = weight[order].astype(np.float64), established[order].astype(np.bool_)
    return reports, counted, reporter_ids, number_ids


def _behind(reports: Reports, counted: Counted, records: Floats) -> Bools:
    """Which live reports count for something else than these records say."""
    weight, established = counted
    legitimate, unwanted = weights(records)
    who = reports.reporter
    now = np.where(reports.unwanted, unwanted[who], legitimate[who]) * reports.factor
    ranked = _established(records)[who] & reports.old_enough
    off = (np.abs(now - weight) > MOVED) | (ranked != established)
    return np.asarray(off & np.isinf(reports.gone))


def _put_clusters(reports: Reports, clusters: Ints) -> Reports:
    """The reports with each cluster as one network, apart from all others."""
    mine = clusters[reports.reporter]
    network = np.where(mine == ALONE, reports.network, int(reports.network.max()) + 1 + mine)
    return replace(reports, network=network)


def _truth(number_ids: Ints) -> tuple[Ints, Floats]:
    """What moderators decided, in the order of `number_ids`, and on which day (-inf: any)."""
    moderated = {
        pk: (side, -np.inf if at is None else to_days(at))
        for pk, side, at in Number.objects.exclude(moderated=0)
        .values_list("pk", "moderated", "moderated_at")
        .iterator()
    }
    truth = np.zeros(len(number_ids), np.int64)
    decided = np.full(len(number_ids), np.inf)
    for place in np.flatnonzero(np.isin(number_ids, list(moderated))):
        truth[place], decided[place] = moderated[int(number_ids[place])]
    return truth, decided


def _records(reporter_ids: Ints) -> tuple[Floats, Ints, Ints]:
    """Records, clusters and backers on record, in the order of `reporter_ids`."""
    records = np.zeros((5, len(reporter_ids)))
    clusters = np.full(len(reporter_ids), ALONE, np.int64)
    backers = np.full((len(reporter_ids), BACKERS), NO_BACKER, np.int64)
    for start in range(0, len(reporter_ids), READ):
        with connection.cursor() as cursor:
            cursor.execute(RECORDS, [reporter_ids[start : start + READ].tolist()])
            for pk, tp, fn, tn, fp, firsts, cluster, behind in cursor.fetchall():
                place = int(np.searchsorted(reporter_ids, pk))
                records[:, place] = (tp, fn, tn, fp, firsts)
                clusters[place] = cluster
                backers[place, : len(behind)] = behind
    return records, clusters, backers


def _given(reporter_ids: Ints) -> Floats:
    """What moderators vouch for and rejected, and debits from before an erasure, in the order of
    `reporter_ids`."""
    vouched = Reporter.objects.exclude(vouched_at=None).values_list("pk", flat=True)
    given = np.zeros((5, len(reporter_ids)))
    given[:, np.isin(reporter_ids, list(vouched))] = np.array([astuple(trust.VOUCHED)]).T
    places = {pk: place for place, pk in enumerate(reporter_ids.tolist())}
    with connection.cursor() as cursor:
        cursor.execute(REJECTED, [UNWANTED, trust.MODERATOR_CREDIT])
        for pk, unwanted, debit in cursor.fetchall():
            if pk in places:
                given[FP if unwanted else FN, places[pk]] += debit
    for pk, fp, fn in Reporter.objects.exclude(kept_fp=0.0, kept_fn=0.0).values_list(
        "pk", "kept_fp", "kept_fn"
    ):
        if pk in places:
            given[[FP, FN], places[pk]] += (fp, fn)
    return given


def _moved(old: Floats, new: Floats) -> Bools:
    """Whose word counts differently now: by weight, or as established or proven."""
    out = np.zeros(old.shape[1], np.bool_)
    for before, after in zip(weights(old), weights(new), strict=True):
        out |= np.abs(after - before) > MOVED
    for ranked in (_established, anchored):
        out |= ranked(old) != ranked(new)
    return out


def _established(records: Floats) -> Bools:
    """trust.is_established of each record, apart from the account's age."""
    agreed = records[TP] + records[TN]
    disagreed = records[FP] + records[FN]
    enough = agreed >= trust.ESTABLISHED_AGREEMENTS
    return np.asarray(enough & (agreed >= trust.ESTABLISHED_RATIO * disagreed))


def _write(
    reporter_ids: Ints, new: Floats, old: Floats, clusters: Ints, backers: Ints, moved: Bools
) -> None:
    """Writes records in one short transaction. Reporters are locked in the order of their ids, as
    settling does, so that neither waits for the other in a circle."""
    ids = reporter_ids.tolist()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM reputation_reporter WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [ids],
        )
        columns = [row.tolist() for row in (*new, *old, clusters, *backers.T, moved)]
        cursor.execute(WRITE, [ids, *columns])


@transaction.atomic
def _offer(candidates: Iterable[AuditCandidate]) -> None:
    """Puts these numbers in place of those that the pass before found worth an audit."""
    kept = AuditCandidate.objects.bulk_create(
        candidates,
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["worth", "accounts"],
    )
    AuditCandidate.objects.exclude(pk__in=[each.pk for each in kept]).delete()


def _chunks(values: Ints) -> Iterator[Ints]:
    for start in range(0, len(values), LOCKED):
        yield values[start : start + LOCKED]
