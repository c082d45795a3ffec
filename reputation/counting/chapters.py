"""Folds a number's reports in chapters, so that taking one of thousands back folds few of them
again.

A number's reports and complaints are divided into chapters of CHAPTER places of its fold order. The
evidence of each chapter is folded by itself, over buckets that continue from chapter to chapter;
joining the chapters in order gives the number's evidence. So a change within one chapter does not
change the sums of the others. A few reports later a bucket holds the same value, to the last bit,
as without the change, since a cap forgets (evidence._passes). `revising` folds only the chapters up
to that place, and joins those that follow. Each MARKED-th chapter and the last store the sum of all
chapters before them, so that these need not be read.

A number without a second chapter has no rows here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Self

import orjson

from reputation.models import (
    EVIDENCE_SUMS,
    ChapterBucket,
    Copy,
    Number,
    Prepared,
    array,
    as_json,
    send_held,
)
from reputation.scoring import (
    EMPTY,
    Bucket,
    BucketKey,
    BucketKind,
    Evidence,
    Side,
    from_days,
    joined,
    joined_mix,
    to_days,
)

SIDES: Final = {each.value: each for each in Side}
KINDS: Final = {each.value: each for each in BucketKind}
# Reports and complaints in a chapter. A change folds about two chapters, and joins each that
# follows.
CHAPTER: Final = 128
# A change writes a row for each later marked chapter, and reads at most this many earlier chapters.
MARKED: Final = 16
COPIED: Final = 500  # from this many rows on, COPY takes less time

# JSON as text, since orjson reads it faster than psycopg does.
LAST = Prepared(
    "SELECT n.id, c.chapter, c.own::text, c.before::text FROM unnest(%s::bigint[]) n(id)"
    " CROSS JOIN LATERAL (SELECT * FROM reputation_chapter WHERE number_id = n.id"
    " ORDER BY chapter DESC LIMIT 1) c"
)
SINCE = Prepared(
    "SELECT chapter, own::text, before::text FROM reputation_chapter"
    " WHERE number_id = %s::bigint AND chapter >= coalesce((SELECT max(chapter)"
    " FROM reputation_chapter WHERE number_id = %s::bigint AND chapter <= %s::integer"
    " AND before IS NOT NULL), 0) ORDER BY chapter"
)
OF_NUMBERS = Prepared(
    "SELECT number_id, chapter, own::text, before::text FROM reputation_chapter"
    " WHERE number_id = ANY(%s::bigint[])"
)
OPENINGS_OF = Prepared(
    "SELECT number_id, side, kind, bucket, chapter, short, long, at FROM reputation_chapterbucket"
    " WHERE number_id = ANY(%s::bigint[])"
)
CLEAR = tuple(
    Prepared(f"DELETE FROM reputation_{table} WHERE number_id = ANY(%s::bigint[])")  # noqa: S608
    for table in ("chapter", "chapterbucket")
)
UPSERT = Prepared(
    "INSERT INTO reputation_chapter (number_id, chapter, own, before)"
    " SELECT number_id, chapter, own, before"
    " FROM json_populate_recordset(NULL::reputation_chapter, %s::json)"
    " ON CONFLICT (number_id, chapter) DO UPDATE SET own = EXCLUDED.own, before = EXCLUDED.before"
)
OPENING_NAMES: Final = ("number_id", "side", "kind", "bucket", "chapter", "short", "long", "at")
OPENING: Final = ", ".join(OPENING_NAMES)
_OPEN: Final = (
    f"INSERT INTO reputation_chapterbucket ({OPENING}) SELECT {OPENING}"  # noqa: S608 -- constants
    " FROM json_populate_recordset(NULL::reputation_chapterbucket, %s::json)"
    " ON CONFLICT (number_id, side, kind, bucket, chapter) DO "
)
OPEN = Prepared(f"{_OPEN} NOTHING")
OPEN_ANEW = Prepared(
    f"{_OPEN} UPDATE SET short = EXCLUDED.short, long = EXCLUDED.long, at = EXCLUDED.at"
)
COPY_OPENINGS = Copy(ChapterBucket, shared=(), own=OPENING_NAMES)


def chapter_of(seq: int) -> int:
    return (seq - 1) // CHAPTER


def places_of(chapter: int) -> tuple[int, int]:
    """The first place of a chapter and its last one."""
    return chapter * CHAPTER + 1, (chapter + 1) * CHAPTER


def has_several(number: Number) -> bool:
    """Whether the number has more than one chapter."""
    return number.seq > CHAPTER


def fills_one(number: Number) -> bool:
    """Whether the number's next report begins its second chapter."""
    return number.seq >= CHAPTER


# The columns of a number that its reports and complaints determine (Part.put).
COLUMNS: Final = (
    *EVIDENCE_SUMS,
    *("evidence_at", "first_unwanted_at", "last_unwanted_at", "category_mix"),
    *("reports", "complaints", "first_reported_at", "last_reported_at"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """The sums of consecutive reports and complaints of a number's fold.

    `first`: when the first of them was filed; `last`: when the last was reported.
    """

    evidence: Evidence = EMPTY
    mix: Mapping[str, float] = field(default_factory=dict)
    reports: int = 0
    complaints: int = 0
    first: datetime | None = None
    last: datetime | None = None

    @classmethod
    def of(cls, number: Number) -> Self:
        return cls(
            number.evidence,
            number.category_mix,
            number.reports,
            number.complaints,
            number.first_reported_at,
            number.last_reported_at,
        )

    @classmethod
    def on_record(cls, text: str) -> Self:
        row = orjson.loads(text)
        first, last = (
            each and datetime.fromisoformat(each) for each in (row["first"], row["last"])
        )
        evidence = Evidence(**row["evidence"])
        return cls(evidence, row["mix"], row["reports"], row["complaints"], first, last)

    def for_record(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in PART} | {"evidence": self.evidence._asdict()}

    @property
    def statements(self) -> int:
        return self.reports + self.complaints

    def put(self, number: Number) -> None:
        """Sets COLUMNS of the number."""
        number.evidence, number.category_mix = self.evidence, dict(self.mix)
        number.reports, number.complaints = self.reports, self.complaints
        number.first_reported_at, number.last_reported_at = self.first, self.last

    def then(self, last: "Part") -> "Part":
        """Both parts as one; `last` began where this part ends."""
        return Part(
            joined(self.evidence, last.evidence),
            joined_mix(self.mix, last.mix, before=self.evidence.at, after=last.evidence.at),
            self.reports + last.reports,
            self.complaints + last.complaints,
            min(filter(None, (self.first, last.first)), default=None),
            max(filter(None, (self.last, last.last)), default=None),
        )


PART: Final = tuple(part.name for part in fields(Part))

# A stored chapter: number, place, the part of its own statements, and, for marked chapters and the
# last, the part before it. The next statement is added to the last chapter.
type StoredChapter = tuple[int, int, Part, Part | None]
# What a bucket held when a chapter that changes it began: number, bucket, place, and the bucket;
# None if there was no bucket.
type Opening = tuple[int, BucketKey, int, Bucket | None]


def last_chapters(numbers: Iterable[Number]) -> dict[int, tuple[int, Part, Part]]:
    """The last chapter of each number, by the number's id: its place, its own part and the part
    before it."""
    found = {}
    for pk, chapter, own, before in LAST.all(array(number.pk for number in numbers)):
        found[pk] = chapter, Part.on_record(own), Part.on_record(before) if before else Part()
    return found


def chapters_of(number: Number, *, concerned: int = 0) -> list[tuple[int, Part, Part | None]]:
    """The number's chapters: place, own part, and the part before it where that is stored. Begins
    with the last chapter up to `concerned` that stores the part before it."""
    pk = str(number.pk)
    return [
        (chapter, Part.on_record(own), Part.on_record(before) if before else None)
        for chapter, own, before in SINCE.all(pk, pk, str(concerned))
    ]


def kept(chapter: int, before: Part) -> Part | None:
    """What a chapter other than the last stores of those before it."""
    return before if chapter and chapter % MARKED == 0 else None


def rows_of(numbers: Iterable[Number]) -> list[StoredChapter]:
    return [
        (pk, chapter, Part.on_record(own), None if before is None else Part.on_record(before))
        for pk, chapter, own, before in OF_NUMBERS.all(array(number.pk for number in numbers))
    ]


def openings_of(numbers: Iterable[Number]) -> list[Opening]:
    return [
        (pk, key_of(side, kind, name), chapter, bucket_of(*content))
        for pk, side, kind, name, chapter, *content in OPENINGS_OF.all(
            array(number.pk for number in numbers)
        )
    ]


def clear(numbers: Collection[Number]) -> None:
    """Deletes the chapters of those numbers that have some."""
    several = [number.pk for number in numbers if has_several(number)]
    for statement in CLEAR if several else ():
        statement.run(array(several))


def write(rows: Iterable[StoredChapter]) -> None:
    sent = [
        {
            "number_id": pk,
            "chapter": chapter,
            "own": own.for_record(),
            "before": before and before.for_record(),
        }
        for pk, chapter, own, before in rows
    ]
    if sent:
        UPSERT.run(as_json(sent))


def open_buckets(openings: Collection[Opening], *, anew: bool = False) -> None:
    """Stores what buckets held as chapters began. Existing rows stay as they are, unless `anew`."""
    if openings:
        sent = [dict(zip(OPENING_NAMES, _columns(each), strict=True)) for each in openings]
        (OPEN_ANEW if anew else OPEN).run(as_json(sent))


def copy_openings(openings: Collection[Opening]) -> None:
    """`open_buckets` for numbers that have no such rows."""
    if len(openings) < COPIED:
        open_buckets(openings)
    else:
        send_held()
        head = COPY_OPENINGS.head({})
        columns = zip(*map(_columns, openings), strict=True)
        COPY_OPENINGS.write(COPY_OPENINGS.rows((head for _ in openings), *columns))


def _columns(opening: Opening) -> tuple[Any, ...]:
    pk, (side, kind, name), chapter, bucket = opening
    if bucket is None:
        return pk, side, kind, name, chapter, 0.0, 0.0, None
    return pk, side, kind, name, chapter, bucket.short, bucket.long, from_days(bucket.at)


def bucket_of(short: float | None, long: float | None, at: datetime | None) -> Bucket | None:
    return None if at is None or short is None or long is None else Bucket(short, long, to_days(at))


def key_of(side: int, kind: int, name: str) -> BucketKey:
    return SIDES[side], KINDS[kind], name
