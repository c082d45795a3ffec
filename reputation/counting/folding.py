"""The fold: turns reports about numbers into evidence, under locks on the numbers' rows.

Each function here runs inside its caller's transaction and expects its numbers to be locked; many
numbers take about as many queries as one. Appending a voice is one step (`count`). Taking a voice
back or changing it folds the number anew from its reports (`refolding`), since saturated sums
cannot be subtracted from; of thousands of reports, it folds only the chapters concerned
(`revising`).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from reputation.counting import chapters
from reputation.counting.bucket_rows import (
    MICROSECOND,
    Ahead,
    BucketRow,
    bucket_row,
    read_buckets,
    write_buckets,
)
from reputation.counting.chapters import Part, chapter_of, has_several, key_of
from reputation.models import (
    ImportedComplaint,
    Number,
    Report,
    account_age,
)
from reputation.scoring import (
    CATEGORIES,
    EPOCH,
    Bucket,
    BucketKey,
    Evidence,
    Record,
    Voice,
    fold,
    fold_mix,
    to_days,
    trust,
)


def append_reports(
    reports: Collection[Report],
    *,
    now: datetime,
    ahead: Ahead | None,
    anew: Sequence[BucketRow],
) -> None:
    """Puts reports last in their numbers' fold order, at most one a number, and counts live ones.

    Sets on each report its weight by its reporter's record, and its contribution after saturation;
    a report of a former holder's call contributes nothing. Writes the buckets, but not the reports
    and their numbers. `ahead`: the buckets of one number, unchanged since they were read. `anew`:
    buckets of numbers that were folded anew, of which none is stored.
    """
    for report in reports:
        place_last(report, now=now)
    live, former = list[Report](), set[int]()
    for report in reports:
        if report.counted_at < (report.number.epoch_at or EPOCH):
            report.contribution = 0.0
            former.add(report.number_id)
        elif report.status == Report.Status.LIVE:
            live.append(report)
    if former:
        write_buckets([row for row in anew if row[0] in former], anew=True)
        anew = [row for row in anew if row[0] not in former]
    contributions = count([(report.number, report) for report in live], ahead=ahead, anew=anew)
    for report, contribution in zip(live, contributions, strict=True):
        report.contribution = contribution


def place_last(report: Report, *, now: datetime) -> None:
    """Puts a report last in its number's fold order, and sets its weight. Does not count it."""
    number, reporter = report.number, report.reporter
    number.seq += 1
    report.seq, report.full_side = number.seq, 0
    # If the clock is behind a new holder's first day, the report still counts for the new holder. A
    # report of an earlier call counts at the former holder's last moment.
    report.counted_at = max(now, number.epoch_at or now)
    if number.epoch_at and report.occurred_at and report.occurred_at < number.epoch_at:
        report.counted_at = number.epoch_at - MICROSECOND
    if report.since and not (number.epoch_at or EPOCH) <= report.since < report.counted_at:
        report.since = None
    report.weight, report.established = weigh(
        reporter.record,
        report.category,
        age=account_age(reporter.created_at, reporter.vouched_at, report.counted_at),
        attestation=report.attestation,
        was_warned=report.was_warned,
    )
    report.first = trust.is_first(
        number.sums, CATEGORIES[report.category].side, to_days(report.counted_at)
    )


def weigh(
    record: Record, category: str, *, age: float, attestation: str, was_warned: bool
) -> tuple[float, bool]:
    """A report's weight, and whether its reporter is established.

    `age`: of the reporter's account when the report was counted, in days.
    """
    weight = trust.weight(record, CATEGORIES[category].side)
    return (
        weight * trust.provenance(attestation, was_warned),
        trust.is_established(record, age),
    )


# What a fold adds.
type ReportOrComplaint = Report | ImportedComplaint


class Folding:
    """The evidence of one number while voices are added: read from its row once, written back once.

    `buckets`: the current contents of the voices' buckets; `changed`: those that voices have
    changed. `own` is the part of the last chapter, `before` the part of those before it.
    `openings`: what buckets held at the beginning of a chapter that has changed them.
    """

    __slots__ = (
        *("number", "chapter", "before", "evidence", "mix", "reports", "complaints"),
        *("first", "last", "closed", "openings", "buckets", "changed"),
    )

    def __init__(
        self, number: Number, own: Part, *, chapter: int = 0, before: Part | None = None
    ) -> None:
        self.number, self.chapter, self.before = number, chapter, before or Part()
        self.closed: list[chapters.StoredChapter] = []
        self.openings: dict[tuple[int, BucketKey], Bucket | None] = {}
        self.buckets: dict[BucketKey, Bucket] = {}
        self.changed: dict[BucketKey, Bucket] = {}
        self._begin(own)

    def _begin(self, own: Part) -> None:
        self.evidence, self.mix = own.evidence, own.mix
        self.reports, self.complaints = own.reports, own.complaints
        self.first, self.last = own.first, own.last

    @property
    def own(self) -> Part:
        return Part(self.evidence, self.mix, self.reports, self.complaints, self.first, self.last)

    def hear(
        self, voice: Voice, *, seq: int, filed_at: datetime, counted_at: datetime | None = None
    ) -> float:
        """Adds the voice of a report or a complaint. Returns its contribution: what saturation left
        of its weight. `counted_at`: None for a complaint, which counts when it is filed."""
        if (chapter := chapter_of(seq)) != self.chapter:
            self._turn_to(chapter)
        evidence, buckets, contribution = fold(self.evidence, self.buckets, voice)
        self.mix = fold_mix(
            self.mix,
            before=self.evidence.at,
            after=evidence.at,
            voice=voice,
            contribution=contribution,
        )
        self.evidence = evidence
        if self.chapter:
            for key in buckets:
                self.openings.setdefault((self.chapter, key), self.buckets.get(key))
        self.buckets |= buckets
        self.changed |= buckets
        last = counted_at or filed_at
        self.reports += counted_at is not None
        self.complaints += counted_at is None
        self.first = filed_at if self.first is None else min(self.first, filed_at)
        self.last = last if self.last is None else max(self.last, last)
        return contribution

    def hear_statement(self, said: ReportOrComplaint, voice: Voice) -> float:
        counted_at = said.counted_at if isinstance(said, Report) else None
        return self.hear(voice, seq=said.seq, filed_at=said.filed_at, counted_at=counted_at)

    def _turn_to(self, chapter: int) -> None:
        own = self.own
        if own.statements:
            kept = chapters.kept(self.chapter, self.before)
            self.closed.append((self.number.pk, self.chapter, own, kept))
        self.before, self.chapter = self.before.then(own), chapter
        self._begin(Part(Evidence(at=self.before.evidence.at)))

    def close(self, *, all_of_them: bool = False) -> list[BucketRow]:
        """Puts the evidence into the number's columns. Returns the buckets to be written, those
        that changed or all of them, as tuples of EvidenceBucket's columns, since models would be
        slower."""
        (self.before.then(self.own) if self.chapter else self.own).put(self.number)
        buckets, pk = self.buckets if all_of_them else self.changed, self.number.pk
        return [bucket_row(pk, key, bucket) for key, bucket in buckets.items()]

    def chapter_rows(self) -> list[chapters.StoredChapter]:
        """The chapters to be written; none for a number with only one."""
        last = [(self.number.pk, self.chapter, self.own, self.before)] if self.chapter else []
        return [*self.closed, *last]

    def opening_rows(self) -> list[chapters.Opening]:
        return [
            (self.number.pk, key, chapter, bucket)
            for (chapter, key), bucket in self.openings.items()
        ]


def count(
    said: Sequence[tuple[Number, ReportOrComplaint]],
    *,
    ahead: Ahead | None = None,
    anew: Sequence[BucketRow] = (),
) -> list[float]:
    """Adds reports and complaints to numbers, each number's in the order of the fold.

    Returns the contribution of each. Writes the buckets, but not the numbers. `ahead`, `anew`: see
    `append_reports`.
    """
    heard = [(number.pk, each, each.voice) for number, each in said]
    at_hand = {row[0] for row in anew}
    near = read_buckets(((pk, voice) for pk, _, voice in heard if pk not in at_hand), ahead)
    foldings = open_foldings((number for number, _ in said), [*near, *anew])
    contributions = [foldings[pk].hear_statement(each, voice) for pk, each, voice in heard]
    written = [folding.close(all_of_them=pk in at_hand) for pk, folding in foldings.items()]
    write_buckets([row for rows in written for row in rows], anew=at_hand >= foldings.keys())
    chapters.open_buckets([row for folding in foldings.values() for row in folding.opening_rows()])
    chapters.write(row for folding in foldings.values() for row in folding.chapter_rows())
    return contributions


def open_foldings(numbers: Iterable[Number], buckets: Iterable[BucketRow]) -> dict[int, Folding]:
    """The numbers' evidence by id, with those of these buckets that are theirs."""
    by_id = {number.pk: number for number in numbers}
    several = list(filter(has_several, by_id.values()))
    lasts = chapters.last_chapters(several) if several else {}
    foldings = {pk: _opened(number, lasts.get(pk)) for pk, number in by_id.items()}
    for number_id, side, kind, name, short, long, at in buckets:
        foldings[number_id].buckets[key_of(side, kind, name)] = Bucket(short, long, to_days(at))
    return foldings


def _opened(number: Number, last: tuple[int, Part, Part] | None) -> Folding:
    """The number's folding, at its last chapter.

    If the stored chapters do not add up to the number, it begins without chapters until it is
    folded anew: during an upgrade, an older program may have counted reports without writing
    chapters.
    """
    whole = Part.of(number)
    if last is None:
        return Folding(number, whole)
    chapter, own, before = last
    if before.then(own) != whole:
        chapters.clear([number])
        return Folding(number, whole)
    return Folding(number, own, chapter=chapter, before=before)
