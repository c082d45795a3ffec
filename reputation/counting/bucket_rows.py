"""Buckets as rows of the database: reads, writes and drops those of many numbers at once.

A bucket holds what voices of one kind said together about a number, such as those from one network
(scoring.evidence). The caller has locked the numbers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import add
from typing import NamedTuple

import numpy as np

from reputation.identity import Identity
from reputation.models import (
    Copy,
    EvidenceBucket,
    Prepared,
    Reading,
    array,
    as_json,
    read_together,
    send_held,
)
from reputation.scoring import (
    CATEGORIES,
    EPOCH,
    Bucket,
    BucketKey,
    Floats,
    Ints,
    Voice,
    bucket_keys,
    from_days,
    to_days,
)

MICROSECOND = timedelta(microseconds=1)
BUCKET_NAMES = ("number_id", "side", "kind", "bucket", "short", "long", "at")
BUCKET = ", ".join(BUCKET_NAMES)
COPIED = 500  # from this many buckets on, COPY takes less time
COPY_BUCKETS = Copy(
    EvidenceBucket,
    shared=[name for name in BUCKET_NAMES if name != "bucket"],
    own=("bucket",),
)
# The buckets of voices, by side, kind and name. OFFSET keeps PostgreSQL from reading all buckets of
# a number, which may be thousands.
_MET = (
    " CROSS JOIN LATERAL (SELECT * FROM reputation_evidencebucket WHERE number_id = n.id"
    " AND side = %s::smallint AND kind = ANY(%s::smallint[])"
    " AND bucket = ANY(string_to_array(%s, E'\\n')) OFFSET 0) b"
)
_SELECT = "SELECT b.number_id, b.side, b.kind, b.bucket, b.short, b.long, b.at FROM"
READ_BUCKETS = Prepared(f"{_SELECT} unnest(%s::bigint[]) n(id){_MET}")
BUCKETS_OF = Prepared(f"{_SELECT} reputation_number n{_MET} WHERE n.key = %s")
# No join: while PostgreSQL has no statistics of the table, it may scan all of it for each row.
DROP_BUCKETS = Prepared(
    "DELETE FROM reputation_evidencebucket WHERE number_id = ANY(%s::bigint[])"
    " AND side = %s::smallint AND kind = %s::smallint AND bucket = %s"
)
CLEAR_BUCKETS = Prepared(
    "DELETE FROM reputation_evidencebucket WHERE number_id = ANY(%s::bigint[])"
)
UPSERT_BUCKETS = Prepared(
    f"INSERT INTO reputation_evidencebucket ({BUCKET}) SELECT {BUCKET}"  # noqa: S608 -- constants
    " FROM json_populate_recordset(NULL::reputation_evidencebucket, %s::json)"
    " ON CONFLICT (number_id, side, kind, bucket)"
    " DO UPDATE SET short = EXCLUDED.short, long = EXCLUDED.long, at = EXCLUDED.at"
)


type BucketRow = tuple[int, int, int, str, float, float, datetime]


class Ahead(Reading):
    """The buckets of one number that a report will probably need, read when the number is locked.

    The exact buckets are known only under the lock: a reporter in a cluster has other buckets.
    """

    def __init__(self, identity: Identity, *, category: str, network: str, now: datetime) -> None:
        self.keys = bucket_keys(
            Voice(CATEGORIES[category].side, to_days(now), 0.0, category, network)
        )
        super().__init__(BUCKETS_OF, (*met_by(self.keys), identity.key))


def bucket_row(number: int, key: BucketKey, bucket: Bucket) -> BucketRow:
    return number, *key, bucket.short, bucket.long, from_days(bucket.at)


class BucketColumns(NamedTuple):
    """Buckets by EvidenceBucket's columns, `at` in microseconds since the epoch."""

    number_id: Ints
    side: Ints
    kind: Ints
    bucket: Sequence[str]
    short: Floats
    long: Floats
    at: Ints

    @classmethod
    def of(cls, rows: Collection[BucketRow]) -> "BucketColumns":
        pks, sides, kinds, names, short, long, at = zip(*rows, strict=True) if rows else ((),) * 7
        since = {moment: (moment - EPOCH) // MICROSECOND for moment in set(at)}
        return cls(
            np.array(pks, np.int64),
            np.array(sides, np.int64),
            np.array(kinds, np.int64),
            names,
            np.array(short, np.float64),
            np.array(long, np.float64),
            np.array(list(map(since.__getitem__, at)), np.int64),
        )

    def rows(self) -> Iterator[BucketRow]:
        numbers = (self.number_id, self.side, self.kind)
        return zip(
            *(column.tolist() for column in numbers),
            self.bucket,
            self.short.tolist(),
            self.long.tolist(),
            (EPOCH + MICROSECOND * each for each in self.at.tolist()),
            strict=True,
        )


NO_BUCKETS = BucketColumns.of(())


def read_buckets(said: Iterable[tuple[int, Voice]], ahead: Ahead | None = None) -> list[BucketRow]:
    """The stored buckets of these voices, each voice given with its number's id."""
    meeting = defaultdict[Sequence[BucketKey], dict[int, None]](dict)
    for pk, voice in said:
        meeting[bucket_keys(voice)][pk] = None
    if ahead is not None and meeting.keys() == {ahead.keys}:
        return ahead.rows
    found = [Reading(READ_BUCKETS, (array(ids), *met_by(keys))) for keys, ids in meeting.items()]
    if found:
        read_together(*found)
    return [row for each in found for row in each.rows]


def met_by(keys: Sequence[BucketKey]) -> tuple[str, str, str]:
    """The sides, kinds and names of a voice's buckets, as parameters of statements."""
    names = "\n".join(dict.fromkeys(name for _, _, name in keys))
    return str(int(keys[0][0])), array(int(kind) for _, kind, _ in keys), names


def write_buckets(buckets: Sequence[BucketRow], *, anew: bool = False) -> None:
    """Writes buckets over those that are stored; `anew`: the numbers have none."""
    if len(buckets) < COPIED:
        if buckets:
            rows = [dict(zip(BUCKET_NAMES, row, strict=True)) for row in buckets]
            UPSERT_BUCKETS.run(as_json(rows))
        return
    if not anew:
        drop_buckets((row[1:4], [row[0]]) for row in buckets)
    copy_buckets(BucketColumns.of(buckets))


def drop_buckets(those: Iterable[tuple[tuple[int, int, str], Iterable[int]]]) -> None:
    """Deletes buckets before they are copied anew, which is faster than an update. Each is given by
    its side, kind and name, and the ids of numbers."""
    stale = defaultdict[tuple[int, int, str], list[int]](list)
    for key, ids in those:
        stale[key] += ids
    for (side, kind, name), pks in stale.items():
        DROP_BUCKETS.run(array(pks), str(int(side)), str(int(kind)), name)


def copy_buckets(columns: BucketColumns) -> None:
    """Writes buckets of numbers that have none."""
    send_held()
    encode = COPY_BUCKETS.encoder("bucket")
    names = {name: encode(name) for name in set(columns.bucket)}
    heads = COPY_BUCKETS.heads(columns._asdict())
    COPY_BUCKETS.write(map(add, heads, map(names.__getitem__, columns.bucket)))
