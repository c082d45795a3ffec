"""The precision of published times of reports: the UTC day, at most.

A caller may call one person from a number of its own and look that number up every minute: the time
of the report would tell that this person reported. While few reporters have spoken, the day would
tell as much, so the public gets the Monday of that week.
"""

from datetime import UTC, date, datetime, timedelta

# With fewer reporters only the week is published.
FEW = 5


def day_shown(moment: datetime, *, reporters: int) -> date:
    """The published form of `moment`: its UTC day, or the Monday on or before it."""
    day = moment.astimezone(UTC).date()
    return day if reporters >= FEW else day - timedelta(days=day.weekday())
