"""Charts for the dashboard, as values in SVG units that a template draws.

No script, no style attribute. Series differ in pattern or have labels, so that a black and white
print shows the same. Each chart also has a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge import Segment, ceiling

# The picture's size: as wide as a phone's page with legible type.
WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BASE = 44, 12, 12, 168
# The height of names at the ends of lines, the room for them, and their gap.
LINE_OF_TEXT = 18
NAMES = 60
GAP = 6
# Half the width of a label.
EDGE = 24


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Columns:
    segments: Sequence[Segment]
    levels: Sequence[Tick]
    labels: Sequence[Tick]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart. `points` as in SVG's polyline; `end`: where its name begins, beside its
    end, so that no name covers a line."""

    kind: int
    points: str
    end: tuple[float, float]
    name: str


@dataclass(frozen=True, slots=True)
class Lines:
    lines: Sequence[Line]
    levels: Sequence[Tick]
    labels: Sequence[Tick]


def columns(values: Sequence[Sequence[int]], labels: Sequence[str]) -> Columns:
    """Stacked columns, one for each of `values`, from the bottom up; "" gives no label."""
    top = ceiling(max((sum(parts) for parts in values), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    segments = []
    for place, parts in enumerate(values):
        y = float(BASE)
        for kind, part in enumerate(parts):
            height = (BASE - TOP) * part / top
            y -= height
            if part:
                x = LEFT + step * (place + 0.1)
                segments.append(
                    Segment(kind, round(x, 1), round(y, 1), round(step * 0.8, 1), round(height, 1))
                )
    middle = [LEFT + step * (place + 0.5) for place in range(len(values))]
    return Columns(segments, _levels(top), _ticks(middle, labels))


def lines(series: Sequence[tuple[str, Sequence[int]]], labels: Sequence[str]) -> Lines:
    """One line for each (name, values), with values at equal steps of time."""
    top = ceiling(max((value for _, values in series for value in values), default=0))
    step = (WIDTH - LEFT - NAMES) / max(len(labels) - 1, 1)
    places = [LEFT + step * place for place in range(len(labels))]
    drawn = []
    for kind, (name, values) in enumerate(series):
        heights = [BASE - (BASE - TOP) * value / top for value in values]
        points = [(round(x, 1), round(y, 1)) for x, y in zip(places, heights, strict=True)]
        x, y = points[-1] if points else (float(LEFT), float(BASE))
        end = (round(x + GAP, 1), y)
        drawn.append(Line(kind, " ".join(f"{x},{y}" for x, y in points), end, name))
    return Lines(_apart(drawn), _levels(top), _ticks(places, labels))


def _levels(top: int) -> list[Tick]:
    return [
        Tick(round(BASE - (BASE - TOP) * value / top, 1), _short(value))
        for value in (0, top // 2, top)
    ]


def _short(value: int) -> str:
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= size and value % size == 0:
            return f"{value // size}{unit}"
    return str(value)


def _ticks(places: Sequence[float], labels: Sequence[str]) -> list[Tick]:
    return [
        # A label centred under the last column would be cut off at the edge.
        Tick(round(min(place, WIDTH - EDGE), 1), label)
        for place, label in zip(places, labels, strict=True)
        if label
    ]


def _apart(drawn: list[Line]) -> list[Line]:
    """The same lines, with overlapping names moved apart, none below the base."""
    order = sorted(drawn, key=lambda line: line.end[1])
    height = {line.kind: line.end[1] for line in order}
    for upper, lower in pairwise(order):
        height[lower.kind] = max(height[lower.kind], height[upper.kind] + LINE_OF_TEXT)
    lowest = float(BASE)
    for line in reversed(order):
        height[line.kind] = min(height[line.kind], lowest)
        lowest = height[line.kind] - LINE_OF_TEXT
    return [
        Line(line.kind, line.points, (line.end[0], height[line.kind]), line.name) for line in drawn
    ]
