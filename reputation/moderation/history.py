"""The score of a number over time, computed anew from the stored reports and decisions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from reputation.counting import Counted
from reputation.models import STANDING, AuditEntry, ImportedComplaint, Number, standing_of
from reputation.scoring import (
    EMPTY,
    EPOCH,
    Bucket,
    BucketKey,
    Standing,
    Voice,
    fold,
    judge,
    to_days,
)

# Points of the line; and the newest imported complaints that it includes: all complaints of one
# source together weigh no more than one voice.
POINTS: Final = 120
COMPLAINTS: Final = 250


@dataclass(frozen=True, slots=True)
class Point:
    """Score and action at one moment."""

    at: datetime
    score: int
    action: str


def history(
    number: Number,
    reports: Sequence[Counted],
    decisions: Sequence[AuditEntry],
    *,
    now: datetime,
) -> list[Point]:
    """The score since the first report, from the reports live today and from the decisions.

    Computed by the production arithmetic, not read from a log: withdrawn and rejected reports are
    left out. The last point is the current answer.
    """
    voices = _voices(number, reports)
    moments = [number.created_at, *(entry.at for entry in decisions)]
    if voices:
        moments.append(EPOCH + timedelta(days=voices[0].at))
    first = min(moments)
    if now - first < timedelta(days=1):
        first = now - timedelta(days=1)
    step = (now - first) / POINTS
    ticks = {first + place * step for place in range(POINTS)} | {
        moment
        for entry in decisions
        for moment in (entry.at - timedelta(seconds=1), entry.at)
        if moment >= first
    }
    then = _standings(number, decisions)
    points = []
    buckets: dict[BucketKey, Bucket] = {}
    evidence, heard = EMPTY, 0
    for moment in sorted(ticks):
        at = to_days(moment)
        while heard < len(voices) and voices[heard].at <= at:
            folded = fold(evidence, buckets, voices[heard])
            evidence = folded.evidence
            buckets.update(folded.buckets)
            heard += 1
        judgement = judge(evidence, then(moment), at, prior=number.prior)
        points.append(Point(moment, judgement.score, judgement.action.value))
    last = judge(number.evidence, number.standing, to_days(now), prior=number.prior)
    return [*points, Point(now, last.score, last.action.value)]


def _voices(number: Number, reports: Sequence[Counted]) -> list[Voice]:
    """The voices that count for the number, in the order of time."""
    heard = ImportedComplaint.objects.only("source", "category", "filed_at", "weight")
    complaints = heard.filter(number=number).order_by("-seq")[:COMPLAINTS]
    voices = [report.voice(reweigh=False) for report in reports]
    voices += [
        complaint.voice
        for complaint in complaints
        if complaint.filed_at >= (number.epoch_at or EPOCH)
    ]
    return sorted(voices, key=lambda voice: voice.at)


def _standings(number: Number, decisions: Iterable[AuditEntry]) -> Callable[[datetime], Standing]:
    """A function from a moment to the standing then, found by reverting later decisions."""
    present = {name: getattr(number, name) for name in STANDING}
    in_order = sorted(decisions, key=lambda entry: (entry.at, entry.pk))

    def at(moment: datetime) -> Standing:
        values = dict(present)
        for entry in reversed(in_order):
            if entry.at <= moment:
                break
            values |= _of_standing(entry.before)
        return standing_of(values)

    return at


def _of_standing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Number._meta.get_field(name).to_python(value)  # type: ignore[union-attr]
        for name, value in values.items()
        if name in STANDING
    }
