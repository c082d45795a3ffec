"""What attacks are made with: accounts of the adversary, their reports, strikes, and the price.

Times are days. A raid adds reports to a world; what was struck, and by whom, is kept beside it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.attacks.probes import passer_by
from benchmarks.attacks.worlds import (
    DAYS,
    Kind,
    Report,
    World,
    add_numbers,
    judge,
    number_name,
    write_report,
)

# Targets are looked at on these days, and every strike ends within two days before one of them:
# that is when it has most effect, whatever decay does later.
ATTACK_DAYS = (75.0, 90.0, 105.0, 120.0, 135.0, 150.0, 165.0, 180.0)
WHITEWASH_DAYS = (90.0, 120.0, 150.0)  # looked at just before and four days later


@dataclass(slots=True)
class Strike:
    """One target, hit from `first` to `last`; `reports` is what was aimed at it."""

    line: str  # the row of the table it counts for
    number: int
    first: float
    last: float
    size: int
    crew: tuple[str, ...] = ()  # every account of the operation, whether it took part in this one


@dataclass(frozen=True, slots=True)
class Price:
    """What one operation costs the adversary; `targets` is how many numbers it strikes.

    `weeks`: from the first account's creation to the last strike's end. `calls`: calls that really
    reached the adversary's phones, and that he reported before anybody else did; what he copies
    from the service or makes up costs none.
    """

    accounts: int
    networks: int
    weeks: float
    calls: int
    targets: int


@dataclass(slots=True)
class Raid:
    """What an attack adds to a world, and what to look at afterwards."""

    world: World
    rng: random.Random
    scale: float
    reports: list[Report] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    accounts: int = 0
    free: list[int] = field(default_factory=list)
    aims: frozenset[int] = frozenset()  # from these the first targets are taken
    ranks: dict[int, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)  # numbers whose first call went to the adversary
    calls: dict[str, int] = field(default_factory=dict)  # true calls received, by account
    victims: dict[str, list[str]] = field(default_factory=dict)  # members to blacken, by line
    risers: dict[str, list[str]] = field(default_factory=dict)  # accounts after weight, by line
    poisoned: dict[str, list[tuple[int, float, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = self.world.numbers
        usable = (n.kind == Kind.LEGITIMATE) & (n.start < 60)
        # Whoever was cleared by a moderator is no target: everybody sees that.
        decided = self.world.gold or {}
        self.free = [int(i) for i in np.flatnonzero(usable) if number_name(int(i)) not in decided]
        self.rng.shuffle(self.free)
        self.aims = frozenset(self.free[len(self.free) // 2 :])
        self.ranks = _ranks(self.world.reports)

    def target(self) -> int:
        """A legitimate number that no other strike uses."""
        return self.free.pop()

    def is_adversary(self, reporter: str) -> bool:
        return reporter.startswith("x")

    def doubted(self, since: float, until: float) -> int:
        """The target that most people have called unwanted by mistake within these days; or any."""
        said: dict[int, int] = {}
        free = set(self.free)
        for r in self.world.reports:
            number = int(r["number"][1:])
            if r["label"] == 1 and since < r["time"] < until and number in free:
                said[number] = said.get(number, 0) + 1
        if not said:
            return self.target()
        number = max(said, key=lambda i: (said[i], -i))
        self.free.remove(number)
        return number

    def many(self, full: int) -> int:
        """This count in a world of this scale, at least 3."""
        return max(3, round(full * self.scale))

    def some(self, full: int) -> int:
        """This count in a world of this scale, at least 1."""
        return max(1, round(full * self.scale))

    def invent(self, count: int, kind: Kind = Kind.LEGITIMATE) -> list[int]:
        """Numbers that nobody but the adversary knows of, and that count for no figure."""
        return add_numbers(self.world, count, kind=kind, start=np.inf, end=np.inf)

    def account(self, created: float, network: str = "") -> Puppet:
        self.accounts += 1
        name = f"x{self.accounts}"
        return Puppet(name, created, network or f"net-{name}")

    def vote(
        self,
        puppet: Puppet,
        number: int,
        label: int,
        time: float,
        category: str = "",
        *,
        withdrawn: float | None = None,
        stopped: bool = False,
        again: bool = False,
    ) -> None:
        """A report, at most one a number unless it is said `again`; `stopped`: it is taken back by
        saying that the calls stopped."""
        if time >= DAYS or (number in puppet.voiced and not again):
            return
        puppet.voiced.add(number)
        # A report is only as well attested as the call it claims to have had: a liar says "A".
        attestation = "A" if self.world.numbers.attested[number] else "none"
        if not self.world.assumptions.attestation_known:
            attestation = ""
        taken_back = {} if withdrawn is None else {"withdrawn": withdrawn, "stopped": stopped}
        self.reports.append(
            taken_back
            | {
                "reporter": puppet.name,
                "number": number_name(number),
                "label": label,
                "time": time,
                "network": puppet.network,
                "created": puppet.created,
                "category": "legitimate" if label == 0 else category or "loan_scam",
                "attestation": attestation,
            }
        )

    def strike(
        self,
        line: str,
        puppets: list[Puppet],
        number: int,
        first: float,
        days: float,
        label: int = 1,
        *,
        crew: Sequence[Puppet] = (),
        evenly: bool = False,
    ) -> None:
        """All puppets report the number within `days`: at random moments, or at even distances.

        `crew`: the accounts of the whole operation, by default these puppets.
        """
        category = self.rng.choice(("loan_scam", "telemarketing", "illegal_collection"))
        times = sorted(self.rng.uniform(first, first + days) for _ in puppets)
        if evenly:
            times = list(np.linspace(first, first + days, len(puppets)))
        for puppet, time in zip(puppets, times, strict=True):
            self.vote(puppet, number, label, float(time), category)
        names = tuple(p.name for p in crew or puppets)
        self.strikes.append(Strike(line, number, first, first + days, len(puppets), names))

    def hear(self, puppet: Puppet, number: int, time: float, category: str = "") -> None:
        """The puppet's phone really rings, and it says so."""
        self.calls[puppet.name] = self.calls.get(puppet.name, 0) + 1
        self.vote(puppet, number, 1, time, category)

    def answer(self, number: int, time: float, heard: set[int]) -> None:
        """Somebody of the world, drawn as the world draws its reporters, reports what they think of
        the number."""
        w = self.world
        i = passer_by(w, time, heard, self.rng)
        label = judge(w, i, number, time, self.rng)
        self.reports.append(write_report(w, i, number, time, label, self.rng))

    def prices(self) -> dict[str, list[Price]]:
        """The price of each operation, by line."""
        crews: dict[tuple[str, tuple[str, ...]], list[Strike]] = {}
        for strike in self.strikes:
            crews.setdefault((strike.line, strike.crew), []).append(strike)
        networks: dict[str, set[str]] = {}
        born: dict[str, float] = {}
        for r in self.reports:
            networks.setdefault(r["reporter"], set()).add(r["network"])
            born[r["reporter"]] = r["created"]
        found: dict[str, list[Price]] = {}
        for (line, crew), strikes in crews.items():
            last = max(s.last for s in strikes)
            known = [name for name in crew if name in born]
            price = Price(
                accounts=len(known),
                networks=len({n for name in known for n in networks[name]}),
                weeks=(last - min([born[name] for name in known], default=strikes[0].first)) / 7,
                calls=sum(self.calls.get(name, 0) for name in known),
                targets=len(strikes),
            )
            found.setdefault(line, []).append(price)
        return found

    def begin(self, days: float, low: float = 75, high: float = 150) -> float:
        """When to begin a strike of that many days, so that it peaks on a day of ATTACK_DAYS."""
        peak = self.rng.choice([d for d in ATTACK_DAYS if low <= d <= high])
        return peak - self.rng.uniform(0.1, 2) - days


@dataclass(slots=True)
class Puppet:
    name: str
    created: float
    network: str
    voiced: set[int] = field(default_factory=set)


def famous(raid: Raid, at: float, most: int) -> list[int]:
    """The numbers most reported as unwanted in the month before: what a feed would show."""
    tally: dict[int, int] = {}
    for r in raid.world.reports:
        if at - 30 <= r["time"] < at and r["label"] == 1:
            i = int(r["number"][1:])
            tally[i] = tally.get(i, 0) + 1
    ranked = sorted(tally, key=lambda i: (-tally[i], i))
    return [i for i in ranked[:most] if tally[i] >= 8]


def brigades(
    raid: Raid, targets: int, *, fresh: bool, opened: tuple[float, float]
) -> Iterator[tuple[float, list[Puppet]]]:
    """When ten accounts act on each of so many targets, and the accounts: fresh ones for each; or
    the same for six, `opened` between these days, who voted along for weeks."""
    brigade: list[Puppet] = []
    for k in range(targets):
        at = WHITEWASH_DAYS[k % 3] + 0.01
        if fresh:
            brigade = [raid.account(at) for _ in range(10)]
        elif k % 6 == 0:
            brigade = [raid.account(raid.rng.uniform(*opened)) for _ in range(10)]
            vote_along(raid, brigade, 20, 80, 20)
        yield at, brigade


def vote_along(raid: Raid, puppets: list[Puppet], first: float, last: float, votes: int) -> None:
    """Each puppet agrees with what is already famous, at times of its own."""
    rng = raid.rng
    boards = {d: famous(raid, d, 60) for d in np.linspace(first, last, 6)}
    for p in puppets:
        for _ in range(votes):
            day = rng.choice(list(boards))
            if boards[day]:
                time = max(p.created, day + rng.uniform(0, 8))
                raid.vote(p, rng.choice(boards[day]), 1, time, "robocall")


def take_part(raid: Raid, p: Puppet, first: float, last: float, most: int = 16) -> None:
    """Pass for a good member: early reports, at most so many, of numbers with one or two unwanted
    reports yet or with a legitimate one, each echoing the report before it."""
    rng, reports = raid.rng, raid.world.reports
    early: list[Report] = []
    seen: dict[str, int] = {}
    for _ in range(200):
        r = reports[rng.randrange(len(reports))]
        if first + 1 < r["time"] < last - 1 and r["number"] not in seen:
            seen[r["number"]] = 1
            early.append(r)
        if len(early) == 60:
            break
    early = [r for r in early if r["label"] == 0 or raid.ranks[id(r)] <= 2]
    for r in early[:most]:
        time = r["time"] + rng.uniform(0.05, 2)
        raid.vote(p, int(r["number"][1:]), r["label"], time, r["category"])


def _ranks(reports: list[Report]) -> dict[int, int]:
    """The rank of each unwanted report among those of its number, from 1, by the dict's id."""
    tally: dict[str, int] = {}
    ranks: dict[int, int] = {}
    for r in reports:
        if r["label"] == 1:
            tally[r["number"]] = tally.get(r["number"], 0) + 1
            ranks[id(r)] = tally[r["number"]]
    return ranks
