"""Converts datetimes to and from days since the Unix epoch, in which scoring counts time."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS_A_DAY = 86_400_000_000


def to_days(moment: datetime) -> float:
    """Days since the epoch, exact to the microsecond (see from_days)."""
    since = moment - EPOCH
    return since.days + (since.seconds * 1_000_000 + since.microseconds) / MICROSECONDS_A_DAY


@lru_cache(maxsize=256)  # one report has the same moment in some places
def from_days(days: float) -> datetime:
    """The inverse of to_days: from_days(to_days(m)) == m for each m between 1970 and May 2149.

    Up to 2**16 days doubles lie 0.63 µs apart, so rounding to the microsecond is exact.
    """
    whole = int(days)
    return EPOCH + timedelta(whole, 0, round((days - whole) * MICROSECONDS_A_DAY))


def microseconds(days: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """from_days of each, as microseconds since the epoch."""
    whole = np.trunc(days)
    rest = np.rint((days - whole) * MICROSECONDS_A_DAY)
    return whole.astype(np.int64) * MICROSECONDS_A_DAY + rest.astype(np.int64)
