"""The time of a call as people type it, in the nights in which clocks are changed too."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from web.forms import MomentField


@pytest.mark.parametrize(
    ("typed", "hour"),
    [
        ("2025-11-02T00:30", 4),
        ("2025-11-02T01:30", 5),  # it comes again an hour later
        ("2025-11-02T02:30", 7),
        ("2025-03-09T02:30", 7),  # the clock leaves it out
    ],
)
def test_a_call_at_night_is_taken_when_clocks_are_changed(typed: str, hour: int):
    with timezone.override("America/New_York"):
        assert MomentField().clean(typed).astimezone(UTC).hour == hour


@pytest.mark.parametrize("second", [5, 6])
def test_a_moment_that_is_left_as_it_is_shown_stays(second: int):
    """With its seconds, and in the hour that comes twice."""
    field = MomentField()
    field.known = datetime(2025, 11, 2, second, 30, 45, tzinfo=UTC)
    with timezone.override("America/New_York"):
        assert field.clean("2025-11-02T01:30") == field.known
        assert field.clean("2025-11-02T01:31") == datetime(2025, 11, 2, 5, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed", ["noon", "2025-11-02T25:00", "02/11/2025 10:00", "11/02/2025 10:00"]
)
def test_what_is_no_moment_is_refused(typed: str):
    with timezone.override("Asia/Shanghai"), pytest.raises(ValidationError):
        MomentField().clean(typed)


def test_english_dates_are_read_alike_on_both_sides_of_the_atlantic():
    at = datetime(2026, 12, 1, 16, 5, tzinfo=UTC)
    assert (date_format(at), date_format(at, "DATETIME_FORMAT")) == (
        "1 Dec 2026",
        "1 Dec 2026, 16:05",
    )
    assert date_format(at, "SHORT_DATE_FORMAT") == "1 Dec 2026"
