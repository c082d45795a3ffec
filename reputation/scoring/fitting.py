"""Fitting what is published to what was true: the curves of `curves.calibrated`, and priors.

    fit(samples, fitted=…, data=…) -> the content of reputation/scoring/calibration.json

A sample is a number at a moment: its raw log-odds, whether it was unwanted, and what is known of it
(category, line type). A curve is a logistic regression on hat functions around KNOTS, made rising
(pool adjacent violators); numbers that one voice alone speaks against have a curve of their own.
A service's own fit starts from the curves in use, moved up or down as far as its numbers say: so a
hundred numbers teach it how many of its callers are bad, and change the curves' shape little.
Safety is not left to the data, which hold few attacks: three points are held down whatever the fit
says (STRANGER, CROWD, BLOCK), and the word of one alone stays below FLAG_AT.

    python -m benchmarks.attacks.calibration   fits to simulated worlds (what is shipped)
    manage.py fit_calibration                  fits to the numbers that moderators decided
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from reputation.scoring.chains import Bools, Floats
from reputation.scoring.evidence import PRIOR, expit, log_odds

type Knots = tuple[tuple[float, float], ...]

# Below so many samples nothing is fitted: neither a curve nor a group's prior. A share of 100
# samples still has a standard error of up to 5 points.
ENOUGH: Final = 100
# Raw log-odds of the curve's corners.
KNOTS: Final = (-2.5, -1.2, -0.7, -0.2, 0.25, 0.5, 0.8, 1.1, 1.5, 2.05, 4.0)
# The same for a single voice, which cannot say more than its network's cap beyond the prior.
ALONE_KNOTS: Final = (*KNOTS[:6], 0.95)
# (raw, published): the word of one stranger, and of anybody who is alone, stays below FLAG_AT, that
# of any number of new accounts at 90 %, and what any one network can say below BLOCK_AT; above,
# published probabilities go on rising to 98 %.
STRANGER: Final = (0.5, log_odds(0.79))
CROWD: Final = (1.1, log_odds(0.90))
BLOCK: Final = (2.05, log_odds(0.95))
TOP: Final = (4.0, log_odds(0.98))
# Corners this far apart at least, so that the curve can be undone.
STEP: Final = 0.05
# Each corner's height is drawn towards where it starts by a normal prior of this precision. A
# service's own numbers are few, so its fit holds faster to the curves in use: the amount by which
# all of them move is drawn towards 0 by MOVING_RIDGE, and then each corner by OWN_RIDGE.
# `benchmarks.attacks.calibration --check` prints what that costs and saves with few numbers.
RIDGE: Final = 0.5
MOVING_RIDGE: Final = 4.0
OWN_RIDGE: Final = 6.0
# A service's own fit needs so many decided draws, so many of them on each side, and such a share of
# all draws decided: a moderator who decides only the easy ones mostly decides bad numbers. With 30
# the mean error over makes of worlds is below that as shipped.
ENOUGH_DRAWN: Final = 30
OF_EACH: Final = 3
ANSWERED: Final = 0.8
# The most draws within a year of numbers that one account or cluster reported first, so that nobody
# fills the sample with numbers of their own making.
OF_ONE: Final = 2
# No service's own numbers move a corner by more log-odds than this: about what the worlds of the
# benchmark that are farthest off need. What a ring or a careless moderator makes of a sample ends
# here.
MOST_MOVED: Final = 1.5


@dataclass(frozen=True, slots=True)
class Sample:
    raw: float
    unwanted: bool
    category: str = ""
    line_type: str = ""
    alone: bool = False


class Curves(NamedTuple):
    """Corners (raw, published) in log-odds: of numbers with several voices, and with one alone."""

    several: Knots
    alone: Knots


RAW: Final = Curves(
    tuple((corner, corner) for corner in KNOTS), tuple((corner, corner) for corner in ALONE_KNOTS)
)


def fit(
    samples: Sequence[Sample], *, fitted: str, data: str, before: Curves | None = None
) -> dict[str, Any]:
    """The content of the calibration file. ValueError for fewer than ENOUGH samples, or when all
    of them are of one kind.

    `before`: the curves in use, from which the fit starts; by default it starts from raw values.
    """
    raw, truth, alone = _columns(samples)
    if len(samples) < ENOUGH:
        raise ValueError(f"{len(samples)} samples are too few to fit to: {ENOUGH} are needed")
    if not 0.0 < truth.mean() < 1.0:
        raise ValueError("all samples are of one kind: both are needed to fit to")
    if before is None:
        curves = _fitted(RAW, raw, truth, alone, RIDGE)
    else:
        curves = refit(samples, before=before)
    priors = {
        name: round(expit(log_odds(PRIOR) + _shift(raw[here], truth[here], alone[here], curves)), 3)
        for name in sorted({s.line_type for s in samples} - {""})
        if (here := np.array([s.line_type == name for s in samples])).sum() >= ENOUGH
    }
    return {
        "fitted": fitted,
        "data": data,
        "samples": len(samples),
        "knots": [[x, round(y, 4)] for x, y in curves.several],
        "alone": [[x, round(y, 4)] for x, y in curves.alone],
        "priors": priors,
        "checked": _checked(samples, curves),
    }


def suffices(answered: int, *, unwanted: int, missing: int) -> bool:
    """Whether the random draws are enough for a refit, by how many are decided, how many of those
    are unwanted, and how many are not decided.
    """
    return (
        answered >= ENOUGH_DRAWN
        and min(unwanted, answered - unwanted) >= OF_EACH
        and answered >= ANSWERED * (answered + missing)
    )


def refit(samples: Sequence[Sample], *, before: Curves) -> Curves:
    """The curves `before`, moved as far as few samples say, and no corner further than MOST_MOVED.

    With no sample the curves come back as `held` leaves them. Any samples do: `suffices` says
    whether they should.
    """
    raw, truth, alone = _columns(samples)
    found = _fitted(_moved(before, raw, truth, alone), raw, truth, alone, OWN_RIDGE)
    near = Curves(*(_near(knots, start) for knots, start in zip(found, before, strict=True)))
    several = held(near.several)
    return Curves(several, held_alone(near.alone, several))


def _near(knots: Knots, start: Knots) -> Knots:
    return tuple(
        (x, min(max(y, was - MOST_MOVED), was + MOST_MOVED))
        for (x, y), (_, was) in zip(knots, start, strict=True)
    )


def _fitted(start: Curves, raw: Floats, truth: Floats, alone: Bools, ridge: float) -> Curves:
    several = held(_regressed(start.several, raw[~alone], truth[~alone], ridge))
    return Curves(
        several, held_alone(_regressed(start.alone, raw[alone], truth[alone], ridge), several)
    )


def held(knots: Sequence[tuple[float, float]]) -> Knots:
    """The knots with the points that safety fixes, still rising."""
    told = []
    for x, y in knots:
        for at, most in (STRANGER, CROWD, BLOCK):
            if x <= at:
                y = min(y, most - (x < at) * STEP)
        told.append((x, {BLOCK[0]: BLOCK[1], TOP[0]: TOP[1]}.get(x, y)))
    for place in range(len(told) - 2, -1, -1):  # downwards: held corners push others down
        told[place] = (told[place][0], min(told[place][1], told[place + 1][1] - STEP))
    return tuple(told)


def held_alone(knots: Sequence[tuple[float, float]], several: Knots) -> Knots:
    """The knots below the bound for a stranger's report, still rising, and nowhere above those of
    `several` voices: a further voice never makes a number look better."""
    told: list[tuple[float, float]] = []
    most = STRANGER[1]
    for x, y in reversed(knots):
        told.append((x, min(y, most, float(np.interp(x, *np.array(several).T)))))
        most = told[-1][1] - STEP
    return tuple(told[::-1])


def expected_share(curves: Curves, samples: Sequence[Sample]) -> float:
    """The share of the samples (at least one) that the curves expect to be unwanted, 0 to 1."""
    raw, _, alone = _columns(samples)
    return float(published(curves, raw, alone).mean())


def published(curves: Curves, raw: Floats, alone: Bools) -> Floats:
    """Published probabilities, as curves.calibrated would give them between the corners."""
    return np.asarray(1.0 / (1.0 + np.exp(-_heights(curves, raw, alone))))


def _heights(curves: Curves, raw: Floats, alone: Bools) -> Floats:
    several, one = (np.interp(raw, *np.array(knots).T) for knots in curves)
    return np.asarray(np.where(alone, one, several))


def _moved(curves: Curves, raw: Floats, truth: Floats, alone: Bools) -> Curves:
    """The curves, shifted together to the maximum likelihood of the samples, by Newton's method."""
    heights, by = _heights(curves, raw, alone), 0.0
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-heights - by))
        slope = float((truth - p).sum()) - MOVING_RIDGE * by
        step = slope / (float((p * (1.0 - p)).sum()) + MOVING_RIDGE)
        by += step
        if abs(step) < 1e-6:
            break
    return Curves(*(tuple((x, y + by) for x, y in knots) for knots in curves))


def _columns(samples: Sequence[Sample]) -> tuple[Floats, Floats, Bools]:
    return (
        np.array([s.raw for s in samples], np.float64),
        np.array([s.unwanted for s in samples], np.float64),
        np.array([s.alone for s in samples], np.bool_),
    )


def _hats(corners: Sequence[float], raw: Floats) -> Floats:
    """The share of each corner in the line at each raw value."""
    x = np.array(corners)
    return np.stack([np.interp(raw, x, row) for row in np.eye(len(x))], axis=1)


def _regressed(start: Knots, raw: Floats, truth: Floats, ridge: float) -> list[tuple[float, float]]:
    """The corners of the rising line of maximum likelihood, by Newton's method."""
    corners, first = np.array(start).T
    hats, heights = _hats(corners.tolist(), raw), first.copy()
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-hats @ heights))
        slope = hats.T @ (truth - p) - ridge * (heights - first)
        bend = (hats * (p * (1.0 - p))[:, None]).T @ hats + ridge * np.eye(len(first))
        step = np.clip(np.linalg.solve(bend, slope), -1.0, 1.0)
        heights += step
        if np.abs(step).max() < 1e-6:
            break
    return _rising(corners.tolist(), heights)


def _rising(corners: Sequence[float], heights: Floats) -> list[tuple[float, float]]:
    """Pool adjacent violators: each falling stretch becomes its mean."""
    pools: list[list[float]] = []
    for height in heights.tolist():
        pools.append([height])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    level = [float(np.mean(pool)) for pool in pools for _ in pool]
    return list(zip(corners, level, strict=True))


def _shift(raw: Floats, truth: Floats, alone: Bools, curves: Curves) -> float:
    """What to add to raw log-odds so that, over these samples, stated and true shares agree."""
    low, high = -2.0, 2.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if float(published(curves, raw + middle, alone).mean()) < float(truth.mean()):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _checked(samples: Sequence[Sample], curves: Curves) -> list[dict[str, Any]]:
    """Stated and true shares by category and line type, for a reviewer."""
    groups: dict[str, list[Sample]] = {"all": list(samples)}
    for sample in samples:
        for kind, name in (("category", sample.category), ("line type", sample.line_type)):
            if name:
                groups.setdefault(f"{kind} {name}", []).append(sample)
    return [
        {
            "group": name,
            "samples": len(group),
            "stated": round(float(published(curves, raw, alone).mean()), 3),
            "true": round(float(truth.mean()), 3),
        }
        for name, group in sorted(groups.items())
        if len(group) >= ENOUGH
        for raw, truth, alone in (_columns(group),)
    ]


def read_knots(content: Mapping[str, Any], curve: str = "knots") -> Knots:
    """The knots of a calibration file, "knots" or "alone"; ValueError unless both coordinates
    rise."""
    knots = tuple((float(x), float(y)) for x, y in content[curve])
    for one, other in pairwise(knots):
        if not (one[0] < other[0] and one[1] < other[1]):
            raise ValueError(f"calibration must rise from {one} to {other}")
    return knots
