from collections import Counter

import pytest

from benchmarks.attacks import deceit
from benchmarks.attacks.attacks import raid_world
from benchmarks.attacks.raid import Raid
from benchmarks.attacks.worlds import Report, build_world, number_name
from reputation.scoring import replay
from reputation.scoring.curves import BLOCK_AT
from tests.given.raids import honest, raided, raided_anew


def test_speculators_report_what_nobody_knows_and_take_back_what_is_contradicted() -> None:
    raid = raided("speculate")
    struck = {s.number for s in raid.strikes}
    heard: dict[str, list[tuple[float, int]]] = {}
    for r in honest().reports:
        heard.setdefault(r["number"], []).append((r["time"], r["label"]))
    lags: dict[str, set[float]] = {}
    kept = taken_back = 0
    for r in raid.reports:
        others = heard.get(r["number"], [])
        if int(r["number"][1:]) in struck:
            continue
        against = [time for time, label in others if label == 0]
        agreed = any(label == 1 and time < r["time"] + 30 for time, label in others)
        kept += "withdrawn" not in r
        taken_back += "withdrawn" in r
        line = next(k for k, who in raid.risers.items() if r["reporter"] in who)
        # A partner confirms the guess later, whoever has spoken by then.
        assert line.endswith("paired") or all(time > r["time"] for time, _ in others)
        ends = {
            "speculators, prompt": bool(against) or not agreed,
            "speculators, late": any(time < 160 for time in against) or not agreed,
            "speculators, choosy": bool(against),
            "speculators, stubborn": False,
            "speculators, paired": False,
        }
        assert ("withdrawn" in r) == ends[line]
        if "withdrawn" in r and against and agreed:
            lags.setdefault(line, set()).add(round(r["withdrawn"] - against[0], 6))
    assert lags == {
        "speculators, prompt": {0.01},
        "speculators, late": {20.0},
        "speculators, choosy": {0.01},
    }
    assert kept > 10
    assert taken_back > 200


@pytest.mark.parametrize("cover", ["", ", cover"])
def test_dense_crews_guess_little_and_confirm_every_guess_from_within(cover: str) -> None:
    raid = raided("speculate_under_cover" if cover else "speculate_densely")
    struck = {number_name(s.number) for s in raid.strikes}
    crews = {s.crew: s.line for s in raid.strikes}
    assert {line: len(crew) for crew, line in crews.items()} == {
        f"20 accounts that guess, 4 confirm{cover}": 20,
        f"40 accounts that guess, 2 confirm{cover}": 40,
    }
    for crew, line in crews.items():
        said: dict[str, list[str]] = {}
        for r in sorted(raid.reports, key=lambda r: r["time"]):
            if r["reporter"] in crew and r["number"] not in struck:
                said.setdefault(r["number"], []).append(r["reporter"])
        voices = Counter(len(set(who)) for who in said.values())
        confirmed = voices.pop(5 if "4 confirm" in line else 3)
        assert confirmed > deceit.GUESSES * len(crew) // 2
        assert bool(voices) is bool(cover)
        if not cover:
            assert max(Counter(who[0] for who in said.values()).values()) <= deceit.GUESSES
    assert all(s.size == len(s.crew) for s in raid.strikes)
    assert {p.calls for found in raid.prices().values() for p in found} == {0}


def test_guessers_under_cover_confirm_no_guess_of_their_own() -> None:
    raid = raided("speculate_apart")
    struck = {number_name(s.number) for s in raid.strikes}
    heard = {r["number"] for r in honest().reports}
    for crew, line in {s.crew: s.line for s in raid.strikes}.items():
        mine = [r for r in raid.reports if r["reporter"] in crew and r["number"] not in struck]
        invented = Counter(r["number"] for r in mine if r["number"] not in heard)
        assert set(invented.values()) == {1}
        most = int(line.split()[3].strip(","))
        assert len(crew) * most * 0.5 < len(invented) < len(crew) * most
        assert max(Counter(r["reporter"] for r in mine).values()) <= most + deceit.COVER


def test_what_nobody_agreed_with_is_hidden_before_it_counts() -> None:
    raid = raided("choose_afterwards")
    struck = {s.number for s in raid.strikes}
    agreed: dict[str, list[float]] = {}
    for r in honest().reports:
        if r["label"] == 1:
            agreed.setdefault(r["number"], []).append(r["time"])
    words: dict[tuple[str, str], list[Report]] = {}
    for r in sorted(raid.reports, key=lambda r: r["time"]):
        if int(r["number"][1:]) not in struck:
            words.setdefault((r["reporter"], r["number"]), []).append(r)
    hidden = dict.fromkeys(raid.risers, 0)
    for (who, number), (first, *again) in words.items():
        line = next(k for k, crew in raid.risers.items() if who in crew)
        until = again[0]["time"] if again else first.get("withdrawn", 999.0)
        if again or first.get("stopped"):
            hidden[line] += 1
            assert until == first["time"] + 9.5
            assert not any(first["time"] < t < until for t in agreed.get(number, []))
    assert hidden.keys() == {"speculators, stopped", "speculators, repeating"}
    assert min(hidden.values()) > 50


def test_staged_scams_are_reported_first_by_the_crew_and_later_by_others() -> None:
    raid = raided("stage")
    crew = {who for s in raid.strikes for who in s.crew}
    known = len(honest().numbers)
    said: dict[str, list[str]] = {}
    for r in raid.world.reports:
        if int(r["number"][1:]) >= known:
            said.setdefault(r["number"], []).append(r["reporter"])
    assert len(said) == 2 * len(crew)
    for who in said.values():
        assert who[0] in crew
        assert len(set(who[1:]) - crew) == 6
    assert {p.calls for p in raid.prices()["8 with staged scams"]} == {16}


def test_informed_accounts_are_right_and_first_before_they_strike() -> None:
    raid = raided("informed")
    begin = min(s.first for s in raid.strikes)
    heard = {r["number"]: r["time"] for r in reversed(honest().reports)}
    true = [r for r in raid.reports if r["time"] < begin]
    assert len(true) > 20
    for r in true:
        assert r["time"] < heard.get(r["number"], 999.0)
        assert raid.world.numbers.abusive_at(r["time"])[int(r["number"][1:])]
    assert {p.calls for p in raid.prices()["8 with another list"]} == {0}


def test_liars_contradict_each_first_of_their_victims() -> None:
    raid = raided("liars")
    said = {(r["reporter"], r["number"]): r for r in raid.world.reports}
    first: dict[str, str] = {}
    for r in raid.world.reports:
        if r["label"] == 1 and not raid.is_adversary(r["reporter"]):
            first.setdefault(r["number"], r["reporter"])
    for line, victims in raid.victims.items():
        k = int(line.split()[1])
        assert len(victims) > 2
        for victim in victims:
            led = [n for n, who in first.items() if who == victim]
            led = [n for n in led if 40 < said[victim, n]["time"] < 150 or victim[0] == "h"]
            assert led
            for number in led:
                against = [
                    r
                    for r in raid.reports
                    if r["number"] == number
                    and r["label"] == 0
                    and raid.is_adversary(r["reporter"])
                ]
                true = raid.world.numbers.abusive_at(said[victim, number]["time"])
                if not true[int(number[1:])]:
                    continue
                assert len(against) >= (k - 1 if "anchored" in line else k)
                assert all(r["time"] - r["created"] > 7 for r in against)
                assert min(r["time"] for r in against) >= said[victim, number]["time"] + 3


def test_labels_are_poisoned_by_ten_each_or_by_two_who_are_early() -> None:
    raid = raided_anew("poison")
    early = raid.poisoned.pop("label taken over, 2 early")
    assert len(early) >= 3
    for number, at, label in early:
        said = [r for r in raid.world.reports if r["number"] == f"n{number}" and r["label"]]
        assert sum(r["time"] < at for r in said) == 1
        assert sum(r["category"] == label and at < r["time"] < at + 0.3 for r in said) >= 2
    for numbers in raid.poisoned.values():
        for number, at, label in numbers:
            aimed = [r for r in raid.reports if r["number"] == f"n{number}" and r["time"] >= at]
            assert len(aimed) >= 9
            assert {r["category"] for r in aimed} == {label}


def test_of_listed_scammers_some_are_washed_slowly_and_as_many_are_left_alone() -> None:
    raid = raided("whitewash_slowly")
    sizes = {s.line: s.size for s in raid.strikes}
    assert sizes == {"whitewash, 10 aged, slowly": 10, "whitewash, nobody, as slowly": 0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "seed", "gold"),
    [(0.1, 102, 30), (0.15, 101, 100), (0.2, 104, 100), (0.3, 105, 100)],
)
def test_guessers_block_nobody_in_a_service_of_any_small_size(
    scale: float, seed: int, gold: int
) -> None:
    raid = raid_world(build_world(seed, scale=scale, gold=gold), (deceit.speculate,), scale)
    assert_blocks_nobody(raid)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "seed", "crew"),
    [
        (0.3, 103, (20, 4)),
        (0.6, 105, (20, 4)),
        (0.6, 105, (40, 2)),
        (1.0, 143, (20, 4)),
        (1.0, 143, (40, 2)),
    ],
)
def test_crews_that_confirm_their_own_guesses_block_nobody(
    monkeypatch: pytest.MonkeyPatch, scale: float, seed: int, crew: tuple[int, int]
) -> None:
    """Those were trusted whose guesses happened to be right, and made the others trusted."""
    monkeypatch.setattr(deceit, "DENSE", (crew,))
    world = build_world(seed, scale=scale, gold=100)
    assert_blocks_nobody(raid_world(world, (deceit.speculate_densely,), scale))


def assert_blocks_nobody(raid: Raid) -> None:
    for day in (120.0, 150.0, 180.0):
        found = replay.score(raid.world.reports, now=day, gold=raid.world.gold, batch=True)
        targets = [number_name(s.number) for s in raid.strikes]
        assert max(found.get(target, 0.0) for target in targets) < BLOCK_AT
