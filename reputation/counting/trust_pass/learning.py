"""Step 1 of the trust pass: learns the reporters' records and clusters, and writes them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from django.db import connection, transaction

from reputation.counting.trust_pass import statements
from reputation.counting.trust_pass.reweighing import LOCKED, MARK, chunks, mark_moved
from reputation.machine import side_by_side
from reputation.models import (
    AuditCandidate,
    ClusterFigures,
    Prepared,
    Reporter,
    alone,
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

# Two would change the same records.
BUSY: Final = "Another process is learning. Try again when it has ended."
# Records read, and numbers marked, at a time.
READ: Final = 50_000
# How many numbers are offered to moderators because they would teach most: a week of work.
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

type Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Learnt:
    """The result of learning: how much was read, whose record moved, and which numbers are
    concerned."""

    reports: int
    reporters: int
    clustered: int
    moved: int
    concerned: int


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
    with (
        alone("ringscore learning", busy=BUSY),
        statements.read(processes=processes, cluster=cluster) as read,
    ):
        return _learn(read, progress, processes)


def _learn(read: statements.Statements, progress: Progress, processes: int) -> Learnt:
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
    # The shards are not used any more, so no ShardError can follow.
    columns = (reporter_ids, *records, *old, cluster_ids, *backers.T, now_moved)
    side_by_side(
        lambda chunk: _write([binary_array(column[chunk]) for column in columns]),
        chunks(np.flatnonzero((records != old).any(axis=0) | now_moved), LOCKED),
        at_once=processes,
    )
    _forget_clusters()
    for chunk in chunks(np.concatenate([numbers for numbers, _ in off]), READ):
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
