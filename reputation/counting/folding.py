"""The fold: what was said about numbers becomes evidence, under locks on the numbers' rows.

Each function here runs inside its caller's transaction and expects its numbers to be locked; many
numbers cost about as many queries as one. Appending a voice is one step (`count_voices`); whatever
takes a voice back or changes it folds the number anew from its reports (`refolding`), since
saturated sums cannot be subtracted from.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import add
from typing import NamedTuple

import numpy as np

from reputation.identity import Identity
from reputation.models import (
    Copy,
    EvidenceBucket,
    Number,
    Prepared,
    Reading,
    Report,
    account_age,
    as_json,
    send_held,
)
from reputation.scoring import (
    CATEGORIES,
    EPOCH,
    Bucket,
    BucketKey,
    BucketKind,
    Evidence,
    Floats,
    Ints,
    Record,
    Side,
    Voice,
    bucket_keys,
    fold,
    fold_mix,
    from_days,
    to_days,
    trust,
)

MICROSECOND = timedelta(microseconds=1)
BUCKET_NAMES = ("number_id", "side", "kind", "bucket", "short", "long", "at")
BUCKET = ", ".join(BUCKET_NAMES)
COPIED = 500  # buckets of which COPY takes less time
COPY_BUCKETS = Copy(
    EvidenceBucket,
    shared=[name for name in BUCKET_NAMES if name != "bucket"],
    own=("bucket",),
)
# LIMIT keeps PostgreSQL from reading all buckets of a number, which may have thousands.
READ_BUCKETS = Prepared(
    "SELECT b.number_id, b.side, b.kind, b.bucket, b.short, b.long, b.at"
    " FROM json_populate_recordset(NULL::reputation_evidencebucket, %s::json) w"
    " CROSS JOIN LATERAL (SELECT * FROM reputation_evidencebucket WHERE number_id = w.number_id"
    " AND side = w.side AND kind = w.kind AND bucket = w.bucket LIMIT 1) b"
)
BUCKETS_OF = Prepared(
    "SELECT b.number_id, b.side, b.kind, b.bucket, b.short, b.long, b.at FROM reputation_number n"
    " CROSS JOIN json_populate_recordset(NULL::reputation_evidencebucket, %s::json) w"
    " CROSS JOIN LATERAL (SELECT * FROM reputation_evidencebucket WHERE number_id = n.id"
    " AND side = w.side AND kind = w.kind AND bucket = w.bucket LIMIT 1) b WHERE n.key = %s"
)
UPSERT_BUCKETS = Prepared(
    f"INSERT INTO reputation_evidencebucket ({BUCKET}) SELECT {BUCKET}"  # noqa: S608 -- constants
    " FROM json_populate_recordset(NULL::reputation_evidencebucket, %s::json)"
    " ON CONFLICT (number_id, side, kind, bucket)"
    " DO UPDATE SET short = EXCLUDED.short, long = EXCLUDED.long, at = EXCLUDED.at"
)


class Ahead(Reading):
    """The buckets of one number that a report will probably meet, read when the number is locked.

    Which they are is only known under the lock: whoever speaks as one of many meets others.
    """

    def __init__(self, identity: Identity, *, category: str, network: str, now: datetime) -> None:
        self.keys = frozenset(
            bucket_keys(Voice(CATEGORIES[category].side, to_days(now), 0.0, category, network))
        )
        wanted = [dict(zip(BUCKET_NAMES[1:4], key, strict=True)) for key in self.keys]
        super().__init__(BUCKETS_OF, (as_json(wanted), identity.key))


def append_reports(
    reports: Collection[Report], *, now: datetime, ahead: Ahead | None = None
) -> None:
    """Puts reports last in their numbers' fold order, at most one a number, and counts live ones.

    Sets on each report what it weighs by its reporter's record, and what saturation left of that.
    Buckets are written, the reports and their numbers not yet. `ahead`: of one number, which
    nothing has changed since.
    """
    for report in reports:
        place_last(report, now=now)
    live = [report for report in reports if report.status == Report.Status.LIVE]
    contributions = count_voices({report.number: [report.voice] for report in live}, ahead=ahead)
    for report in live:
        [report.contribution] = contributions[report.number]
        tally(report.number, reports=[(report.filed_at, report.counted_at)])


def place_last(report: Report, *, now: datetime) -> None:
    """Puts a report last in its number's fold order, and sets what it weighs. Counts nothing."""
    number, reporter = report.number, report.reporter
    number.seq += 1
    report.seq, report.full_side = number.seq, 0
    # A clock that is behind a new holder's first day does not take the report back before it.
    report.counted_at = max(now, number.epoch_at or now)
    report.weight, report.established = weigh(
        reporter.record,
        report.category,
        age=account_age(reporter.created_at, reporter.vouched_at, report.counted_at),
        attestation=report.attestation,
        was_warned=report.was_warned,
    )
    report.first = trust.is_first(
        number.evidence, CATEGORIES[report.category].side, to_days(report.counted_at)
    )


def weigh(
    record: Record, category: str, *, age: float, attestation: str, was_warned: bool
) -> tuple[float, bool]:
    """What a report weighs, and whether its reporter is established.

    `age`: of the reporter's account when the report was counted, in days.
    """
    weight = trust.weight(record, CATEGORIES[category].side)
    return (
        weight * trust.provenance(attestation, was_warned),
        trust.is_established(record, age),
    )


def tally(
    number: Number,
    *,
    reports: Collection[tuple[datetime, datetime]] = (),
    complaints: Collection[datetime] = (),
) -> None:
    """Adds statements to what the row shows of them: how many, the first and the last.

    `reports`: when each report was filed and counted. `complaints`: when each was filed.
    """
    number.reports += len(reports)
    number.complaints += len(complaints)
    first = [number.first_reported_at, *(filed for filed, _ in reports), *complaints]
    last = [number.last_reported_at, *(counted for _, counted in reports), *complaints]
    number.first_reported_at = min(filter(None, first), default=None)
    number.last_reported_at = max(filter(None, last), default=None)


type BucketRow = tuple[int, int, int, str, float, float, datetime]


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
        return cls(
            np.array(pks, np.int64),
            np.array(sides, np.int64),
            np.array(kinds, np.int64),
            names,
            np.array(short, np.float64),
            np.array(long, np.float64),
            np.array([(moment - EPOCH) // MICROSECOND for moment in at], np.int64),
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


@dataclass(slots=True, eq=False)
class Folding:
    """The evidence of one number while voices are added: taken from its row once, put back once.

    `buckets`: what the voices' buckets hold so far; `changed`: those that voices have changed.
    """

    number: Number
    evidence: Evidence
    mix: dict[str, float]
    buckets: dict[BucketKey, Bucket] = field(default_factory=dict)
    changed: dict[BucketKey, Bucket] = field(default_factory=dict)

    def hear(self, voice: Voice) -> float:
        """Adds a voice. Returns what saturation left of its weight."""
        evidence, buckets, contribution = fold(self.evidence, self.buckets, voice)
        self.mix = fold_mix(
            self.mix,
            before=self.evidence.at,
            after=evidence.at,
            voice=voice,
            contribution=contribution,
        )
        self.evidence = evidence
        self.buckets |= buckets
        self.changed |= buckets
        return contribution

    def close(self, *, all_of_them: bool = False) -> list[BucketRow]:
        """Puts the evidence into the number's columns. Returns the buckets that have to be written:
        those that changed, or all that there are.

        The buckets are tuples of EvidenceBucket's columns: models would cost too much.
        """
        self.number.evidence = self.evidence
        self.number.category_mix = self.mix
        return [
            (self.number.pk, side, kind, name, bucket.short, bucket.long, from_days(bucket.at))
            for (side, kind, name), bucket in (
                self.buckets if all_of_them else self.changed
            ).items()
        ]


def count_voices(
    voices_of: Mapping[Number, Sequence[Voice]], *, ahead: Ahead | None = None
) -> dict[Number, list[float]]:
    """Adds voices to numbers, each number's in the given order.

    Returns what saturation left of each weight. Buckets are written, the numbers not yet.
    """
    foldings = open_foldings(voices_of, _buckets(voices_of, ahead))
    contributions = {
        number: [foldings[number.pk].hear(voice) for voice in voices]
        for number, voices in voices_of.items()
    }
    write_buckets([row for folding in foldings.values() for row in folding.close()])
    return contributions


def open_foldings(numbers: Iterable[Number], buckets: Iterable[BucketRow]) -> dict[int, Folding]:
    """The numbers' evidence, by their ids, with what there is of these buckets."""
    foldings = {
        number.pk: Folding(number, number.evidence, number.category_mix) for number in numbers
    }
    for number_id, side, kind, name, short, long, at in buckets:
        key = (Side(side), BucketKind(kind), name)
        foldings[number_id].buckets[key] = Bucket(short, long, to_days(at))
    return foldings


def read_buckets(reports: Iterable[Report]) -> list[BucketRow]:
    """What there is of the buckets that these reports' voices meet."""
    return _buckets({report.number: [report.voice] for report in reports}, None)


def _buckets(voices_of: Mapping[Number, Sequence[Voice]], ahead: Ahead | None) -> list[BucketRow]:
    wanted = {
        (number.pk, *key)
        for number, voices in voices_of.items()
        for voice in voices
        for key in bucket_keys(voice)
    }
    if ahead is not None and ahead.keys.issuperset(key[1:] for key in wanted):
        return ahead.rows
    names = BUCKET_NAMES[:4]
    return READ_BUCKETS.all(as_json([dict(zip(names, key, strict=True)) for key in wanted]))


def write_buckets(buckets: Sequence[BucketRow], *, anew: bool = False) -> None:
    """Writes buckets over what there is of them; `anew`: the numbers have none."""
    if not buckets:
        return
    if not anew or len(buckets) < COPIED:
        rows = [dict(zip(BUCKET_NAMES, row, strict=True)) for row in buckets]
        UPSERT_BUCKETS.run(as_json(rows))
        return
    copy_buckets(BucketColumns.of(buckets))


def copy_buckets(columns: BucketColumns) -> None:
    """Writes buckets of numbers that have none."""
    send_held()
    encode = COPY_BUCKETS.encoder("bucket")
    names = {name: encode(name) for name in set(columns.bucket)}
    heads = COPY_BUCKETS.heads(columns._asdict())
    COPY_BUCKETS.write(map(add, heads, map(names.__getitem__, columns.bucket)))
