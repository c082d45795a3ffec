import random

import pytest

from benchmarks.attacks import attacks
from benchmarks.attacks.attacks import ATTACK_DAYS, Raid, raid_world
from benchmarks.attacks.worlds import Kind, World, build_world

SCALE = 0.1


@pytest.fixture(scope="module")
def honest() -> World:
    return build_world(21, scale=SCALE)


def raided(*names: str) -> Raid:
    fresh_world = build_world(21, scale=SCALE)
    return raid_world(fresh_world, tuple(getattr(attacks, n) for n in names), SCALE)


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
]


@pytest.mark.parametrize("name", EVERY)
def test_same_seed_same_raid_and_the_world_stays(name: str, honest: World) -> None:
    one, two = raided(name), raided(name)
    assert one.world.reports == two.world.reports
    assert one.strikes == two.strikes
    added = {id(r) for r in one.reports}
    assert [r for r in one.world.reports if id(r) not in added] == honest.reports


@pytest.mark.parametrize("name", EVERY)
def test_strikes_hit_their_targets_as_stated(name: str) -> None:
    raid = raided(name)
    assert raid.strikes
    label = 0 if name == "whitewash" else 1
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
        if name in ("fresh", "aged", "patient", "storm", "sybils", "padded", "mixed"):
            assert len(hits) >= s.size * 0.9  # a few may have met the number before
        kind = raid.world.numbers.kind[s.number]
        assert (kind <= Kind.COLLECTION) if label == 0 else (kind == Kind.LEGITIMATE)


@pytest.mark.parametrize("name", [n for n in EVERY if n != "whitewash"])
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
    world = build_world(21, scale=SCALE)
    said = {(r["number"], r["label"]): r["time"] for r in reversed(world.reports) if r["time"] > 60}
    raid = Raid(world, random.Random(1), SCALE)
    attacks.blacken(raid)
    contradicting = [r for r in raid.reports if r["label"] == 0]
    assert len(contradicting) > 50
    for r in contradicting:
        assert said[(r["number"], 1)] < r["time"]
