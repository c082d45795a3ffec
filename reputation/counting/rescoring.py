"""Rebuilds numbers from their reports: the reports are the truth, everything else is a cache.

A rebuild gives the values of the online fold, to the last bit. Where it does not, the fold and the
reports differ (a bug, or an edit in the database), and the rebuild follows the reports.

After an upgrade that changed the scoring (its constants, or scoring/calibration.json) a rebuild
applies the new arithmetic: to sums, priors and public answers at once; to weights and promotions
with the next trust pass, for which `upgrade` makes every number due.

`check` only compares. A number that is due is not wrong: the record of a reporter moved and the
trust pass has yet to weigh the number, or evidence faded and reassessment has yet to judge it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet

from reputation.counting import chapters, publishing, refolding
from reputation.models import DueNumber, EvidenceBucket, Number, Report
from reputation.scoring import Bucket, BucketKey

# The columns that a rebuild derives. The public answer (action, score) also depends on the present
# moment, so a change of it is no difference.
REBUILT = chapters.COLUMNS


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored value that differs from what the number's reports give. `field` names a column of
    REBUILT, a bucket, a report's contribution, either of the first two in a chapter, or "action"
    where the evidence does not justify the stored action."""

    key: str
    field: str
    stored: Any
    rebuilt: Any

    @property
    def why(self) -> str:
        """What shows that the stored value is wrong."""
        if self.field == "action":
            return "the evidence says so, and no reassessment is due before"
        return "the reports and complaints add up to it"


@dataclass(frozen=True, slots=True)
class Rescored:
    """`keys` in the order in which they were rebuilt; the differences, normally none; and how many
    of the numbers are due for the trust pass or reassessment."""

    keys: list[str]
    differences: list[Difference]
    due: int = field(default=0, compare=False)


@transaction.atomic
def rescore(*, after: str = "", limit: int, now: datetime, upgrade: bool = False) -> Rescored:
    """Rebuilds the next `limit` numbers whose keys come after `after`, in the database's order.

    To rebuild all, begin with "" and pass the last key until no key is returned. Reports about a
    number wait while its batch is rebuilt. A number that is created in the meantime needs no
    rebuilding. `upgrade` also makes each number due for the next trust pass.
    """
    return _rebuild(list(_after(after).select_for_update(no_key=True)[:limit]), now, upgrade)


@transaction.atomic
def rescore_one(*, key: str, now: datetime, upgrade: bool = False) -> Rescored:
    """`rescore` for one number; no keys if it is not stored."""
    return _rebuild(
        list(Number.objects.select_for_update(no_key=True).filter(key=key)), now, upgrade
    )


def check(*, after: str = "", limit: int, now: datetime) -> Rescored:
    """What `rescore` would change. Writes nothing, locks nothing, and never waits."""
    return _check(_after(after)[:limit], now)


def check_one(*, key: str, now: datetime) -> Rescored:
    """`check` for one number; no keys if it is not stored."""
    return _check(Number.objects.filter(key=key), now)


def _after(key: str) -> QuerySet[Number]:
    return Number.objects.filter(key__gt=key).order_by("key")


@transaction.atomic
def _check(chosen: QuerySet[Number], now: datetime) -> Rescored:
    # One snapshot: every write leaves numbers, buckets and reports consistent.
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    numbers = list(chosen)
    actions = {number: number.action for number in numbers}
    due = _due(numbers, now)
    rescored = _compared(numbers, due, write=False)
    for number in numbers:
        publishing.decide(number, now=now)
        if number not in due and number.action != actions[number]:
            rescored.differences.append(
                Difference(number.key, "action", actions[number], number.action)
            )
    return rescored


def _rebuild(numbers: list[Number], now: datetime, upgrade: bool) -> Rescored:
    rescored = _compared(numbers, _due(numbers, now), write=True)
    for number in numbers if upgrade else ():
        number.trust_seq = refolding.DUE
    publishing.publish_all(numbers, now=now)
    return rescored


def _due(numbers: Collection[Number], now: datetime) -> dict[Number, bool]:
    """The numbers that are due, each with whether its sums may follow former records."""
    moved = Report.objects.live().filter(
        number__in=numbers, reporter__marked_seq__lt=F("reporter__moved_seq")
    )
    marked = DueNumber.objects.filter(number__in=numbers)
    ids = {*moved.values_list("number_id", flat=True), *marked.values_list("pk", flat=True)}
    due = {}
    for number in numbers:
        older = number.trust_seq == refolding.DUE or number.pk in ids
        fades = number.reassess_at is not None and number.reassess_at <= now
        if older or fades or number.trust_seq < number.seq:
            due[number] = older
    return due


def _compared(numbers: list[Number], due: dict[Number, bool], *, write: bool) -> Rescored:
    """Folds the numbers afresh, and returns the differences of those whose sums follow present
    records."""
    buckets = EvidenceBucket.objects.filter(number__in=numbers).values_list(
        "number_id", "side", "kind", "bucket", "short", "long", "at"
    )
    live = Report.objects.live().filter(number__in=numbers)
    reports = list(live.values_list("pk", "number_id", "public_id", "contribution"))
    # If a number is due for anything, the trust pass rewrites its chapters.
    settled = {number.pk: number for number in numbers if number not in due}
    openings = chapters.openings_of(settled.values())
    stored = _derived(numbers, buckets, reports)
    rows = chapters.rows_of(settled.values())
    _add_chapters(stored, rows, openings)
    afresh = refolding.fold_afresh(numbers)
    if write:
        refolding.write(numbers, afresh)
    changed = {pk: contribution for pk, _, _, contribution in afresh.reports}
    rebuilt = _derived(
        numbers, afresh.buckets, [(*each[:3], changed.get(each[0], each[3])) for each in reports]
    )
    _add_chapters(
        rebuilt,
        _kept_alike([row for row in afresh.chapter_rows if row[0] in settled], rows),
        [each for each in _openings(afresh, openings) if each[0] in settled],
    )
    return Rescored(
        keys=[number.key for number in numbers],
        differences=[
            Difference(number.key, name, before.get(name), after.get(name))
            for number in numbers
            if not due.get(number)
            for before, after in [(stored[number.pk], rebuilt[number.pk])]
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        ],
        due=len(due),
    )


def _derived(
    numbers: Iterable[Number],
    buckets: Iterable[tuple[Any, ...]],
    reports: Iterable[tuple[int, int, UUID, float]],
) -> dict[int, dict[str, Any]]:
    """All values that a rebuild of these numbers derives, by the numbers' ids and by name."""
    found = {number.pk: {name: getattr(number, name) for name in REBUILT} for number in numbers}
    for number, side, kind, name, *content in buckets:
        found[number][f"bucket {side:d}:{kind:d}:{name}"] = tuple(content)
    for _, number, public_id, contribution in reports:
        found[number][f"contribution of {public_id}"] = contribution
    return found


def _add_chapters(
    found: dict[int, dict[str, Any]],
    rows: Iterable[chapters.StoredChapter],
    openings: Iterable[chapters.Opening],
) -> None:
    """Adds numbers' chapters, and what buckets held when these began."""
    for pk, chapter, own, before in rows:
        for title, part in ((f"chapter {chapter}", own), (f"before chapter {chapter}", before)):
            if part is not None:
                number = Number()
                part.put(number)
                found[pk] |= {f"{title}: {name}": getattr(number, name) for name in REBUILT}
    for pk, (side, kind, name), chapter, bucket in openings:
        found[pk][f"chapter {chapter}: bucket {side:d}:{kind:d}:{name}"] = bucket


def _kept_alike(
    rows: Iterable[chapters.StoredChapter], stored: Iterable[chapters.StoredChapter]
) -> list[chapters.StoredChapter]:
    """The chapters with the part before them only where the stored ones have it: an earlier chapter
    may store it instead."""
    kept = {row[:2] for row in stored if row[3] is not None}
    return [(*row[:3], row[3] if row[:2] in kept else None) for row in rows]


def _openings(
    afresh: refolding.Afresh, stored: Iterable[chapters.Opening]
) -> list[chapters.Opening]:
    """What buckets held when a chapter that changes them began, also for chapters for which a row
    is stored: they may have changed the bucket before something was taken back."""
    noted: dict[tuple[int, BucketKey], dict[int, Bucket | None]] = defaultdict(dict)
    for pk, key, chapter, bucket in afresh.openings:
        noted[pk, key][chapter] = bucket
    ends = {
        (pk, chapters.key_of(side, kind, name)): chapters.bucket_of(short, long, at)
        for pk, side, kind, name, short, long, at in afresh.buckets
    }
    found = []
    for pk, key, chapter in {each[:3] for each in (*afresh.openings, *stored)}:
        # What the next chapter that changes the bucket starts from, or what the last statement
        # left.
        later = min((place for place in noted[pk, key] if place >= chapter), default=None)
        bucket = ends.get((pk, key)) if later is None else noted[pk, key][later]
        found.append((pk, key, chapter, bucket))
    return found
