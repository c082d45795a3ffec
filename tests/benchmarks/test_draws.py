import random

import pytest

from benchmarks.attacks import draws
from benchmarks.attacks.heard import Heard, agreed, heard
from benchmarks.attacks.worlds import build_world
from reputation.scoring import agreement, fitting
from reputation.scoring.curves import CURVES


@pytest.fixture(scope="module")
def found() -> list[Heard]:
    return list(heard(build_world(8, scale=0.1), (120.0,), batch=True))


def test_draws_are_spread_over_accounts(found: list[Heard]) -> None:
    made = [each._replace(first="one") for each in found]
    assert len(draws.at_random(random.Random(1), made, 50)) == fitting.OF_ONE
    assert len(draws.at_random(random.Random(1), found, 50)) == 50


def test_what_is_decided_alike_or_left_changes_nothing(found: list[Heard]) -> None:
    before = {120.0: CURVES}
    shipped = draws.error(found, before)
    for spoilt in (draws._alike(unwanted=True), draws._alike(unwanted=False), draws._easy):
        assert set(draws.fits(found, 60, spoilt, "test", before)) == {shipped}
    assert shipped not in draws.fits(found, 60, draws.at_random, "test", before)


def test_worlds_with_few_bad_callers_are_told_from_those_with_many() -> None:
    few, many = (
        agreement.told(agreed(build_world(8, scale=0.3, make=f"{share} abusive"), 120.0))
        for share in ("few", "many")
    )
    assert few.unwanted < agreement.PLAIN.unwanted < many.unwanted
    assert few.legitimate < agreement.PLAIN.legitimate < many.legitimate


def test_a_thousand_accounts_move_the_curves_no_further_than_others_could() -> None:
    world = build_world(8, scale=0.1)
    accounts = [f"fresh {n}" for n in range(1000)]
    flooded = agreed(draws._with_flood(world, accounts, 5, 1, 100.0), 150.0)
    curves = agreement.moved(CURVES, flooded)
    assert flooded.numbers > agreed(world, 150.0).numbers > 0
    assert draws._farthest(curves, CURVES) <= agreement.MOST + fitting.STEP
    assert dict(curves.several)[fitting.BLOCK[0]] == pytest.approx(fitting.BLOCK[1])
