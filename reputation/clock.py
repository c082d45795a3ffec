"""Between the calendar and the arithmetic: scoring counts time in days since the Unix epoch."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS_A_DAY = 86_400_000_000


def to_days(moment: datetime) -> float:
    """Days since the epoch, exact to the microsecond (see from_days)."""
    since = moment - EPOCH
    return since.days + (since.seconds * 1_000_000 + since.microseconds) / MICROSECONDS_A_DAY


def from_days(days: float) -> datetime:
    """The inverse of to_days: from_days(to_days(m)) == m for each m between 1970 and 2200.

    A double has about 0.3 µs to spare at today's dates, so rounding to the microsecond is exact.
    """
    whole = int(days)
    return EPOCH + timedelta(days=whole, microseconds=round((days - whole) * MICROSECONDS_A_DAY))
