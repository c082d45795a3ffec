"""Published probabilities: the curves through which raw ones pass, the priors, and where actions
change."""

import bisect
import json
from pathlib import Path
from typing import Final

from reputation.scoring.evidence import PRIOR, log_odds
from reputation.scoring.fitting import Curves, read_knots

# Published probabilities are calibrated: what the caps let through understates honest evidence, as
# it must to be safe. One newcomer's report alone publishes p = .72, so one fake report never shows
# as negative in a client that blocks on flags (SpamBlocker does: docs/adr/0012); two newcomers in
# two networks give .89, so a fresh scam number is flagged at its second report.
FLAG_AT: Final = 0.80
# Raw p = .89: more than any one network can say, and out of reach of any number of new accounts
# (raw p < .75, published below .90).
BLOCK_AT: Final = 0.95
ACTION_THRESHOLDS: Final = (FLAG_AT, BLOCK_AT)

# (raw, published) log-odds, linear between and beyond, and the prior of numbers by line type where
# it differs from PRIOR: the reviewed result of a fit, with its date and data (scoring.fitting says
# how it comes about and what it may not change).
_FITTED: Final = json.loads(Path(__file__).with_name("calibration.json").read_text("utf-8"))
CALIBRATION: Final = read_knots(_FITTED)
# The same where fewer voices speak against the number than LISTED_BY. At the same raw log-odds such
# numbers are wanted far more often, since mistakes seldom meet on one number. It ends below
# FLAG_AT: one voice alone lists nobody, whoever speaks, and all imported complaints are one voice.
ALONE_CALIBRATION: Final = read_knots(_FITTED, "alone")
# What ships, and holds until a service's own random draws are fitted to (counting.calibrating).
CURVES: Final = Curves(CALIBRATION, ALONE_CALIBRATION)
PRIORS: Final[dict[str, float]] = _FITTED["priors"]


def prior_for(line_type: str) -> float:
    """Probability that a number of this line type (identity.line_type) is unwanted, before any
    report."""
    return PRIORS.get(line_type, PRIOR)


def curves_in_use() -> Curves:
    """The curves that this process publishes by: CURVES, until `use_curves` gives it others."""
    return _used


def use_curves(given: Curves) -> None:
    """Lets this process publish by these curves from now on, in all of its threads."""
    global _used, _inverse, _levels
    _used, _inverse = given, _swapped(given)
    _levels = tuple(map(raw_at, ACTION_THRESHOLDS))


def _swapped(given: Curves) -> tuple[tuple[float, float], ...]:
    return tuple((published, raw) for raw, published in given.several)


_used: Curves = CURVES
_inverse = _swapped(CURVES)


def calibrated(raw_logit: float, *, alone: bool = False) -> float:
    """Published log-odds for raw ones: strictly rising, piecewise linear through the curves in
    use.

    `alone` (of `is_alone`): through the curve of one voice, and below FLAG_AT whatever the raw ones
    are.
    """
    used = _used
    if alone:
        top, most = used.alone[-1]
        return most if raw_logit >= top else _through(used.alone, raw_logit)
    return _through(used.several, raw_logit)


def raw_at(probability: float) -> float:
    """The raw log-odds whose published probability this is where several voices speak."""
    return _through(_inverse, log_odds(probability))


def _through(knots: tuple[tuple[float, float], ...], x: float) -> float:
    # (x,) is less than any pair that begins with x.
    place = bisect.bisect_left(knots, (x,), lo=1, hi=len(knots) - 1)
    (x0, y0), (x1, y1) = knots[place - 1], knots[place]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


# Where actions change: each number is asked for them.
_levels = tuple(map(raw_at, ACTION_THRESHOLDS))


def levels() -> tuple[float, ...]:
    """The raw log-odds at which actions change, where several voices speak."""
    return _levels
