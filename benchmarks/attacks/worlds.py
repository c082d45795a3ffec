"""Worlds: 180-day streams of reports with known truth, drawn from a seed and nothing else.

Numbers. Abusive ones arrive all the time and are of three kinds: scam (days; half the numbers),
telemarketing and collection (months to years, calling in bouts with silent spells between, many
already active when the service opens). Call volumes are log-normal, so a few numbers make most
calls. Legitimate ones are persons and businesses; a few are gray: lawful, and reported as
unwanted by half the people whoever they are. Some abusive numbers fall silent and belong to an
innocent person 45 to 150 days later.

Reports. About one call in `calls_per_report` leads to a report, a little after the call; at 300
half the abusive numbers get two reports or none in their life, and 40 % of abusive calls come from
a number that already has nine, 69 % from one that has three (so an oracle that blocks at the ninth
report meets 40 % already blocked, near the target of 45 % in benchmarks.attacks.table). Whoever
reports is drawn by activity (Pareto) from the accounts alive then, or is new: one report in five
comes from an account made on the spot, many more in the first days. Honest accounts differ in
sensitivity and specificity (beta distributed); careless ones call nearly everything unwanted;
muddled ones are little better than a coin. Legitimate numbers are reported rarely (a quarter of all
reports, mistaken ones included), and once two people have called one unwanted, others are now and
then asked and answer as they see it. Homes are networks of their own, about a third of the accounts
sit behind carrier-grade networks that many share, and everyone roams now and then.

Every seed also moves the assumptions themselves by up to a quarter, so that a design cannot lean
on one setting.

Not modelled: the feedback of blocking on reporting (blocked calls ring nowhere, so nobody reports
them), `was_warned`, time of day, number ranges, imported complaints, languages and countries,
holders' disputes and carriers' reassignment dates, people who change their report.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from typing import Any

import numpy as np

from benchmarks.attacks.assumptions import Assumptions, assumptions_of
from reputation.scoring import Bools, Floats, Ints
from reputation.scoring.batch import Decision

DAYS = 180.0
MODERATED = 60.0  # the day by which moderators have decided, where nothing else is said

Report = dict[str, Any]


class Kind(IntEnum):
    SCAM = 0
    TELEMARKETING = 1
    COLLECTION = 2
    LEGITIMATE = 3
    GRAY = 4


class Character(IntEnum):
    HONEST = 0
    CARELESS = 1
    MUDDLED = 2


# Median calls a day, its log-sd, median life in days, its log-sd, shortest and longest life.
CALLERS = {
    Kind.SCAM: (80.0, 1.2, 6.0, 0.9, 0.5, 60.0),
    Kind.TELEMARKETING: (25.0, 1.2, 200.0, 0.8, 20.0, 1500.0),
    Kind.COLLECTION: (12.0, 1.1, 150.0, 0.8, 14.0, 1000.0),
}
CATEGORY_MIX = {
    Kind.SCAM: (
        ("loan_scam", "phishing", "impersonation", "robocall", "silent_call", "other"),
        (0.3, 0.2, 0.2, 0.15, 0.05, 0.1),
    ),
    Kind.TELEMARKETING: (
        ("telemarketing", "robocall", "survey", "silent_call", "other"),
        (0.6, 0.15, 0.1, 0.1, 0.05),
    ),
    Kind.COLLECTION: (
        ("illegal_collection", "threat", "telemarketing", "silent_call", "other"),
        (0.6, 0.2, 0.05, 0.1, 0.05),
    ),
    Kind.LEGITIMATE: (
        ("telemarketing", "silent_call", "survey", "other", "robocall", "impersonation"),
        (0.35, 0.2, 0.15, 0.2, 0.05, 0.05),
    ),
    Kind.GRAY: (
        ("telemarketing", "survey", "illegal_collection", "silent_call", "other"),
        (0.4, 0.25, 0.15, 0.1, 0.1),
    ),
}
ATTESTATIONS = ("A", "B", "C", "none", "failed")
ABUSIVE_ATTESTATION = (0.20, 0.20, 0.25, 0.27, 0.08)
LEGITIMATE_ATTESTATION = (0.50, 0.15, 0.08, 0.26, 0.01)


@dataclass(slots=True)
class Accounts:
    """Parallel lists, one entry an account, in order of creation."""

    created: list[float] = field(default_factory=list)
    quit: list[float] = field(default_factory=list)
    character: list[Character] = field(default_factory=list)
    sensitivity: list[float] = field(default_factory=list)
    specificity: list[float] = field(default_factory=list)
    network: list[str] = field(default_factory=list)
    reports: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.created)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Parallel arrays, one entry a number; the reports name it `n<index>`."""

    kind: Ints
    start: Floats
    end: Floats  # inf for legitimate numbers
    reassigned: Floats  # the day an innocent person got it, or inf
    volume: Floats  # calls a day within an active bout, 0 for legitimate numbers
    attested: Bools
    bout_number: Ints  # active bouts of abusive numbers, flat
    bout_start: Floats
    bout_end: Floats

    def __len__(self) -> int:
        return len(self.kind)

    def calling(self, now: float) -> Floats:
        """Abusive calls a day that each number makes at this moment."""
        on = (self.bout_start <= now) & (now < self.bout_end)
        rate = np.zeros(len(self))
        rate[self.bout_number[on]] = self.volume[self.bout_number[on]]
        return rate

    def abusive_at(self, now: float) -> Bools:
        return (self.kind <= Kind.COLLECTION) & (now < self.reassigned)

    def live_at(self, now: float) -> Bools:
        """Numbers somebody may call from: legitimate, reassigned, or abusive and not yet over."""
        return (self.start <= now) & ((now < self.end) | (now >= self.reassigned))


@dataclass(slots=True)
class World:
    seed: int
    assumptions: Assumptions
    numbers: Numbers
    accounts: Accounts
    reports: list[Report]  # by time
    gold: dict[str, Decision] | None = None

    def copy(self) -> World:
        """The same world, to which reports, accounts and numbers can be added without a trace here.

        The reports themselves are shared: nobody changes one.
        """
        accounts = Accounts(*(list(getattr(self.accounts, f.name)) for f in fields(Accounts)))
        gold = None if self.gold is None else dict(self.gold)
        return replace(self, accounts=accounts, reports=list(self.reports), gold=gold)

    def index(self) -> dict[str, int]:
        return {number_name(i): i for i in range(len(self.numbers))}


def number_name(index: int) -> str:
    return f"n{index}"


def add_numbers(
    world: World, count: int, *, kind: Kind, start: float, end: float, volume: float = 0.0
) -> list[int]:
    """Add so many numbers of one kind that make `volume` calls a day; returns their indices.

    Nobody of the world reports them by himself.
    """
    n = world.numbers
    new = np.arange(len(n), len(n) + count if volume else len(n))

    def more(column: Any, value: float) -> Any:
        return np.concatenate([column, np.full(count, value, dtype=column.dtype)])

    world.numbers = replace(
        n,
        kind=more(n.kind, int(kind)),
        start=more(n.start, start),
        end=more(n.end, end),
        reassigned=more(n.reassigned, np.inf),
        volume=more(n.volume, volume),
        attested=np.concatenate([n.attested, np.resize(n.attested, count)]),
        bout_number=np.concatenate([n.bout_number, new]),
        bout_start=np.concatenate([n.bout_start, np.full(len(new), start)]),
        bout_end=np.concatenate([n.bout_end, np.full(len(new), end)]),
    )
    return list(range(len(n), len(n) + count))


def build_world(
    seed: int,
    *,
    scale: float,
    gold: int = 0,
    until: float = MODERATED,
    make: str = "plain",
    assumptions: Assumptions | None = None,
) -> World:
    """Draw a world.

    `scale` multiplies the counts of numbers (and so of reports and accounts); `gold` numbers,
    half of them abusive, are decided by moderators up to the day `until`; `make` is one of MAKES,
    unless `assumptions` are given. The same arguments give the same world.
    """
    rng = np.random.default_rng(seed)
    if assumptions is None:
        assumptions = assumptions_of(make, seed).jittered(rng)
    assumptions = assumptions.scaled(scale)
    numbers = _numbers(assumptions, rng)
    events = _events(assumptions, numbers, rng)
    world = World(seed, assumptions, numbers, Accounts(), [])
    _file_reports(world, events, random.Random(seed))
    if gold:
        world.gold = _moderated(world, gold, until, rng)
    return world


def _numbers(a: Assumptions, rng: np.random.Generator) -> Numbers:
    shares = np.array([a.scam_share, a.telemarketing_share, 0.0])
    shares[2] = max(0.0, 1.0 - shares[0] - shares[1])
    kind = rng.choice(3, a.abusive, p=shares / max(1.0, shares.sum())).astype(np.int64)
    start, end, volume = np.empty(a.abusive), np.empty(a.abusive), np.empty(a.abusive)
    for k, (calls, calls_sd, life, life_sd, shortest, longest) in CALLERS.items():
        of_kind = np.flatnonzero(kind == k)
        lives = np.clip(
            a.lifetime * life * np.exp(life_sd * rng.standard_normal(len(of_kind))),
            shortest,
            longest,
        )
        start[of_kind] = rng.uniform(-lives, DAYS)
        end[of_kind] = start[of_kind] + lives
        calls *= a.scam_calls if k == Kind.SCAM else 1.0
        volume[of_kind] = calls * np.exp(calls_sd * rng.standard_normal(len(of_kind)))
    volume = np.minimum(volume, a.max_volume)
    free = end + rng.uniform(45, 150, a.abusive)
    chosen = (end > 0) & (free < DAYS) & (rng.random(a.abusive) < a.reassigned_share)
    innocent = a.legitimate
    legitimate_kind = np.full(innocent, int(Kind.LEGITIMATE))
    legitimate_kind[: a.gray] = int(Kind.GRAY)
    appears = np.where(rng.random(innocent) < 0.8, 0.0, rng.uniform(0, DAYS, innocent))
    bouts = _bouts(kind, start, end, rng)
    return Numbers(
        kind=np.concatenate([kind, legitimate_kind]).astype(np.int64),
        start=np.concatenate([start, appears]),
        end=np.concatenate([end, np.full(innocent, np.inf)]),
        reassigned=np.concatenate([np.where(chosen, free, np.inf), np.full(innocent, np.inf)]),
        volume=np.concatenate([volume, np.zeros(innocent)]),
        attested=rng.random(a.abusive + innocent) < a.attested_share,
        bout_number=np.array([b[0] for b in bouts], dtype=np.int64),
        bout_start=np.array([b[1] for b in bouts]),
        bout_end=np.array([b[2] for b in bouts]),
    )


def _bouts(
    kind: Ints, start: Floats, end: Floats, rng: np.random.Generator
) -> list[tuple[int, float, float]]:
    """Scam numbers call until they are burnt; the others work about every other ten days."""
    bouts: list[tuple[int, float, float]] = []
    for i, k in enumerate(kind):
        if k == Kind.SCAM:
            bouts.append((i, start[i], end[i]))
            continue
        at = float(start[i])
        if at < -60:  # what lies before the service opened is not needed
            at = -float(rng.uniform(0, 20))
        while at < min(end[i], DAYS):
            stop = min(at + float(rng.exponential(10)) + 0.5, float(end[i]))
            if stop > 0:
                bouts.append((i, at, stop))
            at = stop + float(rng.exponential(10))
    return bouts


def _events(a: Assumptions, n: Numbers, rng: np.random.Generator) -> list[tuple[float, int]]:
    """(time, number) of every report that is not the answer to a question, by time."""
    numbers: list[Ints] = []
    times: list[Floats] = []

    def spread(which: Ints, counts: Ints, low: Floats, high: Floats) -> None:
        repeated = np.repeat(which, counts)
        numbers.append(repeated)
        at = rng.uniform(np.repeat(low, counts), np.repeat(high, counts))
        times.append(at + rng.exponential(0.25, len(repeated)))

    low, high = np.maximum(n.bout_start, 0), np.minimum(n.bout_end, DAYS)
    length = np.maximum(high - low, 0)
    calls = length * n.volume[n.bout_number]
    spread(n.bout_number, rng.poisson(calls / a.calls_per_report), low, low + length)
    legitimate = np.flatnonzero(n.kind >= Kind.LEGITIMATE)
    gray = n.kind[legitimate] == Kind.GRAY
    mean = np.where(gray, a.gray_reports, a.legitimate_reports)
    sd = np.where(gray, 0.6, 1.0)
    wanted = mean * np.exp(sd * rng.standard_normal(len(legitimate)) - sd**2 / 2)
    present = n.start[legitimate]
    counts = rng.poisson(wanted * (DAYS - present) / DAYS)
    spread(legitimate, counts, present, np.full(len(legitimate), DAYS))
    second_life = np.flatnonzero(np.isfinite(n.reassigned))
    since = n.reassigned[second_life]
    counts = rng.poisson((DAYS - since) * a.reassigned_reports)
    spread(second_life, counts, since, np.full(len(second_life), DAYS))
    number, time = np.concatenate(numbers), np.concatenate(times)
    kept = time < DAYS
    return sorted(zip(time[kept].tolist(), number[kept].tolist(), strict=True))


def _file_reports(world: World, events: list[tuple[float, int]], rng: random.Random) -> None:
    a, n, accounts = world.assumptions, world.numbers, world.accounts
    tickets: list[int] = []  # an account appears as often as it is active
    voiced: set[tuple[int, int]] = set()
    unwanted: dict[int, int] = {}
    heapq.heapify(events)
    while events:
        time, number = heapq.heappop(events)
        newcomers = a.newcomer_share + (1 - a.newcomer_share) * np.exp(-time / 4)
        account = -1
        if rng.random() >= newcomers:
            account = _regular(accounts, tickets, voiced, number, time, rng)
        if account < 0:
            account = join(world, tickets, time, rng)
        voiced.add((account, number))
        accounts.reports[account] += 1
        label = judge(world, account, number, time, rng)
        world.reports.append(write_report(world, account, number, time, label, rng))
        if n.kind[number] >= Kind.LEGITIMATE and label == 1:
            unwanted[number] = unwanted.get(number, 0) + 1
            if unwanted[number] >= 2 and rng.random() < a.asked:
                asked = time + rng.expovariate(1 / 4)
                if asked < DAYS:
                    heapq.heappush(events, (asked, number))


def _regular(
    accounts: Accounts,
    tickets: list[int],
    voiced: set[tuple[int, int]],
    number: int,
    time: float,
    rng: random.Random,
) -> int:
    for _ in range(20):
        if not tickets:
            return -1
        place = rng.randrange(len(tickets))
        account = tickets[place]
        if accounts.quit[account] < time:
            tickets[place] = tickets[-1]
            tickets.pop()
        elif (account, number) not in voiced:
            return account
    return -1


def join(world: World, tickets: list[int], time: float, rng: random.Random) -> int:
    a, accounts = world.assumptions, world.accounts
    account = len(accounts)
    drawn = rng.random()
    if drawn < a.careless:
        character, sens, spec = Character.CARELESS, (8, 2), (3, 7)
    elif drawn < a.careless + a.muddled:
        character, sens, spec = Character.MUDDLED, (6, 4), (6, 4)
    else:
        character = Character.HONEST
        sens = (20 * a.sensitivity, 20 * (1 - a.sensitivity))  # type: ignore[assignment]
        spec = (20 * a.specificity, 20 * (1 - a.specificity))  # type: ignore[assignment]
    accounts.created.append(time)
    accounts.quit.append(time + rng.expovariate(1 / (10 if rng.random() < 0.4 else 150)))
    accounts.character.append(character)
    accounts.sensitivity.append(rng.betavariate(*sens))
    accounts.specificity.append(rng.betavariate(*spec))
    accounts.reports.append(0)
    if rng.random() < a.behind_carrier:
        accounts.network.append(carrier_network(a, rng))
    elif account and rng.random() < 0.1:  # a household
        accounts.network.append(accounts.network[rng.randrange(account)])
    else:
        accounts.network.append(f"home{account}")
    tickets.extend([account] * min(150, int(rng.paretovariate(1.2))))
    return account


def carrier_network(a: Assumptions, rng: random.Random) -> str:
    """A shared network; the first carriers carry the most."""
    return f"carrier{min(a.carrier_networks, int(rng.paretovariate(0.7)))}"


def judge(world: World, account: int, number: int, time: float, rng: random.Random) -> int:
    """What this account says of this number now: 1 unwanted, 0 legitimate."""
    n, accounts = world.numbers, world.accounts
    if n.kind[number] == Kind.GRAY:
        return int(rng.random() < 0.5)
    if n.kind[number] <= Kind.COLLECTION and time < n.reassigned[number]:
        return int(rng.random() < accounts.sensitivity[account])
    return int(rng.random() >= accounts.specificity[account])


def write_report(
    world: World, account: int, number: int, time: float, label: int, rng: random.Random
) -> Report:
    """The dict that `reputation.scoring.replay.score` takes."""
    a, n, accounts = world.assumptions, world.numbers, world.accounts
    kind = Kind(int(n.kind[number]))
    abusive = kind <= Kind.COLLECTION and time < n.reassigned[number]
    if not n.attested[number]:
        attestation = "none"
    else:
        weights = ABUSIVE_ATTESTATION if abusive else LEGITIMATE_ATTESTATION
        attestation = rng.choices(ATTESTATIONS, weights)[0]
    if not a.attestation_known:
        attestation = ""
    category = "legitimate"
    if label == 1:
        names, mix = CATEGORY_MIX[kind if abusive or kind == Kind.GRAY else Kind.LEGITIMATE]
        category = rng.choices(names, mix)[0]
    roams = rng.random() < a.roaming
    return {
        "reporter": f"a{account}",
        "number": number_name(number),
        "label": label,
        "time": time,
        "network": carrier_network(a, rng) if roams else accounts.network[account],
        "created": accounts.created[account],
        "category": category,
        "attestation": attestation,
    }


def _moderated(
    world: World, gold: int, until: float, rng: np.random.Generator
) -> dict[str, Decision]:
    """Moderators look at numbers that have been reported: as many abusive as legitimate ones, one
    after the other, in the order in which they were first reported. Whether an abusive one changes
    hands after the day `until` they cannot know; those that did before are left out."""
    heard: dict[int, float] = {}
    for r in world.reports:
        if r["time"] < until:
            heard.setdefault(int(r["number"][1:]), r["time"])
    seen = np.sort(list(heard))
    n = world.numbers
    abusive = seen[n.abusive_at(until)[seen]]
    legitimate = seen[n.kind[seen] == Kind.LEGITIMATE]
    truth: dict[int, int] = {}
    for pool, side, count in ((abusive, 1, gold // 2), (legitimate, -1, gold - gold // 2)):
        for i in rng.choice(pool, min(count, len(pool)), replace=False):
            truth[int(i)] = side
    turn = until / max(len(truth), 1)
    return {
        number_name(i): Decision(truth[i], max(heard[i], place * turn))
        for place, i in enumerate(sorted(truth, key=heard.__getitem__), 1)
    }
