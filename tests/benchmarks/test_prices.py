import numpy as np
import pytest

from benchmarks.attacks import prices
from benchmarks.attacks.attacks import ATTACKS
from benchmarks.attacks.measure import BATCH, QUICK_DAYS, Role, Snapshot
from benchmarks.attacks.outcome import Outcome, Task
from benchmarks.attacks.raid import Price, Strike
from benchmarks.attacks.run import TUNING_SEEDS, run

CHEAP, DEAR = "ring of 7", "8 with staged scams"
COSTS = {CHEAP: Price(7, 7, 12.0, 0, 2), DEAR: Price(8, 8, 20.0, 16, 2)}


def outcome(gold: int, group: str, scores: list[float]) -> Outcome:
    """Numbers 0 and 1 are struck by CHEAP, 2 and 3 by DEAR; 4 is an abusive number that calls."""
    role = np.array([Role.LEGITIMATE] * 4 + [Role.ABUSIVE])
    calls = np.array([0, 0, 0, 0, 10.0])
    shot = Snapshot(100.0, role, calls, {BATCH: np.array(scores)})
    done = Outcome(Task(group, 101, 1.0, gold, (100.0,), (BATCH,)), [shot])
    if group != "clean":
        done.strikes = {
            CHEAP: [Strike(CHEAP, i, 90.0, 99.0, 7) for i in (0, 1)],
            DEAR: [Strike(DEAR, i, 90.0, 99.0, 7) for i in (2, 3)],
        }
        done.prices = {line: [price] for line, price in COSTS.items()}
        done.percents = {"liars, 3 a number": [0.0, 30.0 - gold / 10]}
    return done


BLOCKED, FLAGGED, CLEAR = 0.97, 0.85, 0.2
STRUCK = {
    0: [BLOCKED, FLAGGED, BLOCKED, BLOCKED, BLOCKED],
    30: [BLOCKED, CLEAR, BLOCKED, FLAGGED, BLOCKED],
    100: [FLAGGED, CLEAR, BLOCKED, FLAGGED, BLOCKED],
    300: [CLEAR, CLEAR, FLAGGED, FLAGGED, BLOCKED],
}
OUTCOMES = [outcome(gold, g, s) for gold, s in STRUCK.items() for g in ("clean", "rings")]


def test_the_shares_that_an_attack_gets_by_moderated_numbers() -> None:
    assert prices.shares(OUTCOMES, CHEAP, 0.95) == {0: 50, 30: 50, 100: 0, 300: 0}
    assert prices.shares(OUTCOMES, DEAR, 0.8) == {0: 100, 30: 100, 100: 100, 300: 100}


@pytest.mark.parametrize(("gold", "line"), [(0, CHEAP), (30, CHEAP), (100, DEAR), (300, "none")])
def test_the_cheapest_attack_is_the_one_with_the_fewest_true_calls_that_still_works(
    gold: int, line: str
) -> None:
    blocked = {line: prices.shares(OUTCOMES, line, 0.95) for line in COSTS}
    assert prices.cheapest(COSTS, blocked, gold) == line


def test_the_table_states_cost_what_is_asked_and_what_was_missed() -> None:
    text = prices.render(OUTCOMES)

    def row(name: str) -> list[str]:
        (line,) = (each for each in text.splitlines() if each.startswith(f"{name}  "))
        return line.removeprefix(name).split()

    ring = row(CHEAP)
    assert ring[:5] == ["7", "7", "12.0", "0", "2"]
    assert ring[5:11] == ["≤", "0", "!50.00", "!50.00", "0.00", "0.00"]
    assert ring[11:] == ["100.00", "50.00", "50.00", "0.00"]
    worst = row("weight lost to liars, 3 a number, worst")
    assert worst[-4:] == ["!30.00", "!27.00", "!20.00", "0.00"]
    assert row("abusive calls already flagged or blocked")[-4:] == ["100.00"] * 4
    assert "with 100 moderated numbers: 8 with staged scams (8 accounts, 8 networks" in text
    assert "with 300 moderated numbers: none" in text


def test_every_attack_is_priced_at_each_count() -> None:
    tasks = prices.plan([Task("clean", 101, 0.1, 100, QUICK_DAYS, ())])
    assert {t.gold for t in tasks} == set(prices.GOLD)
    assert {t.group for t in tasks} == {"clean", *ATTACKS}
    assert not any(t.rivals for t in tasks)


@pytest.mark.slow
def test_a_ring_in_a_small_world_has_its_price() -> None:
    (task,) = (
        t
        for t in prices.plan([Task("clean", TUNING_SEEDS[0], 0.05, 100, (180.0,), ())])
        if (t.group, t.gold) == ("informed", 30)
    )
    done = run(task)
    assert set(done.shots[0].scores) == {BATCH}
    assert prices.cost([done], DEAR).calls == 16
