"""How exactly the public may know when a number was reported: to the day in UTC, at most.

A caller may call one person from a number of its own and look that number up every minute: the time
of the report would tell that this person reported. While few reporters have spoken, the day would
tell as much, so the public gets the Monday of that week.
"""

from datetime import UTC, date, datetime, timedelta

# Below as many reporters the public is told the week.
FEW = 5


def day_shown(moment: datetime, *, reporters: int) -> date:
    """The day in UTC, or the Monday before or on it, that the public is told of `moment`."""
    day = moment.astimezone(UTC).date()
    return day if reporters >= FEW else day - timedelta(days=day.weekday())
