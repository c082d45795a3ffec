from collections import Counter
from itertools import combinations, pairwise

import pytest

from benchmarks.attacks import rings
from benchmarks.attacks.raid import Raid
from benchmarks.attacks.worlds import Kind, number_name
from tests.given.raids import honest, raided


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


@pytest.mark.parametrize("name", ["covered", "anchored"])
def test_rings_that_share_a_world_do_not_help_one_another(name: str) -> None:
    raid = raided(name)
    struck = {f"n{s.number}": s for s in raid.strikes}
    for r in raid.reports:
        if r["number"] in struck and raid.is_adversary(r["reporter"]):
            assert r["reporter"] in struck[r["number"]].crew
