"""evidence.first_crossing of many sums at once, over arrays."""

from collections.abc import Callable

import numpy as np

from reputation.scoring.categories import (
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
)
from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.evidence import HORIZON, PRECISION


def first_crossings(short: Floats, long: Floats, slow: Floats, level: Floats) -> list[float | None]:
    """evidence.first_crossing of each, the same float."""

    def rising(those: Ints, age: Floats) -> Bools:
        slope = slow[those] / LEGITIMATE_HALF_LIFE
        for amounts, half_life in ((short, SHORT_HALF_LIFE), (long, LONG_HALF_LIFE)):
            grown = np.exp2(age / LEGITIMATE_HALF_LIFE - age / half_life)
            slope = slope + amounts[those] / half_life * grown
        return np.asarray(slope <= 0.0)

    def above(those: Ints, age: Floats) -> Bools:
        value = short[those] * np.exp2(-age / SHORT_HALF_LIFE)
        value += long[those] * np.exp2(-age / LONG_HALF_LIFE)
        value += slow[those] * np.exp2(-age / LEGITIMATE_HALF_LIFE)
        return np.asarray(value >= level[those])

    everyone = np.arange(len(short))
    begin, end = np.zeros(len(short)), np.full(len(short), HORIZON)
    falls = ~rising(everyone, begin)
    turn = np.where(falls, HORIZON, 0.0)
    turns = np.flatnonzero(falls & rising(everyone, end))
    turn[turns] = _bisected(lambda age: rising(turns, age), begin[turns], end[turns])
    now = above(everyone, begin)
    before = (turn > 0.0) & (above(everyone, turn) != now)
    after = ~before & (turn < HORIZON) & (above(everyone, end) != now)
    some = np.flatnonzero(before | after)
    was = now[some]
    low, high = np.where(before, 0.0, turn)[some], np.where(before, turn, HORIZON)[some]
    ages: list[float | None] = [None] * len(short)
    crossed = _bisected(lambda age: above(some, age) != was, low, high)
    for place, age in zip(some.tolist(), crossed.tolist(), strict=True):
        ages[place] = age
    return ages


def _bisected(holds: Callable[[Floats], Bools], low: Floats, high: Floats) -> Floats:
    """Where `holds` turns true, from above, to PRECISION; it is false at low, true at high. Each
    ends as soon as it would end alone."""
    while (wide := high - low > PRECISION).any():
        middle = 0.5 * (low + high)
        reached = holds(middle)
        low, high = np.where(wide & ~reached, middle, low), np.where(wide & reached, middle, high)
    return high
