"""The common parts of charts: the scale of an axis, bars of shares, and segments of columns."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A bar. `width`: in percent of all, so that one of one fills the bar and one of ten does
    not."""

    label: object
    count: int
    width: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A rectangle of a column, in SVG units. `kind`, from 0, selects the pattern."""

    kind: int
    x: float
    y: float
    width: float
    height: float


def shares(counts: Iterable[tuple[object, int]]) -> list[Share]:
    pairs = list(counts)
    total = sum(count for _, count in pairs) or 1
    return [Share(label, count, round(100 * count / total, 1)) for label, count in pairs]


def ceiling(value: int) -> int:
    """The least of 4, 10, 20, 40, 100 … that is at least `value`; its half is a whole number."""
    scale = 1
    while True:
        for factor in (4, 10, 20):
            if factor * scale >= value:
                return factor * scale
        scale *= 10
