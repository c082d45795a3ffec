"""Attacks on records and labels: speculators, liars, poisoned labels, staged scams.

A speculator reports numbers that nobody reported yet, without any knowledge of them, keeps what
others confirm, and withdraws the rest. A liar contradicts honest people who spoke first, in order
to ruin their records. Who poisons a label reports a scammer as something harmless. Who stages a
scam lets phones of his own call strangers, so that his accounts are first and right. An informed
adversary has read another service's list and is first and right with that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.attacks.raid import (
    ATTACK_DAYS,
    WHITEWASH_DAYS,
    Puppet,
    Raid,
    brigades,
    famous,
    take_part,
)
from benchmarks.attacks.rings import receive_calls
from benchmarks.attacks.worlds import DAYS, Character, Kind, add_numbers

# Crews that confirm one another's guesses: accounts, and how many confirm each guess.
DENSE = ((20, 4), (40, 2))
GUESSES = 7  # of each account of such a crew: so few that one right guess makes it believed
COVER = 16  # true reports that each account repeats besides
# Crews that do so and confirm nothing: guesses of each of forty accounts, and one of how many
# guesses is of a number that exists.
UNCONFIRMED = ((1, 3), (3, 3), (7, 3), (7, 10), (7, 30), (20, 3))
POOLS = (10, 40)
CONTRADICTED_BY = (1, 3, 5)  # liars on each number
HIDDEN_AFTER = 9.5  # days, before a guess counts as one
SLOWLY = 25.0  # days that a patient whitewash takes


def speculate(raid: Raid) -> None:
    """7 or 21 accounts guess numbers that nobody has reported yet; then seven of them strike.

    They guess half of the numbers that exist, and twice as many that nobody ever hears of. They
    withdraw a report as soon as somebody says the opposite ("prompt") or 20 days after that
    ("late"), and where nobody agrees within 30 days. Or they withdraw nothing ("stubborn"), or only
    what is contradicted ("choosy"): what nobody ever hears of can stand for ever. Or another of the
    crew confirms each guess days later, no two of them always the same ("paired").
    """
    for line, size, lag, lonely, confirmers in (
        ("speculators, prompt", 7, 0.01, 30.0, 0),
        ("speculators, late", 7, 20.0, 30.0, 0),
        ("speculators, choosy", 21, 0.01, np.inf, 0),
        ("speculators, stubborn", 21, np.inf, np.inf, 0),
        ("speculators, paired", 21, np.inf, np.inf, 1),
    ):
        for _ in range(raid.some(4)):
            crew = _guess(raid, _Way(line, lag, lonely, confirmers), size)
            raid.risers.setdefault(line, []).extend(p.name for p in crew)


def speculate_densely(raid: Raid) -> None:
    """20 or 40 accounts guess GUESSES numbers each while moderators decide, and some others of the
    crew confirm each guess, days apart; then all of them strike.

    Who guesses as little as that looks like somebody who was called, once one guess is right.
    """
    for size, confirmers in DENSE:
        line = f"{size} accounts that guess, {confirmers} confirm"
        for _ in range(raid.many(4)):
            _guess_early(raid, line, size, GUESSES * size, confirmers=confirmers)


def speculate_under_cover(raid: Raid) -> None:
    """The same crews, with true reports as cover."""
    for size, confirmers in DENSE:
        line = f"{size} accounts that guess, {confirmers} confirm, cover"
        for _ in range(raid.many(4)):
            _cover(raid, _guess_early(raid, line, size, GUESSES * size, confirmers=confirmers))


def speculate_apart(raid: Raid) -> None:
    """40 accounts guess as "dense" ones do, and instead of confirming one another's guesses repeat
    what others report; then all of them strike.

    Each right guess is as good as a call. So what it costs hangs on how often guesses are right.
    """
    for guesses, odds in UNCONFIRMED:
        line = f"40 that guess {guesses}, 1 in {odds} exists, cover"
        for _ in range(raid.some(4)):
            _cover(raid, _guess_early(raid, line, 40, 40 * guesses, odds=odds))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a crew guesses: it withdraws `lag` days after it is contradicted and, where nobody agrees
    within `lonely`, withdraws or hides it."""

    line: str
    lag: float
    lonely: float
    confirmers: int = 0


def _guess_early(
    raid: Raid, line: str, size: int, guesses: int, *, confirmers: int = 0, odds: int = 3
) -> list[Puppet]:
    way = _Way(line, np.inf, np.inf, confirmers)
    return _guess(raid, way, size, guesses=guesses, odds=odds, between=(12.0, 60.0), everybody=True)


def _cover(raid: Raid, crew: list[Puppet]) -> None:
    for puppet in crew:
        take_part(raid, puppet, puppet.created + 2, 85, COVER)


def speculate_thinly(raid: Raid) -> None:
    """As many guesses ("choosy") by more accounts: who guesses little may just have been lucky."""
    for size in (63, 189):
        for _ in range(raid.some(2)):
            way = _Way(f"{size} accounts that guess", 0.01, np.inf)
            _guess(raid, way, size, everybody=True)


def choose_afterwards(raid: Raid) -> None:
    """8 accounts guess ("choosy"), and before a guess is ten days old hide what nobody agreed with.

    They say that the calls stopped ("stopped"), or another of the crew says the same, and then they
    say it again ("repeating").
    """
    for line in ("speculators, stopped", "speculators, repeating"):
        for _ in range(raid.some(4)):
            crew = _guess(raid, _Way(line, 0.01, HIDDEN_AFTER), 8)
            raid.risers.setdefault(line, []).extend(p.name for p in crew)


def _guess(
    raid: Raid,
    way: _Way,
    size: int,
    *,
    guesses: int | None = None,
    odds: int = 3,
    between: tuple[float, float] = (20.0, 80.0),
    everybody: bool = False,
) -> list[Puppet]:
    """A crew of this size that guesses, and strikes.

    `guesses`: one in `odds` of a number that exists; by default half of those that do are guessed.
    `everybody` strikes, or seven.
    """
    rng = raid.rng
    said: dict[int, list[tuple[float, int]]] = {}
    for r in raid.world.reports:
        said.setdefault(int(r["number"][1:]), []).append((r["time"], r["label"]))
    crew = [raid.account(rng.uniform(2, 12)) for _ in range(size)]
    targets = [raid.target() for _ in range(3)]
    for place, number in enumerate(_fresh(raid, targets, guesses, odds)):
        time = rng.uniform(*between)
        later = [(t, label) for t, label in said.get(number, []) if t > time]
        if len(later) == len(said.get(number, [])):  # else somebody was here before
            _report_first(raid, way, crew, place, number, time, later)
    for place, target in enumerate(targets):
        peak = ATTACK_DAYS[3 + 2 * place] - rng.uniform(0.1, 2)
        squad = crew if everybody else rng.sample(crew, 7)
        raid.strike(way.line, squad, target, peak - 16, 16, crew=crew, evenly=True)
    return crew


def _fresh(raid: Raid, targets: Sequence[int], guesses: int | None, odds: int) -> list[int]:
    """The numbers that a crew guesses: some that exist, and invented ones."""
    exist = np.flatnonzero(np.isfinite(raid.world.numbers.start)).tolist()  # not what was invented
    real = [i for i in exist if i not in targets]
    fresh = raid.rng.sample(real, len(real) // 2 if guesses is None else guesses // odds)
    fresh += raid.invent((odds - 1) * len(fresh) if guesses is None else guesses - len(fresh))
    raid.rng.shuffle(fresh)
    return fresh


def _report_first(
    raid: Raid,
    way: _Way,
    crew: Sequence[Puppet],
    place: int,
    number: int,
    time: float,
    later: Sequence[tuple[float, int]],
) -> None:
    """One guess, its confirmations, and its end. `later`: what others say of the number then."""
    against = [t for t, label in later if label == 0]
    agreed = any(label == 1 and t < time + min(way.lonely, 30) for t, label in later)
    size = len(crew)
    own, turn = crew[place % size], place // size
    others = [crew[(place + 1 + (turn + k) % (size - 1)) % size] for k in range(size - 1)]
    hidden = time + way.lonely
    repeats = way.line.endswith("repeating") and not agreed
    ends = [t + way.lag for t in against[:1]] + ([] if agreed or repeats else [hidden])
    until = min((t for t in ends if t < DAYS), default=None)
    stopped = way.line.endswith("stopped") and until == hidden
    raid.vote(own, number, 1, time, "robocall", withdrawn=until, stopped=stopped)
    for k, other in enumerate(others[: way.confirmers]):
        raid.vote(other, number, 1, time + 2.2 * k + raid.rng.uniform(2.2, 3.0), "robocall")
    if repeats and (until is None or until > hidden):
        raid.vote(others[0], number, 1, hidden - 0.5, "robocall", withdrawn=until)
        raid.vote(own, number, 1, hidden, "robocall", withdrawn=until, again=True)


def stage(raid: Raid) -> None:
    """Phones of the adversary call strangers; 8 accounts take turns in reporting them first.

    Two numbers an account, each with 100 calls a day for a month, reported by six others. Nothing
    here is a lie but the strike.
    """
    rng = raid.rng
    for _ in range(raid.some(12)):
        born = rng.uniform(1, 8)
        crew = [raid.account(born + rng.uniform(0, 4)) for _ in range(8)]
        for puppet in crew:
            for _ in range(2):
                begin = rng.uniform(born + 12, 75)
                (number,) = add_numbers(
                    raid.world, 1, kind=Kind.SCAM, start=begin, end=begin + 30, volume=100
                )
                raid.hear(puppet, number, begin + 0.5, "robocall")
                heard: set[int] = set()
                for _ in range(6):
                    raid.answer(number, begin + rng.uniform(1, 30), heard)
        _strike_thrice(raid, "8 with staged scams", crew)


def informed(raid: Raid) -> None:
    """8 accounts report first what another service already lists, five numbers each at most; then
    they strike.

    The other list has six in ten abusive numbers, a day after they begin to call. It costs
    nothing to read, and all that the accounts say before the strike is true.
    """
    rng, n = raid.rng, raid.world.numbers
    first: dict[int, float] = {}
    for r in raid.world.reports:
        first.setdefault(int(r["number"][1:]), r["time"])
    listed = [
        i
        for i in range(len(n))
        if n.kind[i] <= Kind.COLLECTION
        and max(n.start[i], 0) + 1 < first.get(i, 999.0)
        and 15 < n.start[i] < 85
        and rng.random() < 0.6
    ]
    rng.shuffle(listed)
    crews = [[raid.account(rng.uniform(1, 8)) for _ in range(8)] for _ in range(raid.some(3))]
    everybody = [puppet for crew in crews for puppet in crew]
    for place, number in enumerate(listed[: 5 * len(everybody)]):
        time = n.start[number] + rng.uniform(0.9, 1)
        raid.vote(everybody[place % len(everybody)], number, 1, float(time), "robocall")
    for crew in crews:
        _strike_thrice(raid, "8 with another list", crew)


def _strike_thrice(raid: Raid, line: str, crew: list[Puppet]) -> None:
    for place in range(3):
        peak = ATTACK_DAYS[3 + 2 * place] - raid.rng.uniform(0.1, 2)
        squad = raid.rng.sample(crew, 6)
        raid.strike(line, squad, raid.target(), peak - 15, 15, crew=crew, evenly=True)


def liars(raid: Raid) -> None:
    """Week-old accounts call legitimate what honest people were first to report as unwanted.

    On each number k of a pool speak, days apart. Their victims are members of the world, wherever
    those were first, and one newcomer per pool who is alone in reporting six scammers. In the last
    line one of the three liars on each number is really anchored (`rings`).
    """
    for pool in POOLS:
        for k in CONTRADICTED_BY:
            _lie(raid, f"liars, {k} a number, pool of {pool}", pool, k)
    _lie(raid, "liars, 3 a number, 1 anchored", 10, 3, anchored=True)


def _lie(raid: Raid, line: str, pool: int, k: int, *, anchored: bool = False) -> None:
    rng = raid.rng
    puppets = [raid.account(rng.uniform(1, 12)) for _ in range(pool)]
    for puppet, own in zip(puppets, raid.invent(pool), strict=True):
        raid.vote(puppet, own, 1, puppet.created + rng.uniform(8, 30), "robocall")
    if anchored:
        receive_calls(raid, puppets[0])
    alone = Puppet(f"h{len(raid.victims)}", rng.uniform(5, 15), f"net-h{len(raid.victims)}")
    theirs = add_numbers(raid.world, 6, kind=Kind.SCAM, start=30, end=120)
    firsts = [(number, 40 + 2.0 * place) for place, number in enumerate(theirs)]
    for number, time in firsts:
        raid.vote(alone, number, 1, time, "loan_scam")
    victims = [alone.name]
    others = {name for known in raid.victims.values() for name in known}
    leaders = {name: led for name, led in honest_leaders(raid).items() if name not in others}
    for name in list(leaders)[: raid.many(6)]:
        victims.append(name)
        firsts += leaders[name]
    for number, time in firsts:
        some = rng.sample(puppets, k)
        if anchored:
            some = [puppets[0], *rng.sample(puppets[1:], k - 1)]
        for place, puppet in enumerate(some):
            raid.vote(puppet, number, 0, time + 3 + 2.5 * place)
    raid.victims[line] = victims


def poison(raid: Raid) -> None:
    """10 accounts report a listed scammer as a harmless survey, so that it is shown as one.

    Or two do so within hours of the first report, before others speak.
    """
    rng = raid.rng
    heard: dict[int, list[float]] = {}
    for r in raid.world.reports:
        if r["label"] == 1:
            heard.setdefault(int(r["number"][1:]), []).append(r["time"])
    noticed = [
        number
        for number, times in heard.items()
        if 60 < times[0] < 150 and sum(t < times[0] + 4 for t in times) >= 4
    ]
    for number in rng.sample(noticed, min(len(noticed), raid.many(20))):
        at = heard[number][0] + 0.01
        for _ in range(2):
            raid.vote(raid.account(at), number, 1, at + rng.uniform(0.02, 0.2), "survey")
        raid.poisoned.setdefault("label taken over, 2 early", []).append((number, at, "survey"))
    for line in ("label taken over, 10 fresh", "label taken over, 10 aged"):
        fresh = line.endswith("fresh")
        for at, brigade in brigades(raid, raid.many(20), fresh=fresh, opened=(5, 15)):
            taken = {number for known in raid.poisoned.values() for number, _, _ in known}
            taken.update(number for puppet in brigade for number in puppet.voiced)
            listed = [i for i in famous(raid, at, 400) if i not in taken]
            if listed:
                number = rng.choice(listed)
                for puppet in brigade:
                    raid.vote(puppet, number, 1, at + rng.uniform(0, 3), "survey")
                raid.poisoned.setdefault(line, []).append((number, at, "survey"))


def whitewash_slowly(raid: Raid) -> None:
    """10 aged accounts with true reports as cover call a listed scammer legitimate, days apart.

    Every other such scammer is left alone, for comparison: what fades by itself is not washed.
    """
    rng = raid.rng
    n = raid.world.numbers
    for k in range(2 * raid.many(20)):
        at = WHITEWASH_DAYS[k // 2 % 3] + 0.01
        line = ("whitewash, 10 aged, slowly", "whitewash, nobody, as slowly")[k % 2]
        brigade: list[Puppet] = []
        if k % 2 == 0:
            brigade = [raid.account(rng.uniform(2, 12)) for _ in range(10)]
            for puppet in brigade:
                take_part(raid, puppet, puppet.created + 2, at, 10)
        taken = {s.number for s in raid.strikes}
        listed = [
            i
            for i in famous(raid, at, 400)
            if n.end[i] > at + 30 and n.kind[i] <= Kind.COLLECTION and i not in taken
        ]
        if listed:
            raid.strike(line, brigade, rng.choice(listed), at, SLOWLY, label=0, evenly=True)


def honest_leaders(raid: Raid) -> dict[str, list[tuple[int, float]]]:
    """Honest members, busiest first, and where they were first to report an abusive number."""
    accounts, numbers = raid.world.accounts, raid.world.numbers
    seen: set[str] = set()
    led: dict[str, list[tuple[int, float]]] = {}
    for r in raid.world.reports:
        number = int(r["number"][1:])
        if r["label"] == 1 and r["number"] not in seen:
            seen.add(r["number"])
            member = int(r["reporter"][1:])
            true = (
                numbers.kind[number] <= Kind.COLLECTION and r["time"] < numbers.reassigned[number]
            )
            if true and 40 < r["time"] < 150 and accounts.character[member] == Character.HONEST:
                led.setdefault(r["reporter"], []).append((number, r["time"]))
    ordered = sorted(led, key=lambda name: (-len(led[name]), name))
    return {name: led[name] for name in ordered}
