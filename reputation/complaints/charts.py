"""A chart of the calls by day and hour, and their number. Drawn as SVG and in the PDF.

It is readable in black and white: shape and place carry the meaning, colour does not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reputation.complaints.incidents import Incident
from reputation.complaints.words import counted, words
from reputation.identity import zone_name
from reputation.languages import is_chinese

WIDTH, HEIGHT = 720, 460
LEFT, RIGHT = 56, 700
UPPER, LOWER = (56, 236), (296, 416)  # top and bottom of the two panels
NIGHT = ((0, 7), (22, 24))
INK, GREY, PALE = "#000000", "#555555", "#e6e6e6"
# Days per bar: the fewest that lead to at most MOST_BARS bars.
SPANS, MOST_BARS = (1, 7, 28), 62


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str = GREY


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Text:
    """`anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    size: float = 11
    anchor: str = "start"


type Shape = Box | Line | Dot | Text


def draw(incidents: Sequence[Incident], *, language: str, zone: ZoneInfo) -> list[Shape]:
    """The chart's shapes, back to front, on WIDTH × HEIGHT. Empty if no incident has a time."""
    placed = [(each, each.at.astimezone(zone)) for each in incidents if each.at is not None]
    if not placed:
        return []
    says, kinds = words(language)["chart"], words(language)["kinds"]
    first = min(at.date() for _, at in placed)
    days = (max(at.date() for _, at in placed) - first).days + 1
    span = next((span for span in SPANS if days <= span * MOST_BARS), SPANS[-1])
    bars = -(-days // span)
    step = (RIGHT - LEFT) / (bars * span)  # a day's width
    shapes: list[Shape] = [Text(LEFT, 24, says["title"], 14), *_legend(says, kinds)]
    top, bottom = UPPER
    hour = (bottom - top) / 24
    for begin, end in NIGHT:
        shapes.append(Box(LEFT, top + begin * hour, RIGHT - LEFT, (end - begin) * hour, PALE))
    for mark in range(0, 25, 6):
        y = top + mark * hour
        shapes += [Line(LEFT, y, RIGHT, y), Text(LEFT - 8, y + 4, f"{mark}:00", 10, "end")]
    for each, at in placed:
        x = LEFT + ((at.date() - first).days + (0.5 if days < 400 else 0)) * step
        y = top + (at.hour + at.minute / 60) * hour
        shapes.append(Dot(x, y, 3.5) if each.kind == "call" else _square(x, y))
    by_day: Counter[date] = Counter()
    for each, at in placed:
        by_day[at.date()] += each.count
    shapes += _bars(by_day, first=first, span=span, bars=bars)
    shapes.append(Text(LEFT, LOWER[0] - 14, says["bars"][str(span)], 12))
    shapes += _dates(first, bars, span)
    note = says["zone"].format(zone_name(zone.key, language))
    if unplaced := sum(each.count for each in incidents if each.at is None):
        stop = "" if is_chinese(language) else " "
        missing = counted(says["unplaced"], unplaced)
        note = f"{note}{words(language)['stop']}{stop}{missing}"
    shapes.append(Text(LEFT, HEIGHT - 8, note, 10))
    return shapes


def _legend(says: dict[str, Any], kinds: dict[str, str]) -> list[Shape]:
    y = 44
    return [
        Dot(LEFT + 4, y - 4, 3.5),
        Text(LEFT + 12, y, kinds["call"]),
        _square(LEFT + 104, y - 4),
        Text(LEFT + 112, y, kinds["sms"]),
        Box(LEFT + 200, y - 9, 14, 10, PALE, GREY),
        Text(LEFT + 220, y, says["night"]),
    ]


def _square(x: float, y: float) -> Box:
    return Box(x - 3, y - 3, 6, 6, "#ffffff", INK)


def _bars(by_day: Mapping[date, int], *, first: date, span: int, bars: int) -> list[Shape]:
    counts: Counter[int] = Counter()
    for day, count in by_day.items():
        counts[(day - first).days // span] += count
    most = max(*counts.values(), 1)
    top, bottom = LOWER
    width = (RIGHT - LEFT) / bars
    shapes: list[Shape] = []
    for mark in sorted({most, most // 2} - {0}):
        y = bottom - (bottom - top) * mark / most
        shapes += [Line(LEFT, y, RIGHT, y, PALE), Text(LEFT - 8, y + 4, str(mark), 10, "end")]
    for place, count in sorted(counts.items()):
        height = (bottom - top) * count / most
        inner = min(width * 0.8, 28)
        x = LEFT + (place + 0.5) * width - inner / 2
        shapes.append(Box(x, bottom - height, inner, height, GREY))
    return [*shapes, Line(LEFT, bottom, RIGHT, bottom, INK)]


def _dates(first: date, bars: int, span: int) -> list[Shape]:
    """At most seven dates under the bars, each under the bar that begins with it."""
    every = -(-bars // 7)
    width = (RIGHT - LEFT) / bars
    return [
        Text(
            LEFT + (place + 0.5) * width,
            LOWER[1] + 16,
            (first + timedelta(days=place * span)).isoformat(),
            10,
            "middle",
        )
        for place in range(0, bars, every)
    ]


def svg(shapes: Sequence[Shape]) -> bytes:
    """The shapes as one SVG file without script, style or external resources."""
    title = next(each.text for each in shapes if isinstance(each, Text))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *map(_element, shapes),
        "</svg>\n",
    ]
    return "\n".join(parts).encode()


def _element(shape: Shape) -> str:
    match shape:
        case Box():
            stroke = f' stroke="{shape.stroke}"' if shape.stroke else ""
            return (
                f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
                f'height="{shape.height:.1f}" fill="{shape.fill}"{stroke}/>'
            )
        case Line():
            return (
                f'<line x1="{shape.x1:.1f}" y1="{shape.y1:.1f}" x2="{shape.x2:.1f}" '
                f'y2="{shape.y2:.1f}" stroke="{shape.stroke}" stroke-width="0.7"/>'
            )
        case Dot():
            return (
                f'<circle cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius}" fill="{INK}"/>'
            )
        case Text():
            return (
                f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size}" '
                f'font-family="sans-serif" text-anchor="{shape.anchor}" fill="{INK}">'
                f"{escape(shape.text)}</text>"
            )
