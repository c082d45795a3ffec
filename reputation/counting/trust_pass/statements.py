"""Reads every statement of every reporter from the database into the shards of the trust pass."""

import fcntl
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from reputation.counting import canaries
from reputation.crews import ROW, Cluster, Decisions, Pool, Rows, ShardError, put_truth, settle
from reputation.machine import side_by_side
from reputation.scoring import UNWANTED, Crew, Ints, to_days, trust

ATTESTATIONS = sorted(trust.ATTESTATION_FACTORS)

# A shard with this many reports needs about 300 MB of memory. Shards are smaller, but not below
# LEAST, if some processes would otherwise have no work.
SHARD: Final = 500_000
LEAST: Final = 100_000
# Rows that are parsed at a time.
READ: Final = 50_000
# Seconds within which a new directory of a pass has its lock.
LOCKED_WITHIN: Final = 60.0

# About how many reports there are: all of them, if no count waits to be corrected.
COUNT = """
SELECT (SELECT coalesce(sum(reports), 0) FROM reputation_number)::bigint
    + (SELECT count(*) FROM reputation_reportrevision)
"""
# The former holder of each number that has a new one: since when, until when, and what moderators
# had decided by then. A later decision about that time may be about either holder.
FORMER = """
SELECT n.id AS number_id, n.epoch_at AS until,
    coalesce((e.before->>'epoch_at')::timestamptz, '-infinity') AS since,
    CASE WHEN (e.before->>'moderated_at')::timestamptz < n.epoch_at
        THEN (e.before->>'moderated')::int ELSE 0 END AS moderated,
    (e.before->>'moderated_at')::timestamptz AS moderated_at
FROM reputation_number n LEFT JOIN LATERAL (
    SELECT before FROM reputation_auditentry WHERE number_id = n.id
        AND (after->>'epoch_at')::timestamptz = n.epoch_at AND before ? 'moderated'
    ORDER BY id DESC LIMIT 1
) e ON true
WHERE n.epoch_at IS NOT NULL
"""
# One row per statement, in no order, with the columns of crews.ROW before their conversion: the
# attestation in place of its factor, the account's age in place of whether it was old enough. A
# statement that its reporter took back, corrected or replaced is in the report's revisions, with
# the day on which it went. It still teaches, since its credit or debit of then lasts. A correction
# that was not counted anew took no statement back. Who says that the calls stopped and withdraws
# the report later took it back. The weight of a statement that is gone is NaN, since the fold no
# longer knows it. Both tables are read by as many pages as the part has.
# Statements about a number's former holder still teach, as about a number of its own, whose id is
# below 0; they stood as long as that holder had the number. Those about earlier holders do not.
# date_part gives floats, where extract would make and divide decimal numbers.
STATEMENTS = """
COPY (
WITH former AS MATERIALIZED ({former})
SELECT s.reporter_id, CASE WHEN s.counted_at < f.until THEN -s.number_id ELSE s.number_id END,
    hashtextextended(coalesce(s.network, ''), 0),
    date_part('epoch', s.counted_at) / 86400,
    CASE WHEN s.gone IS NULL OR s.counted_at < f.until AND s.gone >= f.until THEN 'infinity'
        ELSE date_part('epoch', s.gone) / 86400 END,
    coalesce(array_position({attestations}::text[], coalesce(s.attestation, '')), 0)::int8,
    coalesce(s.was_warned, false),
    s.weight::float8, coalesce(s.category = ANY({unwanted}::text[]), false),
    CASE WHEN p.vouched_at IS NULL
        THEN date_part('epoch', s.counted_at - p.created_at) / 86400 ELSE 'infinity' END,
    s.stopped, s.established
FROM (
    SELECT reporter_id, number_id, network, category, counted_at, attestation, was_warned,
        NULL::timestamptz AS gone, false AS stopped, weight, established
    FROM reputation_report t WHERE status = 'live' AND {reports}
    UNION ALL
    SELECT r.reporter_id, r.number_id, r.network, v.content->>'category',
        (v.content->>'counted_at')::timestamptz, v.content->>'attestation',
        (v.content->>'was_warned')::boolean, v.at,
        v.change = 'settled' AND NOT EXISTS (
            SELECT FROM reputation_reportrevision w WHERE w.report_id = v.report_id
                AND w.id > v.id AND w.change = 'withdrawn'
                AND w.content->>'counted_at' = v.content->>'counted_at'
        ), 'nan', false
    FROM reputation_reportrevision v JOIN reputation_report r ON r.id = v.report_id
    WHERE v.content->>'status' = 'live' AND {revisions} AND (
        v.change IN ('updated', 'withdrawn', 'settled')
        OR v.change = 'corrected' AND (v.content->>'counted_at')::timestamptz <> r.counted_at
            AND NOT EXISTS (
                SELECT FROM reputation_reportrevision w WHERE w.report_id = v.report_id
                    AND w.id > v.id AND w.content->>'counted_at' = v.content->>'counted_at'
            )
    )
) s
JOIN reputation_reporter p ON p.id = s.reporter_id
LEFT JOIN former f ON f.number_id = s.number_id
WHERE f.since IS NULL OR s.counted_at >= f.since
) TO STDOUT (FORMAT binary)
"""
# The decisions about numbers and their former holders, and since when they are known: a decision
# that is taken again was known before, and so was one about what somebody had published.
DECIDED = f"""
SELECT d.id, d.moderated, least(d.moderated_at, (
    SELECT min(least(e.at, (e.before->>'published')::timestamptz)) FROM reputation_auditentry e
    WHERE e.number_id = abs(d.id) AND e.after->'moderated' = to_jsonb(d.moderated)
        AND e.at >= d.since AND e.at < d.until
))
FROM (
    SELECT id, moderated, moderated_at, coalesce(epoch_at, '-infinity') AS since,
        'infinity'::timestamptz AS until
    FROM reputation_number
    UNION ALL SELECT -number_id, moderated, moderated_at, since, until FROM ({FORMER}) f
) d WHERE d.moderated <> 0 ORDER BY d.id
"""  # noqa: S608 -- constants
# On which days authorities published complaints of unwanted calls: whoever reports the number after
# that may have read it. A complaint about a former holder is one about a number of its own.
COMPLAINED = """
SELECT DISTINCT CASE WHEN c.filed_at < n.epoch_at THEN -n.id ELSE n.id END,
    floor(date_part('epoch', c.filed_at) / 86400)
FROM reputation_importedcomplaint c JOIN reputation_number n ON n.id = c.number_id
WHERE c.category = ANY(%s)
    AND EXISTS (SELECT FROM reputation_report r WHERE r.number_id = c.number_id)
ORDER BY 1, 2
"""
COLUMNS: Final = (
    ("reporter", ">i8"),
    ("number", ">i8"),
    ("network", ">i8"),
    ("at", ">f8"),
    ("gone", ">f8"),
    ("attestation", ">i8"),
    ("warned", "?"),
    ("weight", ">f8"),
    ("unwanted", "?"),
    ("age", ">f8"),
    ("stopped", "?"),
    ("established", "?"),
)
# PostgreSQL's binary COPY: in a row, the number of fields, then each with its length before it.
# None of these is NULL, so that all rows have one form.
BINARY: Final = np.dtype(
    [("fields", ">i2")]
    + [pair for name, kind in COLUMNS for pair in ((f"{name} bytes", ">i4"), (name, kind))]
)
HEADER: Final = 19


class Statements(NamedTuple):
    """The workers of the shards, and facts about all shards: the ids of reporters, ascending, the
    number of live reports, and the day of the last statement."""

    crew: Crew
    reporter_ids: Ints
    live: int
    last: float


@contextmanager
def read(*, processes: int, cluster: str | None) -> Iterator[Statements]:
    """Reads all statements into shards, which are deleted afterwards. Raises ShardError."""
    with _place() as place:
        with connection.cursor() as cursor:
            cursor.execute(COUNT)
            shards = _shards(cursor.fetchone()[0], processes)
        with Rows(place, shards) as rows:
            _gather(rows, parts=min(processes, shards))
            reporter_ids = rows.close()
        with Pool(place, rows.folders, processes=processes) as crew:
            put_down(crew, reporter_ids)
            if cluster is None:
                yield Statements(crew, reporter_ids, rows.live, rows.last)
                return
        with Cluster(place, rows.folders, address=cluster) as workers:
            yield Statements(workers, reporter_ids, rows.live, rows.last)


@contextmanager
def _place() -> Iterator[Path]:
    """A directory in SHARDS_DIR; deletes those that killed passes left. Raises ShardError."""
    root = Path(settings.SHARDS_DIR)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in root.glob("pass-*"):
            with suppress(OSError):
                _remove_abandoned(folder)
        made = tempfile.TemporaryDirectory(prefix="pass-", dir=root)
    except OSError as error:
        raise ShardError(
            f"No shards can be made in SHARDS_DIR, {root}: {error.strerror}."
        ) from error
    with made as name, (Path(name) / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Path(name)


def _remove_abandoned(folder: Path) -> None:
    """Deletes the directory of a pass that was killed. Raises OSError while its pass runs."""
    lock = folder / "lock"
    if lock.exists():
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    elif time.time() - folder.stat().st_mtime > LOCKED_WITHIN:
        shutil.rmtree(folder)  # what is left of a deletion that was killed after the lock went


def put_down(crew: Pool, reporter_ids: Ints) -> None:
    """Writes the rows as shards, with the decisions of moderators about their numbers."""
    ids = list(crew.each(settle, crew.share("reporters", reporter_ids)))
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(DECIDED)
        decided = [(pk, side, -np.inf if at is None else to_days(at)) for pk, side, at in cursor]
        cursor.execute(COMPLAINED, [UNWANTED])
        complained = np.fromiter(cursor, np.dtype([("number", np.int64), ("on", np.float64)]))
    pks, sides, days = zip(*decided, strict=True) if decided else ((), (), ())
    decisions = Decisions(
        ids=np.array(pks, np.int64),
        sides=np.array(sides, np.int64),
        days=np.array(days, np.float64),
        canaries=np.concatenate([each[canaries.among(each)] for each in ids]),
        complained=complained["number"],
        complained_on=complained["on"],
    )
    for _ in crew.each(put_truth, crew.share("decisions", decisions)):
        pass


def _shards(count: int, processes: int) -> int:
    """The number of shards: few, since each adds a little to every round, and equally many for each
    process, since processes wait for one another at the end of a round."""
    if count <= processes * SHARD:
        return max(min(processes, count // LEAST), -(-count // SHARD), 1)
    return -(-count // (processes * SHARD)) * processes


@transaction.atomic
def _gather(rows: Rows, *, parts: int) -> None:
    """Adds all statements, read in this many parts side by side from one snapshot."""
    snapshot = None
    if parts > 1:
        with connection.cursor() as cursor:
            # This transaction waits for the others, however long they take.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
    adding = threading.Lock()

    def add(part: sql.Composable) -> None:
        with transaction.atomic():
            if snapshot is not None:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            for some in _rows(part):
                with adding:
                    rows.add(some)

    side_by_side(add, _parts(parts), at_once=parts)


def _parts(count: int) -> list[sql.Composable]:
    """STATEMENTS for this many parts. Pages that are added later hold only later rows."""
    pages = {}
    with connection.cursor() as cursor:
        for table in ("reputation_report", "reputation_reportrevision"):
            cursor.execute(
                "SELECT pg_relation_size(%s) / current_setting('block_size')::int", [table]
            )
            pages[table] = cursor.fetchone()[0]

    def between(alias: str, table: str, part: int) -> sql.Composable:
        begin, end = (pages[table] * each // count for each in (part, part + 1))
        within = sql.SQL("{alias}.ctid >= {begin}::tid AND {alias}.ctid < {end}::tid")
        if part + 1 == count:
            within = sql.SQL("{alias}.ctid >= {begin}::tid")
        return within.format(
            alias=sql.Identifier(alias),
            begin=sql.Literal(f"({begin},0)"),
            end=sql.Literal(f"({end},0)"),
        )

    return [
        sql.SQL(STATEMENTS).format(
            former=sql.SQL(FORMER),
            unwanted=sql.Literal(UNWANTED),
            attestations=sql.Literal(ATTESTATIONS),
            reports=between("t", "reputation_report", part),
            revisions=between("v", "reputation_reportrevision", part),
        )
        for part in range(count)
    ]


def _rows(query: sql.Composable) -> Iterator[npt.NDArray[np.void]]:
    factors = np.array([np.nan, *(trust.ATTESTATION_FACTORS[name] for name in ATTESTATIONS)])
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for found in _binary(copy):
            rows = np.empty(len(found), ROW)
            for name in set(ROW.names or ()) - {"factor", "old_enough"}:
                rows[name] = found[name]
            rows["old_enough"] = found["age"] >= trust.ESTABLISHED_DAYS
            rows["factor"] = np.where(found["warned"], 0.0, factors[found["attestation"]])
            if np.isnan(rows["factor"]).any():
                known = ", ".join(map(repr, ATTESTATIONS))
                raise ValueError(f"a report has an attestation that is none of {known}")
            yield rows


def _binary(copy: Iterable[Any]) -> Iterator[npt.NDArray[np.void]]:
    """The rows of a binary COPY, about READ at a time."""
    buffer = bytearray()
    begin = HEADER
    for part in copy:
        buffer += part
        if len(buffer) >= begin + READ * BINARY.itemsize:
            yield _cut(buffer, begin)
            begin = 0
    yield _cut(buffer, begin)


def _cut(buffer: bytearray, begin: int) -> npt.NDArray[np.void]:
    """Removes all whole rows from the buffer, and returns them. Raises ValueError for rows of
    another form."""
    count = (len(buffer) - begin) // BINARY.itemsize
    rows = np.frombuffer(bytes(buffer), BINARY, count, begin)
    del buffer[: begin + count * BINARY.itemsize]
    formed = rows["fields"] == len(COLUMNS)
    for name, kind in COLUMNS:
        formed &= rows[f"{name} bytes"] == np.dtype(kind).itemsize
    if not formed.all():
        raise ValueError("a report, or an earlier word in reputation_reportrevision, lacks a value")
    return rows
