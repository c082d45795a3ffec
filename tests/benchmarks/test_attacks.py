import random
from collections import Counter
from functools import cache
from itertools import combinations, pairwise

import pytest

from benchmarks.attacks import attacks, deceit, denial, rings
from benchmarks.attacks.attacks import raid_world
from benchmarks.attacks.raid import ATTACK_DAYS, Raid
from benchmarks.attacks.worlds import Kind, Report, World, build_world, number_name
from reputation.scoring import batch, learning, replay
from reputation.scoring.curves import BLOCK_AT

SCALE = 0.1


@cache
def honest(gold: int = 0) -> World:
    """Look, do not touch: all tests share it."""
    return build_world(21, scale=SCALE, gold=gold)


def raided_anew(*names: str, gold: int = 0) -> Raid:
    modules = (attacks, rings, deceit, denial)
    found = tuple(getattr(m, n) for n in names for m in modules if hasattr(m, n))
    return raid_world(honest(gold).copy(), found, SCALE)


@cache
def raided(*names: str, gold: int = 0) -> Raid:
    """Look, do not touch: all tests share it."""
    return raided_anew(*names, gold=gold)


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


def made_up(raid: Raid, crew: tuple[str, ...]) -> list[set[str]]:
    """Of each made-up number who of the crew reported it."""
    known = len(honest().numbers)
    voices: dict[str, set[str]] = {}
    for r in raid.reports:
        if r["reporter"] in crew and int(r["number"][1:]) >= known:
            voices.setdefault(r["number"], set()).add(r["reporter"])
    return list(voices.values())


@pytest.mark.parametrize("name", ["alone", "covered"])
def test_no_two_members_of_a_ring_agree_on_more_than_one_made_up_number(name: str) -> None:
    raid = raided(name)
    for crew in {s.crew for s in raid.strikes}:
        blocks = made_up(raid, crew)
        assert len(blocks) >= 7
        met = Counter(pair for block in blocks for pair in combinations(sorted(block), 2))
        assert max(met.values()) == 1


def test_members_of_a_ring_never_move_together_within_two_days() -> None:
    raid = raided("alone")
    crews = {who: s.crew[0] for s in raid.strikes for who in s.crew}
    moves: dict[tuple[str, str], list[float]] = {}
    for r in raid.reports:
        moves.setdefault((r["number"], crews[r["reporter"]]), []).append(r["time"])
    ordered = [sorted(times) for times in moves.values()]
    gaps = [later - sooner for times in ordered for sooner, later in pairwise(times)]
    assert min(gaps) > 2


def test_cover_is_true_reports_that_others_make_too() -> None:
    raid = raided("covered")
    struck = {s.number for s in raid.strikes}
    known = len(honest().numbers)
    others = {r["number"] for r in honest().reports}
    cover: dict[str, int] = {}
    for r in raid.reports:
        i = int(r["number"][1:])
        if i < known and i not in struck:
            assert r["number"] in others
            cover[r["reporter"]] = cover.get(r["reporter"], 0) + 1
    crews = {who for s in raid.strikes for who in s.crew}
    assert len(cover) > 0.9 * len(crews)


@pytest.mark.parametrize("gold", [0, 30])
def test_an_anchored_account_is_right_and_first_and_moderators_say_so(gold: int) -> None:
    raid = raided("anchored", gold=gold)
    for line, prices in raid.prices().items():
        anchored = next(k for k in (1, 2, 3) if f"{k} anchored" in line)
        assert {p.calls for p in prices} == {anchored * rings.TRUE_CALLS}
    first: dict[str, str] = {}
    for r in raid.world.reports:
        if r["label"] == 1:
            first.setdefault(r["number"], r["reporter"])
    truth = raid.world.gold or {}
    for who in raid.calls:
        led = [number for number, reporter in first.items() if reporter == who]
        true = [n for n in led if raid.world.numbers.kind[int(n[1:])] <= Kind.COLLECTION]
        assert len(true) >= rings.TRUE_CALLS
        assert bool(gold) == any(n in truth and truth[n].moderated > 0 for n in true)
    assert len(truth) <= gold + len(raid.calls)


def test_accounts_that_others_stand_behind_were_called_and_no_moderator_knows() -> None:
    raid = raided("backed", gold=30)
    [prices] = raid.prices().values()
    assert {p.calls for p in prices} == {2 * rings.FEW_CALLS}
    assert len(raid.taken) == sum(raid.calls.values())
    assert not {number_name(number) for number in raid.taken} & set(raid.world.gold or {})


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


def test_nobody_says_how_a_call_was_attested_in_a_world_where_nobody_looks() -> None:
    world = build_world(21, scale=0.03, make="unseen")
    raid = raid_world(world, (attacks.storm, attacks.fresh), 0.03)
    assert {r["attestation"] for r in raid.world.reports} == {""}


def test_an_echo_repeats_what_was_said_within_two_days() -> None:
    said: dict[tuple[str, int], list[float]] = {}
    for r in honest().reports:
        said.setdefault((r["number"], r["label"]), []).append(r["time"])
    raid = raided("echo")
    assert len({r["reporter"] for r in raid.reports}) == 5
    for r in raid.reports:
        assert any(0 < r["time"] - t < 2 for t in said[r["number"], r["label"]])


def test_squatters_speak_before_anybody_else() -> None:
    first = {r["number"]: r["time"] for r in reversed(honest().reports)}
    raid = raided("squat")
    assert all(0 < first[r["number"]] - r["time"] <= 1 for r in raid.reports)
    assert 0.5 < len(raid.reports) / len(first) < 0.7


def test_smoke_is_a_burst_of_five_unattested_reports_as_a_number_begins() -> None:
    bursts: dict[str, list[float]] = {}
    numbers = honest().numbers
    for r in raided("smoke").reports:
        assert (r["attestation"], r["created"] < r["time"]) == ("none", True)
        assert 0.2 <= r["time"] - numbers.start[int(r["number"][1:])] < 0.8
        bursts.setdefault(r["number"], []).append(r["time"])
    assert all(len(times) <= 5 for times in bursts.values())
    assert sum(len(times) == 5 for times in bursts.values()) > 0.9 * len(bursts)


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


@pytest.mark.parametrize("name", ["covered", "anchored"])
def test_rings_that_share_a_world_do_not_help_one_another(name: str) -> None:
    raid = raided(name)
    struck = {f"n{s.number}": s for s in raid.strikes}
    for r in raid.reports:
        if r["number"] in struck and raid.is_adversary(r["reporter"]):
            assert r["reporter"] in struck[r["number"]].crew


@pytest.mark.parametrize(("seed", "scale"), [(106, 0.3), (108, 0.15)])
def test_trust_lasts_where_moderators_cease_to_decide(seed: int, scale: float) -> None:
    """Twenty numbers are decided within two weeks, and none after them."""
    world = build_world(seed, scale=scale, gold=20, until=14.0)
    anchored = []
    for day in (60.0, 180.0):
        known = [r for r in world.reports if r["time"] <= day]
        words, names, _ = replay.read(known, day)
        decided = names.decided(world.gold, day)
        records = batch.learn(batch.all_words(words), decided, {}).records
        anchored.append(int(learning.anchored(records).sum()))
    assert anchored[0] > 10
    assert anchored[1] >= anchored[0]


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
