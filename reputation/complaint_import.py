"""Complaints that an authority published, brought in as evidence without a reporter.

All complaints of one source are together one capped voice (scoring.evidence.SOURCE_CAP): they are
unverified, and nobody answers for them. They settle nothing and earn nobody trust.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reputation import folding
from reputation.clock import EPOCH, from_days, to_days
from reputation.identity import Identity, line_type
from reputation.models import EvidenceBucket, ImportedComplaint, Number
from reputation.scoring import trust
from reputation.scoring.categories import CATEGORIES, Side
from reputation.scoring.evidence import (
    PRIOR,
    Bucket,
    BucketKey,
    BucketKind,
    Voice,
    bucket_keys,
    fold,
)
from reputation.scoring.mix import fold_mix


@dataclass(frozen=True, slots=True)
class Complaint:
    """One published complaint. `digest`: SHA-256 that tells it from all others of its source."""

    identity: Identity
    category: str
    subject: str
    occurred_at: datetime | None
    filed_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class Imported:
    """`added` complaints were new, `known` were on record or came twice; `numbers` are the primary
    keys of those that the new ones speak of."""

    added: int
    known: int
    numbers: frozenset[int]


@transaction.atomic
def import_complaints(complaints: Sequence[Complaint], *, source: str, now: datetime) -> Imported:
    """Files the complaints that are not on record yet and counts them; all of them or none.

    Running twice, or twice at once, adds nothing: one digest speaks of one number, whose row is
    locked before its digests are read. Pass some thousand at a time: their numbers stay locked
    until all are counted.
    """
    unique = {complaint.digest: complaint for complaint in complaints}
    on_record = _on_record(source, unique)
    fresh = [each for each in unique.values() if each.digest not in on_record]
    numbers = _lock_numbers({each.identity.key: each.identity for each in fresh}, now=now)
    # Read again under the locks: another import may have been first.
    on_record = _on_record(source, [each.digest for each in fresh])
    filed: dict[Number, list[ImportedComplaint]] = {}
    for complaint in fresh:
        if complaint.digest not in on_record:
            number = numbers[complaint.identity.key]
            filed.setdefault(number, []).append(_file(complaint, number, source))
    rows = [row for of_number in filed.values() for row in of_number]
    ImportedComplaint.objects.bulk_create(rows)
    _count(filed, source)
    for number in filed:
        folding.publish(number, now=now)
    return Imported(
        added=len(rows),
        known=len(complaints) - len(rows),
        numbers=frozenset(number.pk for number in filed),
    )


def _file(complaint: Complaint, number: Number, source: str) -> ImportedComplaint:
    number.seq += 1
    return ImportedComplaint(
        source=source,
        digest=complaint.digest,
        number=number,
        category=complaint.category,
        subject=complaint.subject,
        occurred_at=complaint.occurred_at,
        filed_at=complaint.filed_at,
        seq=number.seq,
        # What a stranger's report weighs, until the trust pass learns the source's own worth.
        weight=trust.weight(trust.Record(), CATEGORIES[complaint.category].side),
    )


def _count(filed: Mapping[Number, list[ImportedComplaint]], source: str) -> None:
    """Folds rows into their numbers as folding.count_voices would, one number after the other.

    But here the buckets of all numbers are read at once and written at once: asking for them number
    by number took two thirds of an import.
    """
    kept: dict[tuple[int, BucketKey], Bucket] = {
        (row.number_id, _key(row)): Bucket(row.short, row.long, to_days(row.at))
        for row in EvidenceBucket.objects.filter(
            number__in=filed, kind=BucketKind.SOURCE, bucket=source
        )
    }
    changed = []
    for number, rows in filed.items():
        # Complaints about an earlier holder stay on record, and are not counted.
        counted = [row for row in rows if row.filed_at >= (number.epoch_at or EPOCH)]
        if not counted:
            continue
        voices = [folding.complaint_voice(row) for row in counted]
        keys = {key for voice in voices for key in bucket_keys(voice)}
        buckets = {key: kept[number.pk, key] for key in keys if (number.pk, key) in kept}
        _fold(number, buckets, voices)
        changed += [_row(number, key, bucket) for key, bucket in buckets.items()]
        times = [row.filed_at for row in counted]
        number.complaints += len(counted)
        number.first_reported_at = min(filter(None, [number.first_reported_at, *times]))
        number.last_reported_at = max(filter(None, [number.last_reported_at, *times]))
    EvidenceBucket.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["number", "side", "kind", "bucket"],
        update_fields=["short", "long", "at"],
    )


def _fold(number: Number, buckets: dict[BucketKey, Bucket], voices: Iterable[Voice]) -> None:
    evidence, mix = folding.evidence_of(number), number.category_mix
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
    number.category_mix = mix
    folding._store(number, evidence)


def _key(row: EvidenceBucket) -> BucketKey:
    return Side(row.side), BucketKind(row.kind), row.bucket


def _row(number: Number, key: BucketKey, bucket: Bucket) -> EvidenceBucket:
    side, kind, name = key
    return EvidenceBucket(
        number=number,
        side=side,
        kind=kind,
        bucket=name,
        short=bucket.short,
        long=bucket.long,
        at=from_days(bucket.at),
    )


def _on_record(source: str, digests: Iterable[bytes]) -> set[bytes]:
    known = ImportedComplaint.objects.filter(source=source, digest__in=list(digests))
    return {bytes(digest) for digest in known.values_list("digest", flat=True)}


def _lock_numbers(identities: Mapping[str, Identity], *, now: datetime) -> dict[str, Number]:
    """The numbers' rows by key, created where new, locked until the transaction ends.

    New rows are inserted before any lock is taken, and locks are taken in the order of keys: so two
    imports at once may wait for each other but never in a circle.
    """
    here = Number.objects.filter(key__in=identities)
    missing = sorted(set(identities) - set(here.values_list("key", flat=True)))
    Number.objects.bulk_create(
        [
            Number(
                key=key,
                country=identities[key].country,
                line_type=line_type(key),
                created_at=now,
                evidence_at=EPOCH,  # as in scoring.evidence.EMPTY: nothing folded yet
                prior=PRIOR,
            )
            for key in missing
        ],
        ignore_conflicts=True,
    )
    return {number.key: number for number in here.select_for_update().order_by("key")}
