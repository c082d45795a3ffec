"""Charts as values for SVG, which templates only draw: without scripts, and readable without
colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format

from edge import ceiling

WIDTH, BASE, LEFT, TOP = 360, 140, 26, 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `unwanted` stands on the axis, `legitimate` on top of it. In pixels of the
    picture."""

    x: float
    width: float
    unwanted: int
    legitimate: int
    unwanted_y: float
    unwanted_height: float
    legitimate_y: float
    legitimate_height: float
    begin: date


@dataclass(frozen=True, slots=True)
class Chart:
    columns: list[Column]
    lines: list[tuple[float, int]]
    labels: list[tuple[float, str]]
    unwanted: int
    legitimate: int

    @property
    def rows(self) -> list[Column]:
        """Weeks with reports, newest first: the chart as a table."""
        return [week for week in reversed(self.columns) if week.unwanted or week.legitimate]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weekly(counts: Mapping[date, tuple[int, int]], *, until: date, weeks: int) -> Chart:
    """(unwanted, legitimate) by the Monday of each week, up to the week of `until`."""
    first = monday(until) - timedelta(weeks=weeks - 1)
    begins = [first + timedelta(weeks=place) for place in range(weeks)]
    values = [counts.get(begin, (0, 0)) for begin in begins]
    top = ceiling(max((sum(pair) for pair in values), default=0))
    unit, step = (BASE - TOP) / top, (WIDTH - LEFT) / weeks
    columns = []
    for place, (begin, (unwanted, legitimate)) in enumerate(zip(begins, values, strict=True)):
        low, high = round(unwanted * unit, 1), round(legitimate * unit, 1)
        columns.append(
            Column(
                x=round(LEFT + place * step + step * 0.15, 1),
                width=round(step * 0.7, 1),
                unwanted=unwanted,
                legitimate=legitimate,
                unwanted_y=round(BASE - low, 1),
                unwanted_height=low,
                legitimate_y=round(BASE - low - high, 1),
                legitimate_height=high,
                begin=begin,
            )
        )
    return Chart(
        columns=columns,
        lines=[(round(BASE - value * unit, 1), value) for value in _ticks(top)],
        labels=[
            (round(LEFT + place * step, 1), date_format(begin, "M"))
            for place, begin in enumerate(begins)
            if begin.day <= 7 and place < weeks - 1
        ],
        unwanted=sum(pair[0] for pair in values),
        legitimate=sum(pair[1] for pair in values),
    )


def _ticks(top: int) -> list[int]:
    return [top // 2, top]
