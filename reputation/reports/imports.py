"""Complaints that an authority published, brought in as evidence without a reporter.

All complaints of one source are together one capped voice (scoring.evidence.SOURCE_CAP): they are
unverified, and nobody answers for them. They settle nothing and earn nobody trust.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from reputation import counting
from reputation.identity import Identity
from reputation.models import ImportedComplaint, Number, RetractedComplaint
from reputation.scoring import CATEGORIES, EPOCH, trust


@dataclass(frozen=True, slots=True)
class PublishedComplaint:
    """One published complaint. `digest`: SHA-256 that tells it from all others of its source."""

    identity: Identity
    category: str
    subject: str
    occurred_at: datetime | None
    filed_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class Imported:
    """`added` complaints were new, `known` were on record or came twice; `complaints` are the
    primary keys of the new ones, `numbers` of those that they speak of."""

    added: int
    known: int
    numbers: frozenset[int]
    complaints: tuple[int, ...] = field(default=(), compare=False)


@transaction.atomic
def import_complaints(
    complaints: Sequence[PublishedComplaint], *, source: str, now: datetime
) -> Imported:
    """Files the complaints that are not on record yet and counts them; all of them or none.

    Running twice, or twice at once, adds nothing: one digest speaks of one number, whose row is
    locked before its digests are read. Pass some thousand at a time: their numbers stay locked
    until all are counted.
    """
    unique = {complaint.digest: complaint for complaint in complaints}
    on_record = _on_record(source, unique)
    fresh = [each for each in unique.values() if each.digest not in on_record]
    numbers = counting.lock_numbers([each.identity for each in fresh], now=now)
    # Read again under the locks: another import may have been first.
    on_record = _on_record(source, [each.digest for each in fresh])
    filed: dict[Number, list[ImportedComplaint]] = {}
    for complaint in fresh:
        if complaint.digest not in on_record:
            number = numbers[complaint.identity.key]
            filed.setdefault(number, []).append(_file(complaint, number, source))
    rows = [row for of_number in filed.values() for row in of_number]
    ImportedComplaint.objects.bulk_create(rows)
    _count(filed)
    counting.publish_all(filed, now=now)
    return Imported(
        added=len(rows),
        known=len(complaints) - len(rows),
        numbers=frozenset(number.pk for number in filed),
        complaints=tuple(row.pk for row in rows),
    )


def _file(complaint: PublishedComplaint, number: Number, source: str) -> ImportedComplaint:
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


def _count(filed: Mapping[Number, list[ImportedComplaint]]) -> None:
    counted = {
        # Complaints about an earlier holder stay on record, and are not counted.
        number: [row for row in rows if row.filed_at >= (number.epoch_at or EPOCH)]
        for number, rows in filed.items()
    }
    counting.count_voices(
        {number: [row.voice for row in rows] for number, rows in counted.items() if rows}
    )
    for number, rows in counted.items():
        counting.tally(number, complaints=[row.filed_at for row in rows])


def _on_record(source: str, digests: Iterable[bytes]) -> set[bytes]:
    """Also those whose import was taken back."""
    wanted = list(digests)
    return {
        bytes(digest)
        for model in (ImportedComplaint, RetractedComplaint)
        for digest in model.objects.filter(source=source, digest__in=wanted).values_list(
            "digest", flat=True
        )
    }
