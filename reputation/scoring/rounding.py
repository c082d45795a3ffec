"""Rounds columns of figures as policy and reasons round one, and says where it may be wrong.

numpy's exponentials differ from the C library's in the last bit. Each function here also returns
where a figure lies so close to a boundary of rounding that the other side may be the right one.
"""

from typing import Final

import numpy as np

from reputation.scoring.chains import Bools, Floats, Ints

# Farther from where rounding turns than any error of ours, which is some 1e-14.
_NEAR: Final = 1e-8
# Beyond this a double's last bit shows in the first digit after the point.
LARGE: Final = 99_999.0


def percents(probability: Floats) -> tuple[Ints, Bools]:
    """policy.percent of each, and where the next might have been as right."""
    value = 100.0 * probability
    return np.floor(value + 1e-9).astype(np.int64), near(value, 0.0)


def rounded(value: Floats) -> tuple[Ints, Bools]:
    """Whole numbers, and where the next might have been as right."""
    return np.rint(value).astype(np.int64), near(value, 0.5)


def times_of(log_factor: Floats) -> tuple[Ints, Bools]:
    """Factors in tenths, and where the next might have been as right."""
    factor = np.exp(np.minimum(log_factor, 50.0))
    tenths, unsure = rounded(10.0 * np.minimum(factor, LARGE))
    return tenths, unsure | (factor >= LARGE)


def near(value: Floats, fraction: float) -> Bools:
    """Where the part after the point is so near this fraction, 0 or .5, that rounding may err."""
    found: Bools = np.abs(value - fraction - np.rint(value - fraction)) < 100.0 * _NEAR
    return found


def near_to(value: Floats, threshold: float) -> Bools:
    """Where a comparison with the threshold may err."""
    found: Bools = np.abs(value - threshold) < _NEAR
    return found
