import random

import pytest

from benchmarks.attacks import draws
from benchmarks.attacks.heard import Heard, heard
from benchmarks.attacks.worlds import build_world
from reputation.scoring import fitting, policy


@pytest.fixture(scope="module")
def found() -> list[Heard]:
    return list(heard(build_world(8, scale=0.1), (120.0,), batch=True))


def test_draws_are_spread_over_accounts(found: list[Heard]) -> None:
    made = [each._replace(first="one") for each in found]
    assert len(draws.at_random(random.Random(1), made, 50)) == fitting.OF_ONE
    assert len(draws.at_random(random.Random(1), found, 50)) == 50


def test_what_is_decided_alike_or_left_changes_nothing(found: list[Heard]) -> None:
    shipped = draws.error(found, policy.CURVES)
    for spoilt in (draws._alike(unwanted=True), draws._alike(unwanted=False), draws._easy):
        assert set(draws.fits(found, 60, spoilt, "test")) == {shipped}
    assert shipped not in draws.fits(found, 60, draws.at_random, "test")
