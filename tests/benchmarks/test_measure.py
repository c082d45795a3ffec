import numpy as np
import pytest

from benchmarks.attacks import measure
from benchmarks.attacks.attacks import Strike
from benchmarks.attacks.measure import Role, Share, Snapshot
from benchmarks.attacks.worlds import build_world

NAN = float("nan")
ROLES = [
    Role.LEGITIMATE,
    Role.LEGITIMATE,
    Role.LEGITIMATE,
    Role.ABUSIVE,
    Role.ABUSIVE,
    Role.ABUSIVE,
    Role.GRAY,
    Role.REASSIGNED,
]


def shot(scores: list[float], day: float = 1.0) -> Snapshot:
    calls = np.array([0, 0, 0, 6.0, 3.0, 1.0, 0, 0])
    return Snapshot(day, np.array(ROLES), calls, {"s": np.array(scores)})


ONE = shot([0.1, 0.95, NAN, 0.95, 0.7, NAN, 0.5, 0.2])
TWO = shot([0.1, 0.10, 0.1, 0.95, 0.9, 0.30, 0.9, 0.2], day=2.0)


def test_rates_are_over_numbers_heard() -> None:
    assert measure.rate([ONE], "s", 0.9, Role.LEGITIMATE) == Share(1, 2)
    assert measure.rate([ONE, TWO], "s", 0.9, Role.LEGITIMATE) == Share(1, 5)
    assert measure.rate([ONE, TWO], "s", 0.9, Role.GRAY) == Share(1, 2)
    assert measure.rate([ONE, TWO], "s", 0.9, Role.REASSIGNED) == Share(0, 2)


def test_calls_are_weighed_and_unheard_numbers_count() -> None:
    assert measure.calls_met([ONE], "s", 0.9) == Share(6, 10)
    assert measure.calls_met([ONE], "s", 0.6) == Share(9, 10)
    assert measure.calls_met([ONE, TWO], "s", 0.9).value == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [(Share(1, 16), 0.0111, 0.2833), (Share(0, 100), 0.0, 0.0370), (Share(5, 5), 0.5655, 1.0)],
)
def test_the_interval_of_a_share_says_how_little_few_targets_tell(
    share: Share, low: float, high: float
) -> None:
    assert measure.interval(share) == pytest.approx((low, high), abs=1e-4)


def test_auc_counts_ties_half_and_leaves_gray_out() -> None:
    # Against .1, .95 and the reassigned .2: .95 wins two and ties one, .7 wins two.
    assert measure.auc([ONE], "s") == pytest.approx(4.5 / 6)
    assert measure.auc([TWO], "s") == 1.0
    assert measure.auc([ONE, TWO], "s") == pytest.approx((0.75 + 1) / 2)


def test_calibration_error_of_a_known_case() -> None:
    # Bins: .1 (0 of 1 bad), .2 (0 of 1), .7 (1 of 1), .95 (1 of 2).
    expected = (0.1 + 0.2 + 0.3 + abs(1.9 - 1)) / 5
    assert measure.calibration_error([ONE], "s") == pytest.approx(expected)


@pytest.mark.parametrize(("allowed", "caught"), [(0.0, 0), (0.2, 1), (0.19, 0), (0.5, 1)])
def test_threshold_allows_no_more_than_told(allowed: float, caught: int) -> None:
    threshold = measure.threshold_for([ONE, TWO], "s", allowed)
    assert measure.rate([ONE, TWO], "s", threshold, Role.LEGITIMATE).part == caught


def test_strikes_are_judged_from_their_first_day_on() -> None:
    early, late = Strike("x", 1, 0.5, 0.9, 3), Strike("x", 1, 1.5, 1.9, 3)
    assert measure.struck([ONE, TWO], [early], "s", 0.9) == Share(1, 1)
    assert measure.struck([ONE, TWO], [early, late], "s", 0.9) == Share(1, 2)


def test_survivors_are_counted_among_those_listed_before() -> None:
    stays, falls = Strike("x", 3, 1.2, 1.8, 10), Strike("x", 1, 1.2, 1.8, 10)
    never = Strike("x", 0, 1.2, 1.8, 10)
    assert measure.survived([ONE, TWO], [stays, falls, never], "s", 0.9) == Share(1, 2)


def test_reports_until_takes_the_first_crossing() -> None:
    taken = measure.reports_until([ONE, TWO], (4, 6), [3, 4, 5], "s", 0.9)
    assert taken == [4, 6, float("inf")]


def test_an_engine_sees_only_the_reports_of_the_day_and_before() -> None:
    world = build_world(11, scale=0.03)
    seen: list[tuple[float, float]] = []

    def engine(reports: object, now: float) -> dict[str, float]:
        assert isinstance(reports, list)
        seen.append((max(r["time"] for r in reports), now))
        return {r["number"]: 0.5 for r in reports}

    days = (30.0, 90.0)
    shots = measure.snapshots(world, days, {"half": engine})
    assert [now for _, now in seen] == [30.0, 90.0]
    assert all(now - 10 < last <= now for last, now in seen)
    for s in shots:
        assert np.array_equal(np.isnan(s.scores["half"]), np.isnan(s.scores["count"]))
