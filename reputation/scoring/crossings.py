"""When decaying sums cross a level: those of one number, and of many at once over arrays."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from reputation.scoring.categories import (
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
)
from reputation.scoring.chains import Bools, Floats, Ints

# Crossings are wanted to the minute, and beyond a century nobody asks.
PRECISION: Final = 1.0 / 1440.0
HORIZON: Final = 36_500.0


def first_crossing(short: float, long: float, slow: float, level: float) -> float | None:
    """The first age > 0 (days) at which f moves across `level`: from f ≥ level below it, or back.

    f(age) = short·2^(−age/60) + long·2^(−age/125) + slow·2^(−age/180), short, long ≥ 0, slow of
    any sign. f'·2^(age/180) only ever rises, so f turns at most once (down, then up towards 0), and
    each of the two stretches can be bisected.
    """

    def rising(age: float) -> bool:
        # f' ≥ 0, with the slowest decay divided out so that nothing underflows to a false sign.
        slope = slow / LEGITIMATE_HALF_LIFE
        for amount, half_life in ((short, SHORT_HALF_LIFE), (long, LONG_HALF_LIFE)):
            slope += amount / half_life * math.exp2(age / LEGITIMATE_HALF_LIFE - age / half_life)
        return slope <= 0.0

    if rising(0.0):
        turn = 0.0
    elif rising(HORIZON):
        turn = _bisect(rising, 0.0, HORIZON)
    else:
        turn = HORIZON
    above = short + long + slow >= level
    for start, end in ((0.0, turn), (turn, HORIZON)):
        if start < end and (_at(short, long, slow, end) >= level) is not above:
            return _crossing(short, long, slow, level, above, start, end)
    return None


def _at(short: float, long: float, slow: float, age: float) -> float:
    """f of `first_crossing`."""
    return (
        short * math.exp2(-age / SHORT_HALF_LIFE)
        + long * math.exp2(-age / LONG_HALF_LIFE)
        + slow * math.exp2(-age / LEGITIMATE_HALF_LIFE)
    )


def _crossing(
    short: float, long: float, slow: float, level: float, above: bool, low: float, high: float
) -> float:
    """Where f is no longer `above` the level, by bisection like `_bisect`.

    Each report needs three of these, of some twenty steps each: so terms of zero are left out, and
    no function is called.
    """
    exp2 = math.exp2
    while high - low > PRECISION:
        middle = 0.5 * (low + high)
        value = short * exp2(-middle / SHORT_HALF_LIFE) if short else 0.0
        if long:
            value += long * exp2(-middle / LONG_HALF_LIFE)
        if slow:
            value += slow * exp2(-middle / LEGITIMATE_HALF_LIFE)
        if (value >= level) is not above:
            high = middle
        else:
            low = middle
    return high


def _bisect(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Where `holds` turns true, from above, to `PRECISION`; it is false at low, true at high."""
    while high - low > PRECISION:
        middle = 0.5 * (low + high)
        if holds(middle):
            high = middle
        else:
            low = middle
    return high


def first_crossings(short: Floats, long: Floats, slow: Floats, level: Floats) -> list[float | None]:
    """`first_crossing` of each, the same float."""

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
