"""Times in messages where the clocks were changed meanwhile."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reputation.intake.grammar.dates import find_moment


@pytest.mark.parametrize(
    ("now", "zone", "at"),
    [
        ("2027-03-14T07:30", "America/New_York", "2027-03-14T05:30"),  # forward at 07:00 UTC
        ("2026-11-01T06:30", "America/New_York", "2026-11-01T04:30"),  # back at 06:00
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30"),  # back at 01:00
        ("2026-10-03T16:00", "Australia/Lord_Howe", "2026-10-03T14:00"),  # forward by half an hour
        ("2026-10-25T02:30", "Asia/Shanghai", "2026-10-25T00:30"),
        ("2028-02-29T01:30", "America/New_York", "2028-02-28T23:30"),
    ],
)
@pytest.mark.parametrize("words", ["2 hours ago", "两小时前"])
def test_hours_ago_are_so_many_hours(now: str, zone: str, at: str, words: str):
    moment = find_moment(
        f"{words} 13812345678", now=datetime.fromisoformat(f"{now}Z"), zone=ZoneInfo(zone)
    )
    assert moment is not None
    assert moment.at.astimezone(UTC).isoformat() == f"{at}:00+00:00"


def test_days_ago_are_at_the_same_time_by_the_clock():
    now, zone = datetime(2026, 10, 26, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    moment = find_moment("2 days ago 13812345678", now=now, zone=zone)
    assert moment is not None
    assert moment.at.isoformat() == "2026-10-24T13:00:00+02:00"
