import numpy as np
import pytest

from benchmarks.attacks import gold
from benchmarks.attacks.gold import decide
from benchmarks.attacks.worlds import Kind, Report, World, build_world
from reputation.scoring import audit
from reputation.scoring.batch import Decision


def test_moderators_decide_what_an_order_offers_and_get_it_right() -> None:
    world = build_world(8, scale=0.1)
    decided = decide(world, 15, "harm")
    assert len(decided) == 15
    heard = {r["number"] for r in world.reports if r["time"] <= 60}
    assert set(decided) <= heard
    for number, (moderated, day) in decided.items():
        assert (world.numbers.kind[int(number[1:])] <= Kind.COLLECTION) == (moderated > 0)
        assert number in {r["number"] for r in world.reports if r["time"] <= day}
    days = [decision.at for decision in decided.values()]
    assert days == [12.0] * 3 + [24.0] * 3 + [36.0] * 3 + [48.0] * 3 + [60.0] * 3


@pytest.mark.parametrize("by", ["random", "audit"])
def test_numbers_that_change_hands_later_are_decided_by_the_truth_of_that_day(by: str) -> None:
    world = build_world(8, scale=0.3, gold=100 if by == "random" else 0)
    decided = world.gold if by == "random" else decide(world, 100, by)
    assert decided
    holders = world.numbers.reassigned
    later = [(i, d) for n, d in decided.items() if np.isfinite(holders[i := int(n[1:])])]
    assert later
    for i, decision in later:
        assert (decision.moderated > 0) == (decision.at < holders[i])


def test_by_harm_comes_first_what_many_are_called_by_and_nobody_is_sure_of() -> None:
    world = build_world(8, scale=0.1)
    known = [r for r in world.reports if r["time"] <= 60]
    order = gold.by_harm(world, known, 60.0, {})
    calls = world.numbers.calling(60.0)
    rates = [calls[int(number[1:])] for number in order]
    assert sum(rates[:20]) > 3 * sum(rates[-20:])


def test_an_order_is_asked_on_each_day_with_what_was_known_and_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = build_world(8, scale=0.1)
    asked: list[tuple[float, int]] = []

    def order(_: World, known: list[Report], day: float, decided: dict[str, Decision]) -> list[str]:
        assert max(r["time"] for r in known) <= day
        asked.append((day, len(decided)))
        return sorted({r["number"] for r in known})

    monkeypatch.setitem(gold.ORDERS, "harm", order)  # type: ignore[arg-type]
    assert len(decide(world, 10, "harm")) == 10
    assert asked == [(12.0, 0), (24.0, 2), (36.0, 4), (48.0, 6), (60.0, 8)]


def test_of_audits_one_in_eleven_is_drawn_and_all_are_offered_once() -> None:
    world = build_world(8, scale=0.05)
    known = [r for r in world.reports if r["time"] <= 40]
    ranked = audit.rank(known, now=40.0, gold={})
    offered = gold.by_audit(world, known, 40.0, {})
    assert sorted(offered) == sorted(ranked)
    assert offered[:10] == ranked[:10]
    assert offered != ranked
