"""The chart of a number, as values for SVG in templates: without scripts, and readable without
colour.

Above: the score over time, with the decisions. Below, on the same axis, the reports: unwanted ones
upwards, legitimate ones downwards, those of one cluster in one pattern.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format

from edge import Segment
from reputation.counting import Counted
from reputation.models import AuditEntry
from reputation.moderation import dossier, meanwhile
from reputation.scoring import BLOCK_AT, EPOCH, FLAG_AT, is_unwanted

WIDTH, LEFT, RIGHT = 720, 34, 8
# The score lies between these heights; one unit is one percent.
TOP, BOTTOM = 16, 116
# Reports go up and down from the axis; one report is at most TALLEST high, a block at least LOWEST.
AXIS, UP, DOWN, TALLEST, LOWEST = 176, 36, 28, 8, 3
# Decisions that lie closer than this get one letter.
LETTER: Final = 14
LETTERS: Final = 26
# A column of reports spans the shortest of these periods with which MOST_COLUMNS fill the chart.
STEPS: Final = (
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=days) for days in (1, 7, 28, 91, 364)),
)
MOST_COLUMNS: Final = 90
# Patterns: reports outside clusters, of the largest cluster, of the next, of all other clusters.
ALONE, LARGEST, NEXT, OTHERS = range(4)


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A line below the chart: `times` decisions of one kind, the first at `at`."""

    at: datetime
    verb: str
    times: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Decisions close together on the time axis. `letter` refers to the list below the chart."""

    x: float
    letter: str
    lines: Sequence[LegendLine]


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """The reports. `step`: hours in one column; `kinds`: the patterns in use, each with the key of
    its cluster, None for ALONE and OTHERS."""

    blocks: Sequence[Segment]
    kinds: Sequence[tuple[int, int | None]]
    step: int

    @property
    def days(self) -> int:
        """Days in one column; 0 if it spans hours."""
        return self.step // 24


@dataclass(frozen=True, slots=True)
class NumberChart:
    """`line`: the score, as points of a polyline. `steps`: stretches of flag or block, as (x,
    width, is block)."""

    line: str
    steps: list[tuple[float, float, bool]]
    levels: list[tuple[float, str, bool]]
    labels: list[tuple[float, str]]
    marks: list[Mark]
    columns: ReportColumns


def number_chart(case: dossier.Dossier) -> NumberChart:
    first, last = case.history[0].at, case.history[-1].at
    span = max(last - first, timedelta(seconds=1))

    def x(moment: datetime) -> float:
        part: float = min(1.0, max(0.0, (moment - first) / span))
        return round(LEFT + (WIDTH - LEFT - RIGHT) * part, 1)

    steps = []
    for here, following in pairwise(case.history):
        if here.action != "allow":
            begin = x(here.at)
            steps.append((begin, round(x(following.at) - begin, 1), here.action == "block"))
    form = "Y-m-d" if span > timedelta(days=4) else "m-d H:i"
    return NumberChart(
        line=" ".join(f"{x(point.at)},{_y(point.score)}" for point in case.history),
        steps=_joined(steps),
        levels=[
            (_y(0), "0", False),
            (_y(100 * FLAG_AT), f"{FLAG_AT:.0%}", True),
            (_y(100 * BLOCK_AT), f"{BLOCK_AT:.0%}", True),
        ],
        labels=[
            (
                round(LEFT + (WIDTH - LEFT - RIGHT) * part / 4, 1),
                date_format(timezone.localtime(first + span * part / 4), form),
            )
            for part in range(4)
        ],
        marks=_marks(case.decisions, first, x),
        columns=_columns(case, span, x),
    )


def _y(score: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * score / 100, 1)


def _marks(
    decisions: Sequence[AuditEntry], first: datetime, x: Callable[[datetime], float]
) -> list[Mark]:
    """One mark for decisions whose letters would overlap, such as those of a batch."""
    shown = [
        entry for entry in decisions if entry.at >= first and entry.verb not in meanwhile.LOOKS
    ]
    shown.sort(key=lambda entry: (entry.at, entry.pk))
    together: list[list[AuditEntry]] = []
    for entry in shown:
        if together and x(entry.at) - x(together[-1][0].at) < LETTER:
            together[-1].append(entry)
        else:
            together.append([entry])
    return [
        Mark(x(entries[0].at), chr(ord("A") + place), _lines(entries))
        for place, entries in enumerate(together[-LETTERS:])
    ]


def _lines(entries: Sequence[AuditEntry]) -> list[LegendLine]:
    lines = []
    for (verb, _batch), same in groupby(entries, key=lambda entry: (entry.verb, entry.batch_id)):
        alike = list(same)
        lines.append(LegendLine(alike[0].at, verb, len(alike)))
    return lines


def _columns(
    case: dossier.Dossier, span: timedelta, x: Callable[[datetime], float]
) -> ReportColumns:
    step = next((step for step in STEPS if span / step <= MOST_COLUMNS), STEPS[-1])
    rank = {cluster.key: min(place, OTHERS) for place, cluster in enumerate(case.crowd.clusters, 1)}
    counts: Counter[tuple[int, bool, int]] = Counter()
    for report in case.reports:
        column = (report.counted_at - EPOCH) // step
        counts[column, is_unwanted(report.category), _kind(report, rank)] += 1
    heights: Counter[tuple[int, bool]] = Counter()
    for (column, unwanted, _), count in counts.items():
        heights[column, unwanted] += count
    unit = min(
        (TALLEST, *((UP if unwanted else DOWN) / most for (_, unwanted), most in heights.items()))
    )
    begun: Counter[tuple[int, bool]] = Counter()
    blocks = []
    # Clusters lie on the axis, the largest first; reports alone lie outside of them.
    for (column, unwanted, kind), count in sorted(
        counts.items(), key=lambda each: (each[0][0], each[0][1], each[0][2] or OTHERS + 1)
    ):
        low = begun[column, unwanted]
        begun[column, unwanted] += count
        left, right = x(EPOCH + column * step), x(EPOCH + (column + 1) * step)
        width = max(right - left - 0.5, 3.0)
        height = max(count * unit, LOWEST)
        y = AXIS - low * unit - height if unwanted else AXIS + low * unit
        blocks.append(Segment(kind, left, round(y, 1), round(width, 1), round(height, 1)))
    keys = {kind: key for key, kind in rank.items() if kind != OTHERS}
    return ReportColumns(
        blocks,
        [(kind, keys.get(kind)) for kind in sorted({kind for _, _, kind in counts})],
        step // timedelta(hours=1),
    )


def _kind(report: Counted, rank: dict[int, int]) -> int:
    return ALONE if report.cluster is None else rank.get(report.cluster, ALONE)


def _joined(steps: list[tuple[float, float, bool]]) -> list[tuple[float, float, bool]]:
    """Joins neighbouring stretches of one kind: fewer shapes, no seams."""
    joined: list[tuple[float, float, bool]] = []
    for begin, width, block in steps:
        if joined and joined[-1][2] == block and abs(sum(joined[-1][:2]) - begin) < 0.3:
            before = joined.pop()
            begin, width = before[0], round(begin + width - before[0], 1)
        joined.append((begin, width, block))
    return joined
