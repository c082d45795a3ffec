"""When decay crosses thresholds: of one number, and of many, to the bit as of one each."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.crossings import first_crossing, first_crossings
from reputation.scoring.evidence import PRIOR, Evidence, log_odds, logit
from reputation.scoring.policy import Action, Standing
from reputation.scoring.reassessing import reassess_all, reassess_at


@given(
    st.floats(0.0, 8.0), st.floats(0.0, 8.0), st.floats(0.0, 8.0), st.sampled_from([0.2, 0.65, 0.9])
)
def test_a_crossing_is_the_first_and_never_early(short, long, legitimate, threshold):
    evidence = Evidence(
        at=0.0, unwanted_short=short, unwanted_long=long, legitimate=legitimate, newcomers=1
    )
    level = log_odds(threshold)
    crossing = first_crossing(short, long, -legitimate, level - log_odds(PRIOR))
    side = logit(evidence, 0.0) >= level
    until = 2_900.0 if crossing is None else crossing - 2.0 / 1440.0
    for step in range(300):
        now = logit(evidence, until * step / 300)
        # Where it only grazes the level, rounding may tell the two sides apart differently.
        if abs(now - level) > 1e-9:
            assert (now >= level) is side
    if crossing is not None:
        assert crossing > 0.0
        assert (logit(evidence, crossing) >= level) is not side


def test_a_number_can_dip_and_come_back():
    # Unwanted evidence fades before the legitimate, so p falls below .2 and later returns.
    assert first_crossing(2.0, 0.0, -3.0, -1.2) == pytest.approx(21.3, abs=0.1)
    returned = first_crossing(0.0, 0.0, -3.0, -1.2)
    assert returned == pytest.approx(180.0 * math.log2(3.0 / 1.2), abs=0.01)


def test_crossings_of_many_are_those_of_one_each():
    chance = np.random.default_rng(5)
    count = 1500
    short, long = (4.0 * chance.random(count) * (chance.random(count) < 0.7) for _ in range(2))
    slow = (6.0 * chance.random(count) - 4.0) * (chance.random(count) < 0.8)
    level = np.where(chance.random(count) < 0.1, 0.005, 6.0 * chance.random(count) - 3.0)
    alone = [
        first_crossing(*each)
        for each in zip(*(part.tolist() for part in (short, long, slow, level)), strict=True)
    ]
    together = first_crossings(short, long, slow, level)
    assert 300 < sum(age is not None for age in alone) < 1200
    assert together == alone
    assert first_crossings(*np.zeros((4, 0))) == []


@pytest.mark.parametrize("seed", range(3))
def test_reassessments_of_many_are_those_of_one_each(seed):
    chance = random.Random(seed)

    def moment() -> float | None:
        return chance.choice([None, 20_000.0 + chance.uniform(-200, 200)])

    numbers = [
        (
            Evidence(
                at=20_000.0 - chance.uniform(-1, 300),
                unwanted_short=chance.choice([0.0, chance.uniform(0, 4)]),
                unwanted_long=chance.choice([0.0, chance.uniform(0, 4)]),
                legitimate=chance.choice([0.0, chance.uniform(0, 4)]),
                newcomers=chance.randrange(4),
                last_unwanted=moment(),
            ),
            Standing(
                moderated=chance.choice([-1, 0, 0, 1]),
                moderated_at=moment(),
                holder_verified=chance.random() < 0.2,
                promoted=chance.random() < 0.3,
                pinned=chance.choice([None, Action.FLAG]),
                immune_until=moment(),
                linked=chance.randrange(3),
                linked_until=moment(),
            ),
            chance.uniform(0.2, 0.6),
        )
        for _ in range(200)
    ]
    assert reassess_all(numbers, 20_000.0) == [
        reassess_at(evidence, standing, 20_000.0, prior=prior)
        for evidence, standing, prior in numbers
    ]
    assert reassess_all([], 20_000.0) == []
