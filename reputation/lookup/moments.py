"""Moments as PostgreSQL stores them, in microseconds since 2000: one, or many in an array."""

from datetime import date
from functools import lru_cache
from typing import Any, Final

_SINCE_1970: Final = 946_684_800_000_000
_DAY: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()


def days_of(moment: Any) -> Any:
    """Days since 1970, as scoring counts them."""
    return (moment + _SINCE_1970) / 1e6 / 86_400.0


def day_of(moment: Any) -> Any:
    """The UTC day, counted from 1970-01-01."""
    return (moment + _SINCE_1970) // _DAY


def monday_of(day: Any) -> Any:
    """The Monday on or before this day since 1970, which began on a Thursday."""
    return day - (day + 3) % 7


@lru_cache(4096)
def midnight(day: int) -> str:
    """The beginning of a day since 1970, as the HTTP contract writes it."""
    return f"{date.fromordinal(_EPOCH + day).isoformat()}T00:00:00Z"
