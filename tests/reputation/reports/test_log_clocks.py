"""Call logs where the clocks were changed, and of the 29th of February."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reputation.reports.call_logs import read_call_log


@pytest.mark.parametrize(
    ("line", "zone", "seconds"),
    [
        ("13812345678 2027-03-14 01:50-03:10", "America/New_York", 20 * 60),  # forward at 2
        ("13812345678 2027-03-13 01:50-03:10", "America/New_York", 80 * 60),
        ("13812345678 2026-10-25 01:50-03:10", "Europe/Berlin", 140 * 60),  # back at 3
        ("13812345678 2026-10-04 01:50-02:40", "Australia/Lord_Howe", 20 * 60),
        ("13812345678 2027-03-14 01:50-03:10", "Asia/Shanghai", 80 * 60),
        ("13812345678 2027-03-13 23:50-00:10", "America/New_York", 20 * 60),
        ("13812345678 2028-02-28 23:50-00:10", "Europe/Berlin", 20 * 60),
    ],
)
def test_a_call_is_as_long_as_it_was(line: str, zone: str, seconds: int):
    [call] = read_call_log(
        line, region="CN", zone=ZoneInfo(zone), now=datetime(2028, 6, 1, tzinfo=UTC)
    ).calls
    assert call.seconds == seconds


@pytest.mark.parametrize("day", ["29 Feb", "2月29日", "29.02."])
@pytest.mark.parametrize(
    ("today", "year"), [("2028-03-01", 2028), ("2029-01-10", 2028), ("2028-02-28", 2024)]
)
def test_a_29th_of_february_without_a_year_is_the_last_one(day: str, today: str, year: int):
    found = read_call_log(
        f"13812345678 {day} 20:15",
        region="CN",
        zone=ZoneInfo("Asia/Shanghai"),
        now=datetime.fromisoformat(f"{today}T12:00Z"),
    )
    assert [f"{call.at.astimezone(UTC):%Y-%m-%d}" for call in found.calls] == [f"{year}-02-29"]
