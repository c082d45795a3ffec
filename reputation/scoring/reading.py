"""Judging and explaining a thousand numbers at once, for whoever asks about so many.

Of most numbers nobody decided a thing but the pass, and nobody asks about one call's attestation.
For those, `read_many` says what `policy.judge` and `reasons.explain` say, at a tenth of the cost:
the arithmetic runs over whole columns, and `sentences` prints whole columns of figures. numpy's
exponentials differ from the C library's in the last bit, so where a figure lies that near to where
it would be rounded the other way, the plain functions are asked. A property test holds all to them,
to the last digit and word; they are what counts.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import repeat
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reputation.scoring.categories import LEGITIMATE_HALF_LIFE, LONG_HALF_LIFE, SHORT_HALF_LIFE
from reputation.scoring.evidence import Evidence
from reputation.scoring.fitting import Curves
from reputation.scoring.policy import (
    BLOCK_AT,
    CONFIDENCE_UNIT,
    FLAG_AT,
    GATE_DAYS,
    GATE_ESTABLISHED,
    GATE_FRESH_DAYS,
    GATE_NETWORKS,
    JUST_UNDER,
    LISTED_BY,
    Action,
    Standing,
    Status,
    closed_gates,
    curves_in_use,
    judge,
)
from reputation.scoring.reasons import (
    added_up,
    aged,
    before_any_report,
    ceiling,
    explain,
    imported,
    nothing_counts,
    raises,
    reported_by,
    supported_by,
    withheld_by,
)
from reputation.scoring.sentences import KEPT, Code, Reason, in_english

type Floats = NDArray[np.float64]
type Counts = NDArray[np.int64]
type Truths = NDArray[np.bool_]

ACTIONS: Final = (Action.ALLOW.value, Action.FLAG.value, Action.BLOCK.value)
STATUSES: Final = (Status.CLEAR.value, Status.LISTED.value, Status.UNKNOWN.value)
# Published of a number that a closed gate holds down.
_HELD: Final = math.floor(100.0 * (BLOCK_AT - JUST_UNDER) + 1e-9)
# Farther from where rounding turns than any error of ours, which is some 1e-14.
_NEAR: Final = 1e-8
# Figures below this are told three in a number.
WIDE: Final = 1 << 20
# Beyond this a double's last bit shows in the first digit after the point.
_LARGE: Final = 99_999.0


class Figures(NamedTuple):
    """Columns, one row a number: Standing.promoted and Evidence; NaN for days that are None."""

    prior: Floats
    promoted: Truths
    at: Floats
    unwanted_short: Floats
    unwanted_long: Floats
    legitimate: Floats
    networks: Counts
    established: Counts
    newcomers: Counts
    established_networks: Counts
    supporters: Counts
    imported: Counts
    first_unwanted: Floats
    last_unwanted: Floats
    gathered: Floats
    saturated: Floats

    def rows(self, places: list[int]) -> Iterator[tuple[float, bool, Evidence]]:
        """Some numbers' priors, whether they are promoted, and their evidence."""
        chosen: list[list[Any]] = [column[places].tolist() for column in self]
        for prior, promoted, *rest in zip(*chosen, strict=True):
            fields: list[Any] = [None if each != each else each for each in rest]
            yield prior, promoted, Evidence(*fields)


class Told:
    """Reasons of each row, in their order: a column for each sentence, empty where it is not said.

    `instead`: those of rows that are told by themselves. Others may replace them.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.columns: list[list[str]] = []
        self.instead: dict[int, list[str]] = {}

    def __iter__(self) -> Iterator[list[str]]:
        for place, said in enumerate(self._said()):
            instead = self.instead.get(place)
            yield list(filter(None, said)) if instead is None else instead

    def __setitem__(self, place: int, reasons: list[str]) -> None:
        self.instead[place] = reasons

    def joined(self, separator: str) -> list[str]:
        """The text of each row; of those of `instead` it has no meaning."""
        return [separator.join(filter(None, said)) for said in self._said()]

    def each(self, where: Truths, reason: Callable[..., Reason], *figures: Counts) -> None:
        """Tells the rows `where` what `reason` says of their figures in these columns: of two the
        last is below WIDE, of three all are."""
        packed = figures[0]
        for column in figures[1:]:
            packed = packed * WIDE + column
        kept = _kept(reason, len(figures))
        self._add(where, map(kept.__getitem__, packed[where].tolist()))

    def each_by(self, where: Truths, sentence: Callable[..., str], *about: NDArray[Any]) -> None:
        """Tells the rows `where` what `sentence` makes of their values in these columns."""
        self._add(where, map(sentence, *(column[where].tolist() for column in about)))

    def _add(self, where: Truths, sentences: Iterable[str]) -> None:
        column = np.full(self.rows, "", np.object_)
        column[where] = list(sentences)
        self.columns.append(column.tolist())

    def _said(self) -> Iterable[tuple[str, ...]]:
        return zip(*self.columns, strict=True) if self.columns else repeat((), self.rows)


class Readings(NamedTuple):
    """The told part of judgements, and why, each in the order of the rows."""

    action: list[str]
    status: list[str]
    score: list[int]
    confidence: list[float]
    reasons: Told


def read_many(now: float, of: Figures) -> Readings:
    """`judge` and `explain` at `now` (days) of each row, whose Standing is just `promoted`."""
    age = np.maximum(0.0, now - of.at)
    short = of.unwanted_short * np.exp2(-age / SHORT_HALF_LIFE)
    long = of.unwanted_long * np.exp2(-age / LONG_HALF_LIFE)
    against = of.legitimate * np.exp2(-age / LEGITIMATE_HALF_LIFE)
    unwanted = short + long
    information = unwanted + against
    share, doubt = _rounded(100.0 * information / (information + CONFIDENCE_UNIT))
    known = share > 0

    odds = np.log(of.prior / (1.0 - of.prior))
    raw = odds + unwanted - against
    counted = of.established + of.newcomers
    p = _published(raw, alone=counted + (of.imported > 0) < LISTED_BY)
    listed = known & (p >= FLAG_AT)
    certain = known & (p >= BLOCK_AT)
    span = np.nan_to_num(of.last_unwanted - of.first_unwanted)
    days = np.maximum(0, np.ceil(GATE_DAYS - span)).astype(np.int64)
    networks = np.minimum(of.networks, GATE_NETWORKS)
    established = np.minimum(of.established_networks, GATE_ESTABLISHED)
    rests = now >= of.last_unwanted + GATE_FRESH_DAYS
    gates_open = of.promoted & ~rests
    gates_open &= (days == 0) & (networks == GATE_NETWORKS) & (established == GATE_ESTABLISHED)
    score = np.floor(100.0 * p + 1e-9).astype(np.int64)
    doubt |= known & (_near(100.0 * p, 0.0) | _near_to(p, FLAG_AT) | _near_to(p, BLOCK_AT))
    score[certain & ~gates_open] = _HELD
    score[~known] = 0

    told = Told(len(of.prior))
    for place in np.flatnonzero(~known).tolist():
        said = counted[place] + of.supporters[place]
        reasons = nothing_counts(said.item(), of.imported[place].item())
        told[place] = list(map(in_english, reasons))
    told.each_by(
        known & ((counted > 0) | (of.supporters > 0) | (of.imported > 0)), _before, of.prior
    )
    doubt |= (of.established | of.newcomers | of.networks) >= WIDE
    reported = known & (counted > 0)
    told.each(reported, reported_by, of.established, of.newcomers, of.networks)
    told.each(known & (of.imported > 0), imported, of.imported)

    gathered = known & (of.gathered > 0.0)
    times, unsure = _times(unwanted)
    doubt |= gathered & unsure
    told.each(gathered, _raises, times)
    with np.errstate(over="ignore"):
        left = unwanted / np.where(gathered, of.gathered, 1.0)
    taken = np.maximum(-1.0, 1.0 - left)
    percent, unsure = _rounded(100.0 * taken)
    doubt |= gathered & (unsure | _near_to(taken, 0.01))
    told.each(gathered & (taken >= 0.01), aged, percent)

    supported = known & (of.supporters > 0)
    times, unsure = _times(against)
    doubt |= supported & unsure
    told.each(supported, _supported, of.supporters, times)

    summed = gathered | supported
    before, unsure = _rounded(100.0 * _expit(raw))
    after, unsure_too = _rounded(100.0 * p)
    doubt |= summed & (unsure | unsure_too)
    told.each(summed, added_up, before, after)

    withheld = known & (of.saturated >= 0.01)
    hundredths, unsure = _rounded(100.0 * np.minimum(of.saturated, _LARGE))
    doubt |= withheld & (unsure | (of.saturated >= _LARGE))
    told.each(withheld, _withheld, hundredths)
    alone = known & (of.newcomers > 0) & (of.established == 0) & (of.imported == 0)
    told.each_by(alone, _ceiling, of.prior)
    told.each_by(listed & ~gates_open, _needs, networks, established, days, rests, of.promoted)

    readings = Readings(
        [ACTIONS[each] for each in np.add(listed, certain & gates_open, dtype=np.int64).tolist()],
        [STATUSES[each] for each in np.where(known, listed.astype(np.int64), 2).tolist()],
        score.tolist(),
        (share / 100.0).tolist(),
        told,
    )
    doubtful = np.flatnonzero(doubt).tolist()
    for place, figures in zip(doubtful, of.rows(doubtful), strict=True):
        _read_plainly(place, now, figures, readings)
    return readings


def _read_plainly(
    place: int, now: float, figures: tuple[float, bool, Evidence], readings: Readings
) -> None:
    prior, promoted, evidence = figures
    standing = Standing(promoted=promoted)
    judgement = judge(evidence, standing, now, prior=prior)
    readings.action[place] = judgement.action.value
    readings.status[place] = judgement.status.value
    readings.score[place] = judgement.score
    readings.confidence[place] = judgement.confidence
    reasons = explain(evidence, standing, judgement, now)
    readings.reasons[place] = list(map(in_english, reasons))


def _expit(value: Floats) -> Floats:
    grown = np.exp(-np.abs(value))
    return np.where(value >= 0.0, 1.0, grown) / (1.0 + grown)


def _published(raw: Floats, *, alone: Truths) -> Floats:
    """expit(calibrated(raw, alone=alone))"""
    several, one = map(np.array, curves_in_use())
    told = np.where(alone, _through(one, np.minimum(raw, one[-1, 0])), _through(several, raw))
    return _expit(told)


def _through(curve: Floats, raw: Floats) -> Floats:
    x, y = curve.T
    place = np.searchsorted(x[1:-1], raw) + 1
    slope = (y[place] - y[place - 1]) / (x[place] - x[place - 1])
    return np.asarray(y[place - 1] + slope * (raw - x[place - 1]))


def _rounded(value: Floats) -> tuple[Counts, Truths]:
    """Whole numbers, and where they might as well have been the next."""
    return np.rint(value).astype(np.int64), _near(value, 0.5)


def _times(log_factor: Floats) -> tuple[Counts, Truths]:
    """Factors in tenths, and where the next might have been as right."""
    factor = np.exp(np.minimum(log_factor, 50.0))
    tenths, unsure = _rounded(10.0 * np.minimum(factor, _LARGE))
    return tenths, unsure | (factor >= _LARGE)


def _near(value: Floats, fraction: float) -> Truths:
    """Whether the part after the point is hardly to be told from 0, or from .5."""
    found: Truths = np.abs(value - fraction - np.rint(value - fraction)) < 100.0 * _NEAR
    return found


def _near_to(value: Floats, threshold: float) -> Truths:
    found: Truths = np.abs(value - threshold) < _NEAR
    return found


# What follows takes few values, again and again. Bounded: strangers choose them.


class _Kept(dict[int, str]):
    """The sentences of a reason by its figures, as Told.each packs them."""

    def __init__(self, reason: Callable[..., Reason], figures: int) -> None:
        self.reason, self.figures = reason, figures

    def __missing__(self, packed: int) -> str:
        rest, figures = packed, list[int]()
        for _ in range(1, self.figures):
            rest, figure = divmod(rest, WIDE)
            figures.append(figure)
        sentence = in_english(self.reason(rest, *reversed(figures)))
        if len(self) >= KEPT:
            self.clear()
        self[packed] = sentence
        return sentence


_kept = cache(_Kept)


def _raises(tenths: int) -> Reason:
    return raises(tenths / 10.0)


def _supported(supporters: int, tenths: int) -> Reason:
    return supported_by(supporters, tenths / 10.0)


def _withheld(hundredths: int) -> Reason:
    return withheld_by(hundredths / 100.0)


@lru_cache(1024)
def _before(prior: float) -> str:
    return in_english(before_any_report(prior))


def _ceiling(prior: float) -> str:
    return _most(prior, curves_in_use())


@lru_cache(1024)
def _most(prior: float, _by: Curves) -> str:
    return in_english(ceiling(prior))


@lru_cache(1024)
def _needs(networks: int, established_networks: int, days: int, rests: bool, promoted: bool) -> str:
    """The sentence on closed gates. `days` are missing; `rests`: nobody reported it lately."""
    evidence = Evidence(
        networks=networks,
        established_networks=established_networks,
        first_unwanted=0.0,
        last_unwanted=GATE_DAYS - days,
    )
    now = GATE_FRESH_DAYS + GATE_DAYS if rests else 0.0
    gates = closed_gates(evidence, Standing(promoted=promoted), now)
    return in_english(Reason(Code.NEEDS, {"gates": gates}))
