"""The fold: what was said about numbers becomes evidence, under locks on the numbers' rows.

Each function here runs inside its caller's transaction and expects its numbers to be locked; many
numbers cost about as many queries as one. Appending a voice is one step (`count_voices`); whatever
takes a voice back or changes it folds the number anew from its reports (`refolding`), since
saturated sums cannot be subtracted from.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection

from reputation.identity import Identity, line_type
from reputation.models import EvidenceBucket, Number
from reputation.scoring import (
    EPOCH,
    Bucket,
    BucketKey,
    BucketKind,
    Evidence,
    Side,
    Voice,
    bucket_keys,
    fold,
    fold_mix,
    from_days,
    prior_for,
    to_days,
)

BUCKET = "number_id, side, kind, bucket, short, long, at"
COPY_BUCKETS = f"COPY reputation_evidencebucket ({BUCKET}) FROM STDIN"
UPSERT_BUCKETS = f"""
INSERT INTO reputation_evidencebucket ({BUCKET}) SELECT * FROM unnest(%s::bigint[], %s::smallint[],
    %s::smallint[], %s::text[], %s::float8[], %s::float8[], %s::timestamptz[])
ON CONFLICT (number_id, side, kind, bucket)
    DO UPDATE SET short = EXCLUDED.short, long = EXCLUDED.long, at = EXCLUDED.at
"""  # noqa: S608 -- constants


def lock_number(identity: Identity, *, now: datetime) -> Number:
    """The number's row, created when it is new, locked until the transaction ends."""
    locked = Number.objects.select_for_update().filter(key=identity.key).first()
    return locked or lock_numbers([identity], now=now)[identity.key]


def lock_numbers(identities: Iterable[Identity], *, now: datetime) -> dict[str, Number]:
    """The numbers' rows by key, created where new, locked until the transaction ends.

    New rows are inserted before any lock is taken, and both happen in the order of keys: two
    callers at once may wait for each other, but never in a circle.
    """
    wanted = {identity.key: identity for identity in identities}
    here = Number.objects.filter(key__in=wanted)
    missing = sorted(set(wanted) - set(here.values_list("key", flat=True)))
    Number.objects.bulk_create(
        [
            Number(
                key=key,
                country=wanted[key].country,
                line_type=line_type(key),
                created_at=now,
                evidence_at=EPOCH,  # as in scoring.evidence.EMPTY: nothing folded yet
                prior=prior_for(line_type(key)),
            )
            for key in missing
        ],
        ignore_conflicts=True,
    )
    return {number.key: number for number in here.select_for_update().order_by("key")}


def count_voices(heard: Mapping[Number, Sequence[Voice]]) -> dict[Number, list[float]]:
    """Adds voices to numbers, each number's in the given order.

    Returns what saturation left of each weight. Buckets are written, the numbers not yet.
    """
    names = {key[2] for voices in heard.values() for voice in voices for key in bucket_keys(voice)}
    buckets: dict[Number, dict[BucketKey, Bucket]] = {number: {} for number in heard}
    by_id = {number.pk: kept for number, kept in buckets.items()}
    for row in EvidenceBucket.objects.filter(number__in=by_id, bucket__in=names):
        key = (Side(row.side), BucketKind(row.kind), row.bucket)
        by_id[row.number_id][key] = Bucket(row.short, row.long, to_days(row.at))
    contributions: dict[Number, list[float]] = {}
    rows: list[BucketRow] = []
    for number, voices in heard.items():
        contributions[number], changed = fold_voices(
            number, number.evidence, number.category_mix, buckets[number], voices
        )
        rows += bucket_rows(number, changed)
    write_buckets(rows)
    return contributions


def fold_voices(
    number: Number,
    evidence: Evidence,
    mix: dict[str, float],
    buckets: dict[BucketKey, Bucket],
    voices: Sequence[Voice],
) -> tuple[list[float], dict[BucketKey, Bucket]]:
    """Folds voices into the number's columns; returns contributions and the changed buckets."""
    contributions = []
    changed: dict[BucketKey, Bucket] = {}
    for voice in voices:
        folded = fold(evidence, buckets, voice)
        mix = fold_mix(
            mix,
            before=evidence.at,
            after=folded.evidence.at,
            voice=voice,
            contribution=folded.contribution,
        )
        evidence = folded.evidence
        buckets.update(folded.buckets)
        changed.update(folded.buckets)
        contributions.append(folded.contribution)
    number.category_mix = mix
    number.evidence = evidence
    return contributions, changed


type BucketRow = tuple[int, int, int, str, float, float, datetime]


def bucket_rows(number: Number, buckets: Mapping[BucketKey, Bucket]) -> list[BucketRow]:
    """Rows of EvidenceBucket, as tuples: there are several a report, and models cost too much."""
    return [
        (number.pk, side, kind, name, bucket.short, bucket.long, from_days(bucket.at))
        for (side, kind, name), bucket in buckets.items()
    ]


def write_buckets(rows: Sequence[BucketRow], *, anew: bool = False) -> None:
    """Writes buckets over what there is of them; `anew`: the numbers have none."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if anew:
            with cursor.copy(COPY_BUCKETS) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.execute(UPSERT_BUCKETS, [list(column) for column in zip(*rows, strict=True)])


def _moment_or_none(days: float | None) -> datetime | None:
    return None if days is None else from_days(days)
