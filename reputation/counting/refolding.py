"""Folds numbers anew from their live reports, many at a time: rebuilds, withdrawals, trust pass.

Runs inside its caller's transaction on numbers that are locked, like the fold itself.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from typing import Any, Final, NamedTuple

import numpy as np

from reputation.counting import chapters, folding
from reputation.counting.bucket_rows import (
    CLEAR_BUCKETS,
    NO_BUCKETS,
    BucketColumns,
    BucketRow,
    copy_buckets,
    write_buckets,
)
from reputation.counting.chapters import Part, has_several
from reputation.counting.counted import NUMBER, Counted, block_case_of, read_counted
from reputation.models import (
    RECORD,
    ImportedComplaint,
    Number,
    Prepared,
    Report,
    Row,
    array,
    binary_array,
    network_of,
)
from reputation.scoring import (
    Bools,
    BucketKind,
    Floats,
    Ints,
    Voice,
    day_of,
    folds,
    may_pass,
    microseconds,
    prior_for,
    to_days,
    trust,
)

# The trust_seq of a number that the trust pass must look at whatever its seq is.
DUE = -1

BUCKETS_OF = Prepared(
    "SELECT number_id, side, kind, bucket, short, long, at FROM reputation_evidencebucket"
    " WHERE number_id = ANY(%s::bigint[])"
)
# Writes how reports count, in one statement. A report that now contributes more may lose some of
# its credit.
WRITE = Prepared(
    "UPDATE reputation_report r SET weight = v.weight, established = v.established,"  # noqa: S608
    " contribution = v.contribution, full_side = CASE WHEN v.contribution > CASE r.full_side"
    f" WHEN 1 THEN {trust.QUIET[1]} ELSE {trust.QUIET[-1]} END THEN 0 ELSE r.full_side END"
    " FROM unnest(%s::bigint[], %s::float8[], %s::boolean[], %s::float8[])"
    " AS v(id, weight, established, contribution) WHERE r.id = v.id"
)


PLACES: Final = {name: place for place, name in enumerate(folds.NAMES)}
OF_NETWORKS: Final = frozenset({BucketKind.NETWORK, BucketKind.NETWORK_NEWCOMERS})
# The columns of a number that reweighing sets.
REWEIGHED: Final = (*chapters.COLUMNS, "prior", "campaign_id", "promoted", "trust_seq")
# The columns of a number that its reports set.
REPORTED: Final = (*REWEIGHED, "seq", "settled_side", "settled_seq")
# Numbers with this many reports or more in all are folded together.
SEVERAL: Final = 200


# A report's id, weight, established and contribution.
type ReportRow = tuple[int, float, bool, float]


class ReportColumns(NamedTuple):
    """How reports count, as columns."""

    pk: Ints
    weight: Floats
    established: Bools
    contribution: Floats

    @classmethod
    def of(cls, rows: Collection[ReportRow]) -> "ReportColumns":
        pks, weights, established, contributions = zip(*rows, strict=True) if rows else ((),) * 4
        return cls(
            np.array(pks, np.int64),
            np.array(weights, np.float64),
            np.array(established, np.bool_),
            np.array(contributions, np.float64),
        )

    def rows(self) -> Iterator[ReportRow]:
        return zip(*(column.tolist() for column in self), strict=True)


NO_REPORTS: Final = ReportColumns.of(())


@dataclass(slots=True)
class Afresh:
    """The result of folding anew: all buckets, and the reports that changed. As rows for the
    numbers that were folded one by one, as columns for the others."""

    few_buckets: list[BucketRow] = field(default_factory=list)
    few_reports: list[ReportRow] = field(default_factory=list)
    many_buckets: BucketColumns = NO_BUCKETS
    many_reports: ReportColumns = NO_REPORTS
    chapter_rows: list[chapters.StoredChapter] = field(default_factory=list)
    openings: list[chapters.Opening] = field(default_factory=list)
    # Numbers that were folded one by one, some of whose reports changed.
    changed: set[int] = field(default_factory=set)

    @property
    def buckets(self) -> list[BucketRow]:
        return [*self.few_buckets, *self.many_buckets.rows()]

    @property
    def reports(self) -> list[ReportRow]:
        return [*self.few_reports, *self.many_reports.rows()]


def refold(number: Number) -> None:
    """Rebuilds the number's evidence from its live reports, in the order in which they were
    counted.

    For callers that took something back: the trust pass will look at the number again.
    """
    refold_all([number])
    number.trust_seq = DUE


def refold_all(
    numbers: Collection[Number], *, without: Collection[Report] = (), reweigh: bool = False
) -> None:
    """Rebuilds many numbers' evidence and writes buckets and reports, but not the numbers.

    See `fold_afresh`. Skips the rows of numbers with several chapters that reweighing did not
    change, which may be thousands.
    """
    several = [number for number in numbers if has_several(number)] if reweigh else []
    before = {number.pk: Part.of(number) for number in several}
    afresh = fold_afresh(numbers, without=without, reweigh=reweigh)
    same = [
        number
        for number in several
        if number.pk not in afresh.changed and Part.of(number) == before[number.pk]
    ]
    if kept := _as_written(same, afresh):
        afresh.few_buckets = [row for row in afresh.few_buckets if row[0] not in kept]
        afresh.chapter_rows = [row for row in afresh.chapter_rows if row[0] not in kept]
        afresh.openings = [row for row in afresh.openings if row[0] not in kept]
    write([number for number in numbers if number.pk not in kept], afresh)


def _as_written(numbers: Collection[Number], afresh: Afresh) -> set[int]:
    """The ids of numbers whose stored buckets and chapters equal the new ones."""
    if not numbers:
        return set()
    ids = {number.pk for number in numbers}
    made = {row for row in afresh.few_buckets if row[0] in ids}
    others = {pk for pk, *_ in made.symmetric_difference(BUCKETS_OF.all(array(ids)))}
    rows = {row[:2]: row for row in afresh.chapter_rows if row[0] in ids}
    written = {row[:2]: row for row in chapters.rows_of(numbers)}
    others |= {key[0] for key in rows.keys() | written if rows.get(key) != written.get(key)}
    return ids - others


def fold_afresh(
    numbers: Collection[Number], *, without: Collection[Report] = (), reweigh: bool = False
) -> Afresh:
    """Rebuilds many numbers' evidence without the reports in `without`.

    With `reweigh`, each report's weight follows its reporter's record of now, and the function
    decides whether the trust pass promotes the number; otherwise a report keeps the weight with
    which it was counted. Changes the given objects, and nothing in the database.
    """
    by_id = {number.pk: number for number in numbers}
    rows, complained = read_counted(by_id, without=without)
    several = [number.pk for number in numbers if has_several(number)]
    many, few = _parted(rows, [*complained, *several])
    afresh = Afresh()
    together = _fold_together(by_id, many, afresh, reweigh=reweigh) if many else set()
    reports_of: dict[int, list[Counted]] = {}
    for row in few:
        report = Counted(*row)
        reports_of.setdefault(report.number, []).append(report)
    for number in numbers:
        if number.pk not in together:
            pk = number.pk
            _fold_alone(
                number, reports_of.get(pk, []), complained.get(pk, []), afresh, reweigh=reweigh
            )
    return afresh


def _parted(rows: list[Row], apart: list[int]) -> tuple[list[Row], list[Row]]:
    """Reports on numbers that are folded faster together, and the other reports, those of `apart`
    among them."""
    if len(rows) < SEVERAL:
        return [], rows
    pks = np.fromiter((row[NUMBER] for row in rows), np.int64, len(rows))
    numbers, sizes = np.unique(pks, return_counts=True)
    chosen = folds.worth_it(sizes) & ~np.isin(numbers, apart)
    many = np.repeat(chosen, sizes)
    return list(compress(rows, many.tolist())), list(compress(rows, (~many).tolist()))


def _fold_alone(
    number: Number,
    reports: Sequence[Counted],
    complaints: Sequence[ImportedComplaint],
    afresh: Afresh,
    *,
    reweigh: bool,
) -> None:
    voices = [(each.voice(reweigh=reweigh), each) for each in reports]
    sums = folding.Folding(number, Part())
    if changed := list(hear_all(sums, voices, complaints)):
        afresh.few_reports.extend(changed)
        afresh.changed.add(number.pk)
    afresh.few_buckets.extend(sums.close())
    afresh.chapter_rows.extend(sums.chapter_rows())
    afresh.openings.extend(sums.opening_rows())
    if reweigh:
        number.promoted = not block_case_of(voices).obstacles()
        number.trust_seq = number.seq
    put(number, campaigns=[each.campaign for each in reports])


def hear_all(
    sums: folding.Folding,
    voices: Iterable[tuple[Voice, Counted]],
    complaints: Iterable[ImportedComplaint],
) -> Iterator[ReportRow]:
    """Adds reports with their voices, and complaints, in their order. Yields the rows of reports
    that changed."""
    counted: list[tuple[int, Voice, Counted | ImportedComplaint]] = [
        *((each.seq, voice, each) for voice, each in voices),
        *((each.seq, each.voice, each) for each in complaints),
    ]
    for seq, voice, each in sorted(counted, key=lambda entry: entry[0]):
        if isinstance(each, ImportedComplaint):
            sums.hear(voice, seq=seq, filed_at=each.filed_at)
            continue
        contribution = sums.hear(voice, seq=seq, filed_at=each.filed_at, counted_at=each.counted_at)
        now = (voice.weight, voice.established, contribution)
        if (each.weight, each.established, each.contribution) != now:
            yield (each.pk, *now)


def _fold_together(
    by_id: dict[int, Number], rows: list[Row], afresh: Afresh, *, reweigh: bool
) -> set[int]:
    """`_fold_alone` for many numbers without complaints, over arrays. Returns their ids."""
    columns: dict[str, Sequence[Any]] = dict(
        zip(Counted._fields, zip(*rows, strict=True), strict=True)
    )
    ids, number = np.unique(np.array(columns["number"]), return_inverse=True)
    category = np.array([PLACES[name] for name in columns["category"]])
    at = _days(columns["counted_at"])
    records = np.array([columns[name] for name in RECORD])
    old = np.array(columns["weight"]), np.array(columns["established"])
    weight, established = _weighed(columns, category, at, records) if reweigh else old
    names = list(map(network_of, columns["network"], columns["cluster"]))
    places: dict[str, int] = {}
    network = np.array([places.setdefault(name, len(places)) for name in names])
    moments = zip(columns["since"], columns["counted_at"], strict=True)
    begins = _days([since or last for since, last in moments])
    voices = folds.Voices(number, category, at, begins, weight, established, network)
    found = folds.fold_together(voices, len(ids))
    unwanted = folds.IS_UNWANTED[category]
    afresh.many_buckets = _buckets(found.buckets, ids[number], unwanted, names, at)
    changed = (weight != old[0]) | (established != old[1])
    changed |= found.contribution != np.array(columns["contribution"])
    afresh.many_reports = ReportColumns(
        np.array(columns["pk"])[changed],
        weight[changed],
        established[changed],
        found.contribution[changed],
    )
    speaks = unwanted & (weight > 0.0)
    backers = np.fromiter(map(len, columns["backers"]), np.int64, len(rows))
    rests = speaks & folds.resting(records, backers)
    resting = np.bincount(number, rests).astype(np.int64).tolist()
    ends = np.cumsum(np.bincount(number)).tolist()
    filed, heard = columns["filed_at"], columns["counted_at"]
    start = 0
    for place, (pk, end) in enumerate(zip(ids.tolist(), ends, strict=True)):
        one, mine = by_id[pk], slice(start, end)
        said = (end - start, 0, min(filed[mine]), max(heard[mine]))
        Part(found.evidence[place], found.mix[place], *said).put(one)
        if reweigh:
            one.promoted = may_pass(one.networks, resting[place]) and _passes(rows[mine])
            one.trust_seq = one.seq
        put(one, campaigns=columns["campaign"][mine])
        start = end
    return set(ids.tolist())


def _weighed(
    columns: dict[str, Sequence[Any]], category: Ints, at: Floats, records: Floats
) -> tuple[Floats, Bools]:
    """folding.weigh for reports as columns of Counted."""
    vouched = np.array([moment is not None for moment in columns["vouched_at"]])
    return folds.weighed(
        records,
        category,
        age=np.where(vouched, np.inf, at - _days(columns["reporter_created_at"])),
        factor=np.array(list(map(trust.provenance, columns["attestation"], columns["was_warned"]))),
    )


def _passes(rows: Iterable[Row]) -> bool:
    """Whether the trust pass allows block for the number of these reports."""
    reports = [Counted(*row) for row in rows]
    return not block_case_of((each.voice(reweigh=True), each) for each in reports).obstacles()


def put(number: Number, *, campaigns: Iterable[int | None]) -> None:
    """Sets the columns that do not follow from sums alone."""
    number.prior = prior_for(number.line_type)
    # Reports that count again may have a campaign; publication decides whether the number keeps it.
    number.campaign_id = number.campaign_id or next(filter(None, campaigns), None)


def _buckets(
    found: folds.Buckets, pks: Ints, unwanted: Bools, networks: Sequence[str], at: Floats
) -> BucketColumns:
    voice = found.voice
    days = np.floor(at[voice]).astype(np.int64)
    day_names = {day: day_of(day) for day in set(days.tolist())}
    names = (
        networks[one] if kind in OF_NETWORKS else day_names[day] if kind == BucketKind.DAY else ""
        for kind, one, day in zip(found.kind.tolist(), voice.tolist(), days.tolist(), strict=True)
    )
    return BucketColumns(
        pks[voice],
        unwanted[voice].astype(np.int64),
        found.kind,
        list(names),
        found.short,
        found.long,
        microseconds(found.at),
    )


def _days(moments: Sequence[datetime]) -> Floats:
    return np.fromiter(map(to_days, moments), np.float64, len(moments))


def write(numbers: Collection[Number], afresh: Afresh) -> None:
    """Writes the buckets and reports that `fold_afresh` computed for these numbers."""
    CLEAR_BUCKETS.run(array(number.pk for number in numbers))
    chapters.clear(numbers)
    chapters.write(afresh.chapter_rows)
    chapters.copy_openings(afresh.openings)
    write_buckets(afresh.few_buckets, anew=True)
    if len(afresh.many_buckets.bucket):
        copy_buckets(afresh.many_buckets)
    write_reports(ReportColumns.of(afresh.few_reports), afresh.many_reports)


def write_reports(*several: ReportColumns) -> None:
    columns = [np.concatenate(each) for each in zip(*several, strict=True)]
    if len(columns[0]):
        order = np.argsort(columns[0])  # about the order of the table
        WRITE.run(*(binary_array(column[order]) for column in columns))
