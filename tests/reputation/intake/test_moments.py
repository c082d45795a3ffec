"""When a call came, as people and their telephones write it."""

from datetime import UTC, datetime, timedelta

import pytest

from reputation.intake.grammar.dates import find_moment

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("rang on 5/11/2026, 4.15pm", "2026-11-05 16:15"),
        ("12 Nov 9.05 p.m. another call", "2026-11-12 21:05"),
        ("12 Nov 12.20am", "2026-11-12 00:20"),
        ("12 Nov 2026 at 14.30, rude man", "2026-11-12 14:30"),
        ("11-20 09:31 呼入 未接", "2026-11-20 09:31"),
        ("12-03 21:07 missed call", "2025-12-03 21:07"),
    ],
)
def test_the_day_and_the_hour_are_read(text, at):
    found = find_moment(text, now=NOW, zone=UTC)
    assert found is not None
    assert f"{found.at:%Y-%m-%d %H:%M}" == at
    assert found.has_time


@pytest.mark.parametrize("text", ["10-12 calls a day", "ext 11-20", "13-20 09:31", "2011-20 09:31"])
def test_other_pairs_of_figures_are_no_day(text):
    found = find_moment(text, now=NOW, zone=UTC)
    assert found is None or found.at.date() >= NOW.date() - timedelta(days=1)
