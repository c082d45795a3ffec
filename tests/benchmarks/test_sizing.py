"""What a country needs follows from measured costs."""

from dataclasses import replace

import pytest

from benchmarks.growing.costs import JUDGED, LISTED, LOOKUP, REFRESH, REPORT, WEIGHED, Cost
from benchmarks.growing.sizing import DAY, Measured, lines, size

COSTS = {
    act: Cost(own=0.001, database=0.0005, buffers=10, statements=1, peak=200)
    for act in (JUDGED, LISTED, LOOKUP, REFRESH, REPORT, WEIGHED)
}
MEASURED = Measured(costs=COSTS, number=1_000, report=500, listed=0.5, process=200, publishing=400)


def test_ten_times_the_phones_need_ten_times_as_much():
    small, large = size(1_000_000, MEASURED), size(10_000_000, MEASURED)
    for name in ("lookups", "reports_a_day", "numbers", "reports", "disk", "web"):
        assert getattr(large, name) == pytest.approx(10 * getattr(small, name))
    assert large.machines >= small.machines == 1


def test_cores_follow_from_costs_and_the_busiest_hour():
    found = size(1_000_000, MEASURED)
    assert found.lookups == pytest.approx(3 * 6 * 1_000_000 / DAY)
    # Twice as many cores as are busy, for lookups and reports of a thousandth of a second each.
    assert found.web == pytest.approx(2 * 0.001 * 3 * 6.01 * 1_000_000 / DAY)
    dearer = replace(MEASURED, costs=COSTS | {LOOKUP: replace(COSTS[LOOKUP], database=0.005)})
    assert size(1_000_000, dearer).postgresql > 5 * found.postgresql


def test_the_table_says_what_it_rests_on():
    text = "\n".join(lines(MEASURED))
    assert "100 M" in text
    assert "1,000 bytes of a number" in text
