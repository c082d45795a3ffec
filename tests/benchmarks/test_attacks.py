import random
from collections import Counter

import pytest

from benchmarks.attacks import attacks
from benchmarks.attacks.attacks import raid_world
from benchmarks.attacks.raid import ATTACK_DAYS, Raid
from benchmarks.attacks.worlds import Kind, build_world
from tests.given.raids import SCALE, honest, raided, raided_anew

EVERY = [
    "fresh",
    "padded",
    "aged",
    "patient",
    "mixed",
    "retaliation",
    "storm",
    "whitewash",
    "sybils",
    "pile_on",
    "alone",
    "covered",
    "anchored",
    "backed",
    "speculate",
    "speculate_thinly",
    "speculate_densely",
    "speculate_under_cover",
    "speculate_apart",
    "choose_afterwards",
    "stage",
    "informed",
    "whitewash_slowly",
    "liars",
    "poison",
    "echo",
    "squat",
    "follow",
    "smoke",
]
STRIKING = [n for n in EVERY if n not in ("liars", "poison", "echo", "squat", "follow", "smoke")]
WASHING = ("whitewash", "whitewash_slowly")


@pytest.mark.parametrize("name", EVERY)
def test_same_seed_same_raid_and_the_world_stays(name: str) -> None:
    one, two = raided(name), raided_anew(name)
    assert one.world.reports == two.world.reports
    assert one.strikes == two.strikes
    added = {id(r) for r in one.reports}
    assert [r for r in one.world.reports if id(r) not in added] == honest().reports


@pytest.mark.parametrize("name", STRIKING)
def test_strikes_hit_their_targets_as_stated(name: str) -> None:
    raid = raided(name)
    assert raid.strikes
    label = 0 if name in WASHING else 1
    targets = [s.number for s in raid.strikes]
    assert len(targets) == len(set(targets))
    for s in raid.strikes:
        hits = [
            r
            for r in raid.reports
            if r["number"] == f"n{s.number}"
            and r["label"] == label
            and s.first <= r["time"] <= s.last
        ]
        voiced = {r["reporter"] for r in hits}
        assert len(voiced) == len(hits)
        if name not in ("retaliation", *WASHING):
            assert len(hits) >= min(
                s.size * 0.9, s.size - 1
            )  # a few may have met the number before
        kind = raid.world.numbers.kind[s.number]
        assert (kind <= Kind.COLLECTION) if label == 0 else (kind == Kind.LEGITIMATE)


@pytest.mark.parametrize("name", [n for n in STRIKING if n not in WASHING])
def test_strikes_peak_just_before_a_day_that_is_looked_at(name: str) -> None:
    for s in raided(name).strikes:
        assert any(0 < day - s.last <= 2.001 for day in ATTACK_DAYS), s


def test_one_network_is_one_and_many_are_many() -> None:
    raid = raided("fresh")
    for s in raid.strikes:
        networks = {r["network"] for r in raid.reports if r["number"] == f"n{s.number}"}
        assert len(networks) == (1 if s.line == "fresh, one network" else s.size)


def test_patient_accounts_are_old_and_strike_once() -> None:
    raid = raided("patient")
    aimed = {f"n{s.number}": s for s in raid.strikes}
    struck: dict[str, int] = {}
    elsewhere: dict[str, int] = {}
    for r in raid.reports:
        if r["number"] in aimed and r["time"] >= aimed[r["number"]].first:
            struck[r["reporter"]] = struck.get(r["reporter"], 0) + 1
            assert r["time"] - r["created"] > 40
        else:
            elsewhere[r["reporter"]] = elsewhere.get(r["reporter"], 0) + 1
    assert set(struck.values()) == {1}
    assert min(elsewhere[who] for who in struck) >= 8


def test_retaliation_and_storms_come_from_members() -> None:
    raid = raided("retaliation", "storm")
    names = {f"a{i}" for i in range(len(raid.world.accounts))}
    assert {r["reporter"] for r in raid.reports} <= names
    storms = [s for s in raid.strikes if s.line.startswith("spoofing")]
    for s in storms:
        unwanted = [r for r in raid.reports if r["number"] == f"n{s.number}" and r["label"] == 1]
        assert len(unwanted) == 15
        assert all(r["attestation"] != "A" for r in unwanted)


def test_blackening_contradicts_members_after_they_spoke() -> None:
    world = honest().copy()
    said = {(r["number"], r["label"]): r["time"] for r in reversed(world.reports) if r["time"] > 60}
    raid = Raid(world, random.Random(1), SCALE)
    attacks.blacken(raid)
    contradicting = [r for r in raid.reports if r["label"] == 0]
    assert len(contradicting) > 50
    for r in contradicting:
        assert said[(r["number"], 1)] < r["time"]


def test_a_price_counts_the_whole_operation() -> None:
    prices = raided("alone").prices()
    for size in (7, 13, 31, 57, 133):
        for p in prices[f"ring of {size}"]:
            assert (p.accounts, p.networks, p.calls) == (size, size, 0)
            assert p.targets > 1
            assert 14 < p.weeks < 26
    lair = raided("fresh").prices()["fresh, one network"]
    assert {p.networks for p in lair} == {1}
    assert {p.accounts for p in lair} == set(attacks.FRESH_SIZES)


def test_nobody_says_how_a_call_was_attested_in_a_world_where_nobody_looks() -> None:
    world = build_world(21, scale=0.03, make="unseen")
    raid = raid_world(world, (attacks.storm, attacks.fresh), 0.03)
    assert {r["attestation"] for r in raid.world.reports} == {""}


def test_a_pile_on_picks_the_numbers_that_honest_people_are_most_often_wrong_about() -> None:
    raid = raided("pile_on")
    chosen, others = [], []
    for s in raid.strikes:
        said: Counter[int] = Counter()
        for r in honest().reports:
            if r["label"] == 1 and s.first - 40 < r["time"] < s.first:
                said[int(r["number"][1:])] += 1
        chosen.append(said[s.number])
        others.append(max(said[i] for i in raid.free))
    assert min(chosen) >= 1
    assert sum(chosen) >= sum(others)
    assert len({s.line for s in raid.strikes}) == 3
