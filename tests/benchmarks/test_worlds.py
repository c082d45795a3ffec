import random

import numpy as np
import pytest

from benchmarks.attacks.assumptions import MAKES, Assumptions, assumptions_of
from benchmarks.attacks.probes import add_probes
from benchmarks.attacks.worlds import (
    DAYS,
    Accounts,
    Kind,
    Numbers,
    World,
    build_world,
    judge,
    number_name,
)
from reputation.scoring import batch, records, replay
from reputation.scoring.batch import Decision

REPLAY_KEYS = {
    "reporter",
    "number",
    "label",
    "time",
    "network",
    "created",
    "category",
    "attestation",
}


def some_numbers() -> Numbers:
    """One scam number that calls on days 10 to 20 and is an innocent person's from day 60."""
    return Numbers(
        kind=np.array([int(Kind.SCAM)]),
        start=np.array([10.0]),
        end=np.array([20.0]),
        reassigned=np.array([60.0]),
        volume=np.array([5.0]),
        attested=np.array([False]),
        bout_number=np.array([0]),
        bout_start=np.array([10.0]),
        bout_end=np.array([20.0]),
    )


def test_same_seed_same_world() -> None:
    first, second = build_world(3, scale=0.03, gold=6), build_world(3, scale=0.03, gold=6)
    assert first.reports == second.reports
    assert first.gold == second.gold
    assert first.reports != build_world(4, scale=0.03).reports


def test_reports_are_what_replay_takes() -> None:
    world = build_world(5, scale=0.05)
    index = world.index()
    assert all(set(r) == REPLAY_KEYS for r in world.reports)
    times = [r["time"] for r in world.reports]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < DAYS
    assert all(r["created"] <= r["time"] and r["number"] in index for r in world.reports)
    assert all((r["category"] == "legitimate") == (r["label"] == 0) for r in world.reports)


def test_nobody_reports_a_number_twice() -> None:
    world = build_world(6, scale=0.05)
    pairs = [(r["reporter"], r["number"]) for r in world.reports]
    assert len(pairs) == len(set(pairs))


def test_abusive_numbers_are_reported_only_once_they_call() -> None:
    world = build_world(7, scale=0.05)
    n = world.numbers
    for r in world.reports:
        i = int(r["number"][1:])
        assert r["time"] >= n.start[i]


@pytest.mark.parametrize(
    ("now", "abusive", "live", "calls"),
    [
        (5, True, False, 0),
        (15, True, True, 5),
        (30, True, False, 0),
        (60, False, True, 0),
    ],
)
def test_truth_follows_the_number_through_time(
    now: float, abusive: bool, live: bool, calls: float
) -> None:
    n = some_numbers()
    assert n.abusive_at(now).tolist() == [abusive]
    assert n.live_at(now).tolist() == [live]
    assert n.calling(now).tolist() == [calls]


@pytest.mark.parametrize(("now", "label"), [(15.0, 1), (70.0, 0)])
def test_a_perfect_judge_tells_the_holders_apart(now: float, label: int) -> None:
    accounts = Accounts(sensitivity=[1.0], specificity=[1.0])
    world = World(0, Assumptions(), some_numbers(), accounts, [])
    assert judge(world, 0, 0, now, random.Random(1)) == label


def test_moderated_numbers_are_true_and_of_both_kinds() -> None:
    world = build_world(8, scale=0.1, gold=10)
    assert world.gold is not None
    sides = [decision.moderated for decision in world.gold.values()]
    assert sorted(sides) == [-1] * 5 + [1] * 5
    for number, decision in world.gold.items():
        abusive = world.numbers.kind[int(number[1:])] <= Kind.COLLECTION
        assert decision.moderated == (1 if abusive else -1)


def test_moderated_numbers_are_decided_in_turn_once_somebody_reported_them() -> None:
    world = build_world(8, scale=0.1, gold=10, until=20.0)
    assert world.gold is not None
    first: dict[str, float] = {}
    for r in world.reports:
        first.setdefault(r["number"], r["time"])
    days = [decision.at for decision in world.gold.values()]
    assert days == [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0]
    for number, decision in world.gold.items():
        assert first[number] < decision.at


def test_probes_get_one_report_at_each_step() -> None:
    world = build_world(9, scale=0.05)
    before = len(world.numbers)
    probes = add_probes(world, probes=4, reports=6, pace=0.5, first=100.0)
    assert probes == list(range(before, before + 4))
    assert len(world.numbers) == before + 4
    for i in probes:
        times = [r["time"] for r in world.reports if r["number"] == number_name(i)]
        assert [np.ceil((t - 100.0) / 0.5) for t in times] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("make", [m for m in MAKES if m != "plain"])
def test_each_make_is_another_world_and_the_same_again(make: str) -> None:
    plain, one = build_world(10, scale=0.03), build_world(10, scale=0.03, make=make)
    assert one.reports == build_world(10, scale=0.03, make=make).reports
    assert one.reports != plain.reports


def test_makes_differ_in_what_they_are_named_for() -> None:
    plain, few, lasting, quiet = (
        build_world(10, scale=0.1, make=m) for m in ("plain", "few abusive", "lasting", "quiet")
    )
    share = [float((w.numbers.kind <= Kind.COLLECTION).mean()) for w in (plain, few)]
    assert share[1] < 0.5 * share[0]
    lives = [np.median((w.numbers.end - w.numbers.start)[:200]) for w in (plain, lasting)]
    assert lives[1] > 2 * lives[0]
    assert len(quiet.reports) < 0.7 * len(plain.reports)


def test_any_make_is_drawn_anew_by_each_seed_within_reason() -> None:
    drawn = [assumptions_of("any", seed) for seed in range(50)]
    shares = [a.abusive / (a.abusive + a.legitimate) for a in drawn]
    assert min(shares) < 0.25
    assert max(shares) > 0.65
    assert all(a.abusive + a.legitimate == 5500 for a in drawn)
    assert all(a.scam_share + a.telemarketing_share < 1 for a in drawn)


def test_an_unknown_make_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="plain, few abusive"):
        assumptions_of("strange", 1)


def test_the_worlds_that_were_tuned_on_stay_as_they_were() -> None:
    """A new assumption must not shift the draws of those before it."""
    rng = np.random.default_rng(101)
    found = Assumptions().jittered(rng)
    assert (round(found.scam_share, 4), round(found.attested_share, 4)) == (0.6109, 0.6221)
    assert found.lifetime == 1.0


def test_a_copy_can_be_added_to_without_a_trace() -> None:
    world = build_world(12, scale=0.03, gold=4)
    reports, accounts = list(world.reports), len(world.accounts)
    copy = world.copy()
    add_probes(copy, probes=2, reports=3, pace=0.5, first=100.0)
    assert copy.gold is not None
    copy.gold["n1"] = Decision(-1, 60.0)
    assert (world.reports, len(world.accounts)) == (reports, accounts)
    assert len(copy.numbers) == len(world.numbers) + 2
    assert copy.gold != world.gold


@pytest.mark.parametrize(("make", "seed"), [("any", 110), ("fleeting", 118)])
def test_a_seed_that_draws_shares_of_more_than_all_gives_a_world_too(make: str, seed: int) -> None:
    drawn = assumptions_of(make, seed).jittered(np.random.default_rng(seed))
    assert drawn.scam_share + drawn.telemarketing_share > 1
    kinds = build_world(seed, scale=0.01, make=make).numbers.kind
    assert {Kind.SCAM, Kind.TELEMARKETING} <= set(kinds.tolist()) <= set(Kind) - {Kind.COLLECTION}


@pytest.mark.parametrize(("seed", "scale"), [(106, 0.3), (108, 0.15)])
def test_trust_lasts_where_moderators_cease_to_decide(seed: int, scale: float) -> None:
    """Twenty numbers are decided within two weeks, and none after them."""
    world = build_world(seed, scale=scale, gold=20, until=14.0)
    anchored = []
    for day in (60.0, 180.0):
        known = [r for r in world.reports if r["time"] <= day]
        words, names, _ = replay.read(known, day)
        decided = names.decided(world.gold, day)
        learnt = batch.learn(batch.all_words(words), decided, {})
        anchored.append(int(records.anchored(learnt.records).sum()))
    assert anchored[0] >= 10
    assert anchored[1] >= anchored[0]
