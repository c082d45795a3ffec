"""What follows from how established reporters agree, and how little who wants to can make of it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring import fitting
from reputation.scoring.agreement import (
    ENOUGH,
    MOST,
    PLAIN,
    RIGHT,
    SAID,
    TELLING,
    Agreement,
    agreement,
    moved,
    told,
)
from reputation.scoring.curves import ALONE_CALIBRATION, CALIBRATION, CURVES, FLAG_AT
from reputation.scoring.evidence import expit


def measured(words: list[tuple[int, int, int, float]]) -> Agreement:
    """`words`: number, voice, 1 for unwanted, day."""
    number, voice, unwanted, at = np.array(words, np.float64).reshape(-1, 4).T
    return agreement(
        number=number.astype(np.int64),
        voice=voice.astype(np.int64),
        unwanted=unwanted.astype(np.bool_),
        at=at,
        now=100.0,
    )


def expected(bad: float, sens: float, spec: float, numbers: int = 60_000) -> Agreement:
    """As many numbers as are expected where one to three people speak, each right as often."""

    def share(said: int, unwanted: int) -> float:
        hits = sens**unwanted * (1.0 - sens) ** (said - unwanted)
        errors = (1.0 - spec) ** unwanted * spec ** (said - unwanted)
        return math.comb(said, unwanted) * (bad * hits + (1.0 - bad) * errors)

    rows = (
        tuple(round(numbers / SAID * share(said, unwanted)) for unwanted in range(SAID + 1))
        for said in range(1, SAID + 1)
    )
    return Agreement(tuple(rows), expit(PLAIN.lasting))


@pytest.mark.parametrize("bad", [0.15, 0.4, 0.75])
@pytest.mark.parametrize(("sens", "spec"), [RIGHT, (0.96, 0.95), (0.82, 0.78)])
def test_agreement_tells_how_many_numbers_are_bad_and_how_often_people_err(bad, sens, spec):
    found = told(expected(bad, sens, spec))
    wrong = (1.0 - bad) * (1.0 - spec)
    missed = bad * (1.0 - sens)
    assert expit(found.unwanted) == pytest.approx(bad * sens / (bad * sens + wrong), abs=0.05)
    true = missed / (missed + (1.0 - bad) * spec)
    assert expit(found.legitimate) == pytest.approx(true, abs=0.05)


def test_the_first_words_of_a_number_count_and_each_voice_once():
    found = measured(
        [
            (1, 7, 1, 50.0),
            (1, 7, 0, 51.0),  # the same voice again
            (2, 7, 0, 40.0),
            (2, 8, 1, 30.0),
            (3, 1, 1, 10.0),
            (3, 2, 1, 11.0),
            (3, 3, 0, 12.0),
            (3, 4, 1, 13.0),  # a fourth
        ]
    )
    assert found.counts == ((0, 1, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))
    assert found.numbers == 3


@pytest.mark.parametrize(("last", "lasting"), [(1.0, 0.02), (20.0, 0.38), (99.0, 0.95)])
def test_bad_numbers_last_as_long_as_they_go_on_being_reported(last, lasting):
    words = [(n, v, 1, v * last) for n in range(TELLING) for v in range(2)]
    share = min(1, last / 50)
    assert measured(words).lasting == pytest.approx((1 + TELLING * share) / (2 + TELLING))
    assert measured(words).lasting == pytest.approx(lasting, abs=0.05)


def test_a_few_numbers_do_not_tell_how_long_bad_ones_last():
    once = [(n, 0, n % 2, 50.0) for n in range(TELLING, TELLING + ENOUGH)]
    twice = [(n, v, 1, float(v)) for n in range(TELLING) for v in range(2)]
    assert told(measured(once)).lasting == pytest.approx(PLAIN.lasting)
    assert told(measured([*once, *twice[2:]])).lasting == pytest.approx(PLAIN.lasting)
    assert told(measured([*once, *twice])).lasting < PLAIN.lasting - MOST


def test_where_too_few_numbers_are_spoken_of_the_curves_stay():
    assert measured([]) == Agreement(((0, 0, 0, 0),) * SAID, expit(PLAIN.lasting))
    assert moved(CURVES, measured([])) == CURVES
    few = Agreement(((0, ENOUGH - 1, 0, 0), *((0, 0, 0, 0),) * 2), 0.5)
    assert moved(CURVES, few) == CURVES


def test_more_bad_callers_move_percentages_up_and_fewer_down():
    few, many = (dict(moved(CURVES, expected(bad, *RIGHT)).alone) for bad in (0.1, 0.8))
    for x, used in ALONE_CALIBRATION[:5]:
        assert few[x] < used < many[x]


COUNTS = st.tuples(
    *(
        st.lists(st.integers(0, 5000), min_size=said + 1, max_size=said + 1).map(
            lambda row: tuple(row + [0] * (SAID + 1 - len(row)))
        )
        for said in range(1, SAID + 1)
    )
)


@given(COUNTS, st.floats(0.001, 0.999))
def test_whatever_established_accounts_say_blocks_stay_and_flags_begin_no_sooner(counts, lasting):
    """A thousand accounts that became established by agreeing end here."""
    curves = moved(CURVES, Agreement(counts, lasting))
    told_of = dict(curves.several)
    assert told_of[fitting.BLOCK[0]] == pytest.approx(fitting.BLOCK[1], abs=1e-4)
    pushed = fitting.STEP * len(fitting.KNOTS)  # where held corners push others down
    for knots, used in zip(curves, CURVES, strict=True):
        fitting.read_knots({"knots": knots})
        for (_, y), (_, was) in zip(knots, used, strict=True):
            assert was - MOST - pushed <= y <= was + MOST + 1e-9
    flagged = np.log(FLAG_AT / (1.0 - FLAG_AT))
    begins, began = (
        np.interp(flagged, *np.array(knots).T[::-1]) for knots in (curves.several, CALIBRATION)
    )
    assert begins >= began - 1e-4
    assert curves.alone[-1][1] <= fitting.STRANGER[1]


def test_the_plain_make_is_where_the_curves_stay():
    assert expit(PLAIN.unwanted) == pytest.approx(0.79, abs=0.01)
    assert expit(PLAIN.legitimate) == pytest.approx(0.1, abs=0.01)
