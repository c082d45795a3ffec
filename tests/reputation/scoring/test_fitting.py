import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.scoring import fitting
from reputation.scoring.curves import (
    ALONE_CALIBRATION,
    BLOCK_AT,
    CALIBRATION,
    CURVES,
    FLAG_AT,
    PRIORS,
    calibrated,
)
from reputation.scoring.evidence import NEWCOMERS_CAP, PRIOR, expit, log_odds
from reputation.scoring.fitting import Sample

FILE = Path(fitting.__file__).with_name("calibration.json")


def drawn(count: int, slope: float = 2.0, line_type: str = "", shift: float = 0.0) -> list[Sample]:
    """Numbers whose true log-odds are `slope` times the raw ones, plus `shift`."""
    rng = random.Random(7)
    found = []
    for _ in range(count):
        raw = rng.uniform(-2.5, 2.0)
        unwanted = rng.random() < expit(slope * (raw + shift))
        found.append(Sample(raw, unwanted, "robocall", line_type))
    return found


def test_the_thresholds_in_use_are_those_of_the_reviewed_file():
    content = json.loads(FILE.read_text())
    assert fitting.read_knots(content) == CALIBRATION
    assert fitting.read_knots(content, "alone") == ALONE_CALIBRATION
    assert content["priors"] == PRIORS
    assert content["fitted"] >= "2026-11-25"
    assert content["data"]
    assert content["samples"] >= fitting.ENOUGH
    for (_, held), (_, told) in zip(fitting.held(CALIBRATION), CALIBRATION, strict=True):
        assert held == pytest.approx(told, abs=1e-4)


def test_what_safety_holds_down():
    assert expit(calibrated(fitting.STRANGER[0])) < FLAG_AT
    crowd = expit(calibrated(log_odds(PRIOR) + NEWCOMERS_CAP))
    assert crowd == pytest.approx(0.90, abs=0.001)
    assert expit(calibrated(fitting.BLOCK[0])) == pytest.approx(BLOCK_AT, abs=1e-5)


def test_a_fit_finds_the_curve_that_the_samples_were_drawn_from():
    content = fitting.fit(drawn(8000), fitted="2026-01-01", data="drawn")
    knots = dict(fitting.read_knots(content))
    for raw in (-1.2, -0.7, -0.2):
        assert knots[raw] == pytest.approx(2 * raw, abs=0.3)
    (check, all_of_them) = sorted(content["checked"], key=lambda c: c["group"], reverse=True)[:2]
    assert all_of_them["samples"] == check["samples"] == 8000
    assert content["priors"] == {}


def test_a_line_type_with_enough_numbers_gets_a_prior_of_its_own():
    samples = [
        *drawn(4000),
        *drawn(400, line_type="toll_free", shift=-0.6),
        *drawn(50, 2.0, "pager"),
    ]
    content = fitting.fit(samples, fitted="2026-01-01", data="drawn")
    assert list(content["priors"]) == ["toll_free"]
    assert content["priors"]["toll_free"] == pytest.approx(expit(log_odds(PRIOR) - 0.6), abs=0.08)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (drawn(99), "99 samples are too few to fit to: 100 are needed"),
        ([Sample(1.0, True)] * 100, "all samples are of one kind: both are needed to fit to"),
    ],
)
def test_what_cannot_be_fitted(samples, message):
    with pytest.raises(ValueError, match=message):
        fitting.fit(samples, fitted="2026-01-01", data="x")


def test_a_calibration_that_falls_is_refused():
    with pytest.raises(ValueError, match="must rise"):
        fitting.read_knots({"knots": [[0.0, 0.0], [1.0, -0.1]]})


@given(st.lists(st.floats(-8.0, 8.0), min_size=11, max_size=11))
def test_whatever_the_fit_says_the_curve_rises_and_keeps_below_what_is_held(heights):
    knots = fitting.held(list(zip(fitting.KNOTS, sorted(heights), strict=True)))
    fitting.read_knots({"knots": knots})
    told = dict(knots)
    for at, most in (fitting.STRANGER, fitting.CROWD, fitting.BLOCK):
        assert told[at] <= most + 1e-9
    lone = list(zip(fitting.ALONE_KNOTS, sorted(heights)[-7:], strict=True))
    alone = fitting.held_alone(lone, knots)
    fitting.read_knots({"alone": alone}, "alone")
    assert alone[-1][1] <= fitting.STRANGER[1] < log_odds(FLAG_AT)
    assert all(y <= told.get(x, y) for x, y in alone)


def test_numbers_that_one_voice_alone_speaks_against_have_a_curve_of_their_own():
    alone = [Sample(s.raw, s.unwanted, alone=True) for s in drawn(8000, shift=-0.4)]
    content = fitting.fit([*drawn(8000), *alone], fitted="2026-01-01", data="drawn")
    for raw in (-1.2, -0.7, -0.2):
        assert dict(fitting.read_knots(content))[raw] == pytest.approx(2 * raw, abs=0.3)
        told = dict(fitting.read_knots(content, "alone"))[raw]
        assert told == pytest.approx(2 * (raw - 0.4), abs=0.3)


@pytest.mark.parametrize("off", [-1.2, 0.0])
def test_a_hundred_numbers_teach_a_service_how_many_of_its_callers_are_bad(off):
    """Callers are bad less often than the curves in use say, all alike, or as often."""
    used = CURVES
    rng = random.Random(11)
    raw = np.linspace(-1.0, 1.4, 200)
    alone = np.zeros(200, np.bool_)
    true = expit_all(np.interp(raw, *np.array(used.several).T) + off)
    errors = {"used": [np.abs(fitting.published(used, raw, alone) - true).mean()]}
    for _ in range(10):
        drawn_raws = [rng.uniform(-1.0, 1.4) for _ in range(100)]
        found = [Sample(x, rng.random() < np.interp(x, raw, true)) for x in drawn_raws]
        for name, before in (("moved", used), ("anew", None)):
            content = fitting.fit(found, fitted="2026-01-01", data="drawn", before=before)
            curves = fitting.Curves(fitting.read_knots(content), used.alone)
            error = np.abs(fitting.published(curves, raw, alone) - true).mean()
            errors.setdefault(name, []).append(error)
    assert np.mean(errors["moved"]) < np.mean(errors["anew"])
    assert np.mean(errors["moved"]) < max(0.05, np.mean(errors["used"]) / 2)


ODD = st.builds(
    Sample, st.floats(-4.0, 6.0), st.booleans(), st.just(""), st.just(""), st.booleans()
)


@settings(max_examples=30)
@given(st.lists(ODD, max_size=60))
def test_whatever_is_drawn_blocks_stay_where_they_are_and_no_corner_goes_far(samples):
    """A ring's numbers, a moderator who answers wrongly, one kind alone: all end here."""
    curves = fitting.refit(samples, before=CURVES)
    told = dict(curves.several)
    assert told[fitting.BLOCK[0]] == pytest.approx(fitting.BLOCK[1])
    for at, most in (fitting.STRANGER, fitting.CROWD):
        assert told[at] <= most + 1e-9
    assert curves.alone[-1][1] <= fitting.STRANGER[1]
    pushed = fitting.STEP * len(fitting.KNOTS)  # where held corners push others down
    for knots, used in zip(curves, CURVES, strict=True):
        fitting.read_knots({"knots": knots})
        for (_, y), (_, was) in zip(knots, used, strict=True):
            assert abs(y - was) <= fitting.MOST_MOVED + pushed


@pytest.mark.parametrize(("off", "count"), [(0.0, 30), (-0.9, 30), (0.9, 30), (-0.9, 100)])
def test_few_draws_do_no_harm_and_help_where_callers_are_of_another_make(off, count):
    used, rng = CURVES, random.Random(5)
    raw = np.linspace(-1.0, 1.4, 200)
    alone = np.zeros(200, np.bool_)
    true = expit_all(np.interp(raw, *np.array(used.several).T) + off)

    def error(curves):
        return np.abs(fitting.published(curves, raw, alone) - true).mean()

    found = []
    for _ in range(12):
        places = [rng.randrange(200) for _ in range(count)]
        drawn_numbers = [Sample(raw[k], rng.random() < true[k]) for k in places]
        found.append(error(fitting.refit(drawn_numbers, before=used)))
    assert np.mean(found) < max(0.035, error(used) * (0.8 if count < 100 else 0.5))


def expit_all(x):
    return 1.0 / (1.0 + np.exp(-x))
