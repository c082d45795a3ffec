"""Takes reports of a number back, or counts them again, by folding only the chapters concerned
(counting.chapters). The result equals a fold of the whole number, to the last bit.

A chapter is folded again if its reports changed, or if its beginning or a bucket that it uses
differs from before. Only the bucket of all newcomers may differ for long: its total is soon the
same again, but not the part of it that fades fast. A bucket that still differs after FARTHEST more
chapters is left to the trust pass, which folds the number anew within minutes: by then the
difference is only how fast a full bucket empties.

Runs inside its caller's transaction on locked numbers.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from reputation.counting import chapters, folding, refolding
from reputation.counting.bucket_rows import (
    BUCKET_NAMES,
    NO_BUCKETS,
    BucketRow,
    bucket_row,
    write_buckets,
)
from reputation.counting.chapters import Part, bucket_of, chapter_of, has_several, key_of
from reputation.counting.counted import COMPLAINTS, COUNTED, Counted
from reputation.counting.folding import ReportOrComplaint
from reputation.models import (
    ImportedComplaint,
    Number,
    Prepared,
    Reading,
    Report,
    Row,
    array,
    as_json,
    read_together,
)
from reputation.scoring import (
    EPOCH,
    Bucket,
    BucketKey,
    BucketKind,
    Evidence,
    bucket_keys,
)

REPORTS_BETWEEN = Prepared(
    f"{COUNTED} AND r.number_id = %s::bigint AND r.seq BETWEEN %s::integer AND %s::integer"
    " AND r.counted_at >= %s::timestamptz AND r.id <> ALL(%s::bigint[])"
)
COMPLAINTS_BETWEEN = Prepared(
    f"SELECT {COMPLAINTS.columns('c')} FROM reputation_importedcomplaint c"  # noqa: S608 -- constants
    " WHERE c.number_id = %s::bigint AND c.seq BETWEEN %s::integer AND %s::integer"
    " AND c.filed_at >= %s::timestamptz"
)
# Buckets at the beginning and the end of a chapter, and the next chapter that uses each. A voice
# uses both buckets of its network: it changes one, and checks whether the other exists.
_SAME = "o.number_id = w.number_id AND o.side = w.side AND o.kind = w.kind AND o.bucket = w.bucket"
MET = Prepared(
    "SELECT w.side, w.kind, w.bucket, b.short, b.long, b.at,"  # noqa: S608 -- constants
    " s.chapter, s.short, s.long, s.at, e.chapter, e.short, e.long, e.at,"
    " least(e.chapter, n.chapter)"
    " FROM json_populate_recordset(NULL::reputation_chapterbucket, %s::json) w"
    " LEFT JOIN reputation_evidencebucket b ON b.number_id = w.number_id AND b.side = w.side"
    " AND b.kind = w.kind AND b.bucket = w.bucket"
    f" LEFT JOIN LATERAL (SELECT * FROM reputation_chapterbucket o WHERE {_SAME}"
    " AND o.chapter >= w.chapter ORDER BY o.chapter LIMIT 1) s ON true"
    f" LEFT JOIN LATERAL (SELECT * FROM reputation_chapterbucket o WHERE {_SAME}"
    " AND o.chapter > w.chapter ORDER BY o.chapter LIMIT 1) e ON true"
    f" LEFT JOIN LATERAL (SELECT chapter FROM reputation_chapterbucket o"
    f" WHERE {_SAME.replace('o.kind = w.kind', 'o.kind = %s::smallint - w.kind')}"
    " AND w.kind = ANY(%s::smallint[]) AND o.chapter > w.chapter ORDER BY o.chapter LIMIT 1) n"
    " ON true"
)
PAIR: Final = (BucketKind.NETWORK, BucketKind.NETWORK_NEWCOMERS)
# How many chapters after a changed one are folded anew in the request.
FARTHEST: Final = 1
DROP_BUCKETS = Prepared(
    "DELETE FROM reputation_evidencebucket b USING"
    " json_populate_recordset(NULL::reputation_evidencebucket, %s::json) w"
    " WHERE b.number_id = w.number_id AND b.side = w.side AND b.kind = w.kind"
    " AND b.bucket = w.bucket"
)


class Met(NamedTuple):
    """A number's bucket at the beginning and the end of a chapter, as stored.

    `is_noted`: a row is stored for the beginning of this chapter. `next_chapter`: the next chapter
    that uses the bucket.
    """

    start: Bucket | None
    end: Bucket | None
    is_noted: bool
    next_chapter: int | None


class Changed(NamedTuple):
    """The new content of a bucket, and the next chapter that uses it."""

    bucket: Bucket | None
    next_chapter: int | None


class Unlike(Exception):
    """The stored chapters do not add up to the number."""


@dataclass(slots=True)
class Revision:
    """The rows to be written. `is_whole`: nothing is left to the trust pass."""

    reports: list[refolding.ReportRow] = field(default_factory=list)
    rows: list[chapters.StoredChapter] = field(default_factory=list)
    openings: list[chapters.Opening] = field(default_factory=list)
    buckets: dict[BucketKey, Changed] = field(default_factory=dict)
    is_whole: bool = True


def revise(
    *numbers: Number,
    gone: Collection[ReportOrComplaint] = (),
    back: Collection[ReportOrComplaint] = (),
) -> None:
    """Rebuilds numbers' evidence when reports or complaints no longer count (`gone`, as they were
    counted) or count again (`back`, in their places). A report whose counting changed is in both.
    Writes everything except the numbers.

    The rows of reports in `gone` may still be live. The rows of those in `back` must be stored, and
    complaints in `gone` must be deleted. The trust pass will look at the numbers again.
    """
    few = [number for number in numbers if not has_several(number)]
    if few:
        refolding.refold_all(few, without=_left_out(gone, back))
    of_number: dict[int, tuple[list[ReportOrComplaint], list[ReportOrComplaint]]] = {}
    for place, those in enumerate((gone, back)):
        for said in those:
            of_number.setdefault(said.number_id, ([], []))[place].append(said)
    for number in numbers:
        if has_several(number):
            _revise(number, *of_number.get(number.pk, ([], [])))
        number.trust_seq = refolding.DUE


def take_back(reports: Collection[Report]) -> list[BucketRow]:
    """`revise` for live reports that are about to be counted last, at most one a number. Returns
    the buckets of numbers that were folded anew, which are written when these reports are
    counted."""
    few = [report for report in reports if not has_several(report.number)]
    for report in reports:
        if has_several(report.number) and not _revise(report.number, [report], []):
            report.number.trust_seq = refolding.DUE
    if not few:
        return []
    numbers = [report.number for report in few]
    afresh = refolding.fold_afresh(numbers, without=few)
    buckets = afresh.buckets
    afresh.few_buckets, afresh.many_buckets = [], NO_BUCKETS
    refolding.write(numbers, afresh)
    return buckets


def _left_out(gone: Iterable[ReportOrComplaint], back: Iterable[ReportOrComplaint]) -> set[Report]:
    """The reports that no longer count: their rows may still be live."""
    return set(_reports(gone)).difference(_reports(back))


def _reports(those: Iterable[ReportOrComplaint]) -> list[Report]:
    return [said for said in those if isinstance(said, Report)]


def _revise(
    number: Number, gone: Collection[ReportOrComplaint], back: Collection[ReportOrComplaint]
) -> bool:
    """Revises one number; returns whether its evidence equals a fold of the whole number."""
    since = number.epoch_at or EPOCH
    gone = [said for said in gone if _counted_at(said) >= since]
    back = [said for said in back if _counted_at(said) >= since]
    if has_several(number):
        try:
            found = _Revising(number, gone, back).revised()
        except Unlike:
            pass
        else:
            _write(number, found)
            return found.is_whole
    refolding.refold_all([number], without=_left_out(gone, back))
    return True


def _counted_at(said: ReportOrComplaint) -> datetime:
    return said.counted_at if isinstance(said, Report) else said.filed_at


class _Revising:
    def __init__(
        self, number: Number, gone: Sequence[ReportOrComplaint], back: Sequence[ReportOrComplaint]
    ) -> None:
        self.number, self.gone, self.back = number, gone, back
        self.found = Revision()
        self.moved = False  # whether the next chapter now begins at another time

    def revised(self) -> Revision:
        concerned = {chapter_of(said.seq) for said in (*self.gone, *self.back)}
        rows = chapters.chapters_of(self.number, concerned=min(concerned, default=0))
        if not rows or not concerned <= {chapter for chapter, *_ in rows}:
            raise Unlike
        last = rows[-1][0]
        stored = whole = rows[0][2] or Part()
        behind = 0  # chapters folded since the last one in `concerned`
        for chapter, own, kept in rows:
            now, before = own, whole
            if behind == FARTHEST and chapter not in concerned:
                self._leave(chapter)
            if chapter in concerned or self.moved or self._meets(chapter):
                behind = 0 if chapter in concerned else behind + 1
                now = self._folded(chapter, own, before)
                self.moved = now.evidence.at != own.evidence.at
            is_same = now is own and before is stored
            stored = stored.then(own)
            whole = stored if is_same else before.then(now)
            keeps = before if chapter == last else chapters.kept(chapter, before)
            if now is not own or keeps != kept:
                self.found.rows.append((self.number.pk, chapter, now, keeps))
        if stored != Part.of(self.number):
            raise Unlike
        whole.put(self.number)
        refolding.put(self.number, campaigns=[report.campaign_id for report in _reports(self.back)])
        return self.found

    def _meets(self, chapter: int) -> bool:
        return any(each.next_chapter == chapter for each in self.found.buckets.values())

    def _leave(self, chapter: int) -> None:
        """Leaves the buckets that still differ when this chapter begins to the trust pass."""
        for key, changed in [*self.found.buckets.items()]:
            if changed.next_chapter == chapter:
                del self.found.buckets[key]
                self.found.is_whole = False

    def _folded(self, chapter: int, own: Part, before: Part) -> Part:
        """Folds the chapter anew; returns its own part."""
        reports, complaints = self._statements(chapter)
        gone, back = (
            [said for said in those if chapter_of(said.seq) == chapter]
            for those in (self.gone, self.back)
        )
        if len(reports) + len(complaints) != own.statements - len(gone) + len(back):
            raise Unlike
        voices = [(each.voice(reweigh=False), each) for each in reports]
        heard = [
            *(voice for voice, _ in voices),
            *(each.voice for each in complaints),
            *(each.voice for each in gone),
        ]
        changed = self.found.buckets
        met = self._met(
            chapter, {*changed, *(key for voice in heard for key in bucket_keys(voice))}
        )
        sums = folding.Folding(
            self.number,
            Part(Evidence(at=before.evidence.at)),
            chapter=chapter,
        )
        for key, each in met.items():
            start = changed[key].bucket if key in changed else each.start
            if start is not None:
                sums.buckets[key] = start
            if key in changed and each.is_noted:
                self.found.openings.append((self.number.pk, key, chapter, start))
        self.found.reports.extend(refolding.hear_all(sums, voices, complaints))
        # A report that counts again may use a bucket that no other report of this chapter used.
        self.found.openings.extend(
            row for row in sums.opening_rows() if not met[row[1]].is_noted and chapter
        )
        for key, each in met.items():
            end = sums.buckets.get(key)
            if end != each.end:
                changed[key] = Changed(end, each.next_chapter)
            else:
                changed.pop(key, None)
        return sums.own

    def _statements(self, chapter: int) -> tuple[list[Counted], list[ImportedComplaint]]:
        between = map(str, chapters.places_of(chapter))
        since = (self.number.epoch_at or EPOCH).isoformat()
        bounds = (str(self.number.pk), *between, since)
        gone = array(report.pk for report in _left_out(self.gone, self.back))
        reports = Reading(REPORTS_BETWEEN, (*bounds, gone))
        complaints = Reading(COMPLAINTS_BETWEEN, bounds)
        read_together(reports, complaints)
        return [Counted(*row) for row in reports.rows], list(map(COMPLAINTS.load, complaints.rows))

    def _met(self, chapter: int, keys: Iterable[BucketKey]) -> Mapping[BucketKey, Met]:
        names = ("number_id", "side", "kind", "bucket", "chapter")
        wanted = [dict(zip(names, (self.number.pk, *key, chapter), strict=True)) for key in keys]
        pair = str(sum(PAIR)), array(PAIR)
        return dict(self._loaded(chapter, MET.all(as_json(wanted), *pair)))

    def _loaded(self, chapter: int, rows: Iterable[Row]) -> Iterator[tuple[BucketKey, Met]]:
        for side, kind, name, *rest in rows:
            current = bucket_of(*rest[:3])
            start_chapter, *start = rest[3:7]
            end_chapter, *end = rest[7:11]
            yield (
                key_of(side, kind, name),
                Met(
                    start=None
                    if not chapter
                    else current
                    if start_chapter is None
                    else bucket_of(*start),
                    end=current if end_chapter is None else bucket_of(*end),
                    is_noted=start_chapter == chapter,
                    next_chapter=rest[11],
                ),
            )


def _write(number: Number, found: Revision) -> None:
    chapters.write(found.rows)
    chapters.open_buckets(found.openings, anew=True)
    rows: list[BucketRow] = []
    dropped = []
    for key, (bucket, _) in found.buckets.items():
        if bucket is None:
            dropped.append(dict(zip(BUCKET_NAMES, (number.pk, *key), strict=False)))
        else:
            rows.append(bucket_row(number.pk, key, bucket))
    if dropped:
        DROP_BUCKETS.run(as_json(dropped))
    write_buckets(rows)
    refolding.write_reports(refolding.ReportColumns.of(found.reports))
