"""Complaints that an authority published, brought in as evidence without a reporter.

All complaints of one source are together one capped voice (scoring.evidence.SOURCE_CAP): they are
unverified, and nobody answers for them. They settle nothing and earn nobody trust.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from reputation import counting
from reputation.identity import Identity, line_type
from reputation.models import Copy, ImportedComplaint, Number, RetractedComplaint
from reputation.scoring import CATEGORIES, EPOCH, trust

OWN = (
    *("id", "number_id", "digest", "category", "subject"),
    *("occurred_at", "filed_at", "seq", "weight"),
)
COPY_COMPLAINTS = Copy(ImportedComplaint, shared=("source",), own=OWN)


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
    begun = _begin_numbers(fresh, source, now)
    digests = {row.digest for row in begun}
    fresh = [each for each in fresh if each.digest not in digests]
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
    added = [*begun, *rows]
    return Imported(
        added=len(added),
        known=len(complaints) - len(added),
        numbers=frozenset(row.number_id for row in added),
        complaints=tuple(row.pk for row in added),
    )


def _begin_numbers(
    complaints: Collection[PublishedComplaint], source: str, now: datetime
) -> list[ImportedComplaint]:
    """Creates the numbers that do not exist yet, with all complaints about them.

    Returns these complaints; none where somebody else has just created one of the numbers.
    """
    known = counting.known_keys({each.identity.key for each in complaints})
    new: dict[str, tuple[Number, list[ImportedComplaint]]] = {}
    for complaint in complaints:
        key, identity = complaint.identity.key, complaint.identity
        if key in known:
            continue
        if key not in new:
            new[key] = counting.new_number(identity, line=line_type(key), now=now), []
        new[key][1].append(_file(complaint, new[key][0], source))
    new = {key: each for key, each in new.items() if len(each[1]) <= counting.chapters.CHAPTER}
    if not new:
        return []
    starts, filed = list[tuple[str, str, counting.Start]](), list[list[ImportedComplaint]]()
    for key, (number, rows) in sorted(new.items()):
        start = counting.begin_with_complaints(number, _counted(number, rows), now=now)
        starts.append((key, number.country, start))
        filed.append(rows)
    try:
        with transaction.atomic():
            ids = counting.insert_starts(starts)
    except IntegrityError:
        return []
    begun = [row for rows in filed for row in rows]
    for pk, rows in zip(ids, filed, strict=True):
        for row in rows:
            row.number_id = pk
    for row, pk in zip(begun, COPY_COMPLAINTS.draw(len(begun)), strict=True):
        row.pk = pk
    head = COPY_COMPLAINTS.head({"source": source})
    COPY_COMPLAINTS.write(
        COPY_COMPLAINTS.rows(
            itertools.repeat(head, len(begun)),
            *([getattr(row, name) for row in begun] for name in OWN),
        )
    )
    return begun


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
        # The weight of a stranger's report, until the trust pass learns the source's reliability.
        weight=trust.weight(trust.Record(), CATEGORIES[complaint.category].side),
    )


def _counted(number: Number, rows: Iterable[ImportedComplaint]) -> list[ImportedComplaint]:
    """Complaints about an earlier holder stay on record, and are not counted."""
    return [row for row in rows if row.filed_at >= (number.epoch_at or EPOCH)]


def _count(filed: Mapping[Number, list[ImportedComplaint]]) -> None:
    counting.count(
        [(number, row) for number, rows in filed.items() for row in _counted(number, rows)]
    )


def _on_record(source: str, digests: Iterable[bytes]) -> set[bytes]:
    """Those of the digests that are on record, also with an import that was taken back."""
    wanted = list(digests)
    return {
        bytes(digest)
        for model in (ImportedComplaint, RetractedComplaint)
        for digest in model.objects.filter(source=source, digest__in=wanted).values_list(
            "digest", flat=True
        )
    }
