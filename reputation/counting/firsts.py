"""Stores thousands of new numbers with their first reports in one transaction.

Most new numbers with one report are equal: nothing was known about them, and their reports say the
same. So the functions for single reports fold and publish one number of each group of equals, and
COPY writes the result for the whole group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reputation.counting import folding, publishing
from reputation.counting.bucket_rows import BUCKET_NAMES
from reputation.counting.chapters import Part
from reputation.counting.locking import NUMBERS, OWN
from reputation.counting.settling import is_plain
from reputation.feeds import log
from reputation.models import Copy, EvidenceBucket, ImportedComplaint, Number, Report

COPY_NUMBERS = Copy(
    Number,
    shared=[name for name in NUMBERS.names if name not in OWN],
    own=OWN,
)
COPY_BUCKETS = Copy(EvidenceBucket, shared=BUCKET_NAMES[1:], own=("number_id",))


@dataclass(frozen=True, slots=True)
class Start:
    """How a new number begins: its row, its buckets and its change in the log, all without its
    key."""

    number: bytes
    buckets: tuple[bytes, ...] = ()
    change: bytes | None = None


def begin(number: Number) -> Start:
    """The start of a number without reports."""
    return Start(COPY_NUMBERS.head(vars(number)))


def begin_with(report: Report, *, now: datetime) -> Start | None:
    """The start of a new number with this report, which is counted on the given objects. Writes
    nothing. None if the report makes the number's truth plain, since settling needs the
    database."""
    number = report.number
    before = log.public_state(number)
    folding.place_last(report, now=now)
    sums = folding.Folding(number, Part.of(number))
    report.contribution = sums.hear_statement(report, report.voice)
    start = _publish(sums, before, now)
    return None if is_plain(number, now=now) else start


def begin_with_complaints(
    number: Number, complaints: Sequence[ImportedComplaint], *, now: datetime
) -> Start:
    """The start of a new number with these complaints: one chapter of them at most
    (chapters.CHAPTER), which do not make the number's truth plain."""
    before = log.public_state(number)
    sums = folding.Folding(number, Part.of(number))
    for complaint in complaints:
        sums.hear_statement(complaint, complaint.voice)
    return _publish(sums, before, now)


def _publish(sums: folding.Folding, before: log.PublicState, now: datetime) -> Start:
    number = sums.number
    buckets = [dict(zip(BUCKET_NAMES, row, strict=True)) for row in sums.close()]
    publishing.decide(number, now=now)
    change = log.change(number, before, now=now)
    return Start(
        number=COPY_NUMBERS.head(vars(number)),
        buckets=tuple(map(COPY_BUCKETS.head, buckets)),
        change=None if change is None else log.COPY.head(vars(change)),
    )


def insert_starts(starts: Sequence[tuple[str, str, Start]]) -> list[int]:
    """Inserts numbers with these keys, countries and starts; returns their ids.

    Inserts in the order of keys, as `lock_numbers` does. Raises IntegrityError if a number exists.
    """
    ids = COPY_NUMBERS.draw(len(starts))
    keys = [key for key, _, _ in starts]
    COPY_NUMBERS.write(
        COPY_NUMBERS.rows(
            (start.number for _, _, start in starts),
            *(ids, keys, (country for _, country, _ in starts)),
        )
    )
    buckets = [
        (b, pk) for pk, (_, _, start) in zip(ids, starts, strict=True) for b in start.buckets
    ]
    COPY_BUCKETS.write(COPY_BUCKETS.rows((b for b, _ in buckets), (pk for _, pk in buckets)))
    log.copy((start.change, key) for key, _, start in starts if start.change)
    return ids
