"""Worlds in which every abusive number belongs to a campaign, and reports that have words.

How many calls a number makes. The US authority found more than five billion calls of one campaign
from more than a million numbers (FCC 22-99, 2022): five thousand a number. "rotating" has scams of
whose numbers one makes so many in the mean, within two days in the median, and as many numbers of
telemarketers. (A honeypot of 66,606 lines would meet such a number about once: it found many
numbers "with very little reuse", Prasad et al., USENIX Security 2020.) "fleeting" is harder than
what was found: a scam's number is given up after a tenth of these calls.

How many numbers a campaign has. Numbers are handed to campaigns in the order in which they begin to
call: with `fresh` to a new one, else to an active one in proportion to its numbers so far to the
power of `power` (Simon's process has 1). Two sources, which disagree, since one counts calls as
they come and the other has what was traced, a few of each:

- "honeypot": 13 calls in the mean, mostly each from another number, and 95 of 100 campaigns below
  27 (the same study). So few have most; of the calls from US numbers a single one had more than one
  in ten (car warranties in June 2021, YouMail) to one in two (FCC).
- "traced": of 551 recordings that an authority had, 293 are in 83 campaigns, 19 in the largest
  (benchmarks/campaigns.py --transcripts), and 258 are alone or were not compared.

`shape` prints what a world has of both beside this.

Words: a report names its campaign with WORDS (assumed; nobody has measured it). Of those LINKED
come into their own campaign and STRAY into another one, as pair recall and purity on the recorded
calls are. The words of one in a hundred reports on legitimate numbers are taken for a campaign's.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.attacks.assumptions import MAKES, Assumptions
from benchmarks.attacks.worlds import Kind, Report, World, build_world, number_name
from reputation.scoring import trust


class Sizes(NamedTuple):
    """How numbers are handed to campaigns."""

    fresh: float
    power: float


WORLDS: Final[dict[str, dict[str, Any]]] = {
    "rotating": {
        "lifetime": 0.35,
        "scam_share": 0.45,
        "telemarketing_share": 0.45,
        "scam_calls": 10.0,
        "max_volume": 30_000.0,
    },
    "fleeting": MAKES["fleeting"],
}
# Which share of numbers carries attestation, before the seed moves it. Of the calls of such a
# number four in ten are attested if it is an abusive one (worlds.ABUSIVE_ATTESTATION).
ATTESTED: Final = {"everywhere": 9.0, "half": Assumptions().attested_share, "nowhere": 0.0}
# What calls carry that display a number which the caller does not have: nobody can sign for it.
UNSIGNED: Final = ("C", "none", "failed")
SIZES: Final = {"honeypot": Sizes(1 / 13, 0.85), "traced": Sizes(0.4, 0.8)}
RECORDED: Final = 551  # traced calls
WORDS: Final = 0.6
LINKED, STRAY = 0.97, 0.02
MISTAKEN: Final = 0.01
ACTIVE: Final = 30.0  # days since the last number of a campaign began


@dataclass(slots=True)
class Cast:
    """Which campaign each abusive number belongs to, and what moderators decided: campaigns that
    they confirmed (when) or dismissed, and numbers that they cleared, or confirmed (when)."""

    of: dict[str, int]
    confirmed: dict[int, float] = field(default_factory=dict)
    dismissed: set[int] = field(default_factory=set)
    cleared: set[str] = field(default_factory=set)
    sure: dict[str, float] = field(default_factory=dict)
    decided_until: float = 0.0


def build(
    seed: int, *, scale: float, world: str, attested: str = "half", displayed: bool = False
) -> World:
    """A world of WORLDS, with its assumptions moved by the seed; `attested`: of ATTESTED;
    `displayed`: no caller has the number that it displays."""
    share = {"attested_share": ATTESTED[attested]}
    assumptions = replace(Assumptions(), **WORLDS[world] | share)
    moved = assumptions.jittered(np.random.default_rng(seed))
    made = build_world(seed, scale=scale, assumptions=moved)
    if displayed:
        chance = random.Random(f"displayed {seed}")
        for report in made.reports:
            if report["attestation"] in trust.ATTESTED and _is_abusive(made, report):
                report["attestation"] = chance.choice(UNSIGNED)
    return made


def _is_abusive(world: World, report: Report) -> bool:
    n, i = world.numbers, int(report["number"][1:])
    return bool(n.kind[i] <= Kind.COLLECTION and report["time"] < n.reassigned[i])


def cast(world: World, sizes: Sizes = SIZES["honeypot"]) -> Cast:
    """Hands the abusive numbers to campaigns."""
    n, chance = world.numbers, random.Random(world.seed)
    having: Counter[int] = Counter()
    last: dict[int, float] = {}
    found: dict[str, int] = {}
    for i in np.argsort(n.start, kind="stable").tolist():
        if n.kind[i] > Kind.COLLECTION:
            continue
        start = float(n.start[i])
        active = [c for c in having if start - last[c] < ACTIVE]
        if not active or chance.random() < sizes.fresh:
            campaign = len(having)
        else:
            campaign = chance.choices(active, [having[c] ** sizes.power for c in active])[0]
        having[campaign] += 1
        last[campaign] = start
        found[number_name(i)] = campaign
    return Cast(found)


def speak(world: World, known: Cast) -> None:
    """Gives reports their words: `said`, the campaign that these are taken for."""
    chance = random.Random(f"words {world.seed}")
    most = max(known.of.values())
    for report in world.reports:
        own = known.of.get(report["number"])
        if report["label"] != 1 or "said" in report:
            continue
        if own is None:
            if chance.random() < MISTAKEN:
                report["said"] = chance.randint(0, most)
        elif chance.random() < WORDS:
            drawn = chance.random()
            if drawn < LINKED:
                report["said"] = own
            elif drawn < LINKED + STRAY:
                report["said"] = chance.randint(0, most)


def shape(world: World, known: Cast) -> str:
    """What the sources say, and what this world has."""
    n = world.numbers
    calls = np.zeros(len(n))
    length = np.maximum(np.minimum(n.bout_end, 180.0) - np.maximum(n.bout_start, 0.0), 0.0)
    np.add.at(calls, n.bout_number, length * n.volume[n.bout_number])
    scams = calls[(n.kind == Kind.SCAM) & (calls > 0)]
    having = Counter(known.of.values())
    of_calls: Counter[int] = Counter()
    for name, campaign in known.of.items():
        of_calls[campaign] += calls[int(name[1:])]
    small = np.mean([size < 27 for size in having.values()])
    names = sorted(known.of)
    drawn = random.Random(world.seed).sample(names, min(RECORDED, len(names)))
    several = [size for size in Counter(known.of[name] for name in drawn).values() if size > 1]
    return (
        f"calls of a scam's number, mean: {scams.mean():,.0f} (found: 5,000)\n"
        f"numbers of a campaign, mean: {np.mean(list(having.values())):.1f}; below 27: "
        f"{100 * small:.0f} % (honeypot: 13, 95 %); of all calls the largest has "
        f"{100 * max(of_calls.values()) / calls.sum():.0f} % (12 to 60 %)\n"
        f"of {len(drawn)} numbers drawn, {sum(several)} in {len(several)} campaigns, "
        f"{max(several)} in the largest (traced: of {RECORDED}, 293 in 83, 19)"
    )
