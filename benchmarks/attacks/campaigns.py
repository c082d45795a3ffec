"""What campaigns add: worlds whose callers change numbers, and liars who use their words.

    python -m benchmarks.attacks.campaigns [--world NAME] [--sizes NAME] [--seeds N] [--scale X]
        [--gold K] [--campaigns-only] [--attested SHARE] [--displayed] [--proof RULE]

The worlds, their sources and what reports say: `casting`. Who links is decided by the records of
the trust pass (scoring.trust.rests_on), what a link does by scoring.campaigns.link: the code that
serves.

Moderators decide K numbers up to day 60 (`gold`, by audit), and one campaign a day: at a smaller
scale one in as many days as make the same number of campaigns wait. They take what the queue offers
(queue.harm): campaigns of three voices lately, from the first number on, and confirmed ones that
since reached a number that is not blocked; first the one whose open numbers call most. They
find out the truth of what they look at, clear what does not belong, and confirm the other numbers
one by one, unless --campaigns-only. Looked at every STEP days; the decisions of the days between
rest on the records at their end.

Printed: of abusive calls at the moments looked at, the share from numbers flagged or blocked, and
blocked, without campaigns and with them; legitimate numbers flagged; what an oracle achieves with
these reports; and what the numbers of the other calls lack first. Then framing: legitimate numbers
reported in the words of the largest confirmed campaign, by 1, 2, 3 and 10 accounts within a day,
each from a network of its own: blocked, and flagged for longer than a day, with and without
campaigns; no moderator looks meanwhile. Two newcomers flag in any words, so the last lines say what
campaigns add. `fresh`: made then; `aged`: made two months before, voted along since; `patient`:
took part like a good member; `called`: each was first on three numbers that moderators confirmed,
so that it is anchored; `on gray`: the same, on lawful callers whom half the people report;
`displayed`: honest people on a number of somebody innocent that the campaign displays, and the same
with one and two anchored liars who say that their calls were attested. With --attested everywhere
or nowhere, all or no numbers carry attestation; with --displayed no abusive caller has the number
that it shows; --proof compares rules for what shows that a campaign has a number. And what it would
cost to end the flags that rest on no anchored account after a day, which is what holds the flags of
fresh and aged liars up.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.attacks import gold
from benchmarks.attacks.casting import (
    ATTESTED,
    LINKED,
    SIZES,
    UNSIGNED,
    WORDS,
    WORLDS,
    Cast,
    build,
    cast,
    shape,
    speak,
)
from benchmarks.attacks.desk import DAILY, PROOFS, Desk, Heard, decide, hear
from benchmarks.attacks.probes import passer_by
from benchmarks.attacks.raid import Puppet, Raid, take_part, vote_along
from benchmarks.attacks.run import TUNING_SEEDS
from benchmarks.attacks.worlds import MODERATED, Kind, World, number_name, write_report
from reputation.scoring import (
    Action,
    Standing,
    batch,
    campaigns,
    judge,
)
from reputation.scoring.batch import Decision
from reputation.scoring.promotion import ATTESTED_NETWORKS

STEP = 10.0
BEGIN = 20.0
FIRST, LAST = 60.0, 180.0  # days, between which calls are counted
STRIKE = 120.0
SIZES_OF_CREWS = (1, 2, 3, 10)
FEW = (1, 2)  # accounts that aim at gray numbers
KINDS = ("fresh", "aged", "patient", "called")
TARGETS = 12  # of each kind and size, at full scale
VICTIMS = 15  # who report a number that is displayed by somebody else
DISPLAYED = 200  # such numbers, at full scale
ADDED = 1.0  # points of targets flagged after a day that campaigns may add
AFTERWARDS = 10.0  # days, as the table says


@dataclass(slots=True)
class Seen:
    """What one day's knowledge makes of every number: without and with campaigns."""

    plain: dict[str, Action]
    linked: dict[str, Action]
    heard: Heard
    worded: set[str]  # numbers of which a report has words
    links: dict[str, campaigns.Link]
    bare: set[str]  # flagged, rest on nobody anchored, and were last reported a day ago


def look(world: World, known: Cast, day: float, desk: Desk = DAILY) -> Seen:
    """Scores every number on that day; moderators decide the campaigns of the days before."""
    heard = hear(world, day, desk.proof)
    decide(world, known, heard, day, desk)
    evidence, obstacles, prior = batch.run(heard.filed, heard.decisions)
    backed = {r["number"] for r in heard.said if r["label"] and r["reporter"] in heard.recorded}
    plain, standings = {}, {}
    bare = set()
    for name, number in heard.numbers.items():
        moderated, since = heard.decisions.get(number, batch.UNDECIDED)
        standing = Standing(moderated=moderated, moderated_at=since, promoted=not obstacles[number])
        standings[name] = standing
        plain[name] = judge(evidence[number], standing, day, prior=prior).action
        age = day - (evidence[number].last_unwanted or day)
        if plain[name] is Action.FLAG and not moderated and name not in backed and age > 1:
            bare.add(name)
    linked = dict(plain)
    for name, at in known.sure.items():
        standings[name] = replace(standings[name], moderated=1, moderated_at=at)
        number = heard.numbers[name]
        linked[name] = judge(evidence[number], standings[name], day, prior=prior).action
    links: dict[str, campaigns.Link] = {}
    for campaign, name in heard.voices:
        link = link_of(known, plain, heard, campaign, name, day)
        if name in known.cleared:
            link = campaigns.NO_LINK
        links[name] = max(link, links.get(name, campaigns.NO_LINK))
        if link.level:
            standing = replace(standings[name], linked=link.level, linked_until=link.until)
            number = heard.numbers[name]
            action = judge(evidence[number], standing, day, prior=prior).action
            linked[name] = max(linked[name], action, key=list(Action).index)
    worded = {report["number"] for report in heard.said if "said" in report}
    return Seen(plain, linked, heard, worded, links, bare)


LACKS = (
    "any report",
    "a report with words",
    "words by somebody with a record link",
    "a campaign that is known or confirmed",
    "a second voice within a day: the first expired",
    "a moderator's confirmation of the campaign",
    "a second voice from another network",
    "a third voice in the words",
    "two attested calls in the words: somebody may display it",
    "a voice within three days: the block rests",
    "nothing: more speaks for the number",
)


def lack(seen: Seen, known: Cast, name: str) -> str:
    """What a number that calls lacks before it is blocked: the first of LACKS."""
    if name not in seen.plain:
        return LACKS[0]
    if name not in seen.worded:
        return LACKS[1]
    spoken = {campaign for campaign, other in seen.heard.voices if other == name}
    if not spoken:
        return LACKS[2]
    confirmed = [campaign for campaign in spoken if campaign in known.confirmed]
    level = seen.links[name].level
    if level == campaigns.UNLINKED:
        is_known = any(is_abusive(seen.plain, seen.heard, campaign) for campaign in spoken)
        return LACKS[4] if confirmed or is_known else LACKS[3]
    if level == campaigns.BLOCKS:
        return LACKS[10]
    if not confirmed:
        return LACKS[5]
    if len({voice.network for voice in seen.heard.against[name]}) < campaigns.FLAGGING:
        return LACKS[6]
    heard = [voice for campaign in confirmed for voice in seen.heard.voices[campaign, name]]
    if len({voice.network for voice in heard}) < campaigns.BLOCKING:
        return LACKS[7]
    attested = {voice.network for voice in heard if voice.attested}
    return LACKS[8 if len(attested) < ATTESTED_NETWORKS else 9]


def is_abusive(plain: Mapping[str, Action], heard: Heard, campaign: int) -> bool:
    """Whether the campaign is known by its numbers. Nobody clears any before moderators look."""
    numbers = [name for said, name in heard.voices if said == campaign]
    listed = sum(plain[name] is not Action.ALLOW for name in numbers)
    return campaigns.is_known(listed=listed, decided=listed)


def link_of(
    known: Cast, plain: Mapping[str, Action], heard: Heard, campaign: int, name: str, day: float
) -> campaigns.Link:
    since = known.confirmed.get(campaign)
    return campaigns.link(
        heard.voices[campaign, name],
        others=heard.against[name],
        known=is_abusive(plain, heard, campaign),
        confirmed=None if since is None else (since, since + campaigns.CONFIRMED_DAYS),
        now=day,
    )


# --- Framing -------------------------------------------------------------------------------------


def frame(world: World, scale: float, campaign: int) -> dict[tuple[str, int], list[str]]:
    """Adds the liars' reports; returns the targets by kind and size of the crew."""
    raid = Raid(world, random.Random(f"frame {world.seed}"), scale)
    struck = _lie(raid, campaign)
    _add(raid)
    return struck


def be_displayed(world: World, scale: float, campaign: int) -> dict[tuple[str, int], list[str]]:
    """Adds honest reports on numbers that the campaign displays, alone and beside liars."""
    raid = Raid(world, random.Random(f"display {world.seed}"), scale)
    struck = {("displayed", 0): [display(raid, campaign) for _ in range(raid.some(DISPLAYED))]}
    for size in FEW:
        shown = [display(raid, campaign) for _ in range(raid.some(TARGETS))]
        numbers = [int(name[1:]) for name in shown]
        struck["displayed", size] = _strike_all(raid, "called", size, numbers, campaign, "A")
    _add(raid)
    return struck


def _add(raid: Raid) -> None:
    raid.world.reports += raid.reports
    raid.world.reports.sort(key=lambda report: report["time"])


def _lie(raid: Raid, campaign: int) -> dict[tuple[str, int], list[str]]:
    world = raid.world
    n = world.numbers
    gray = np.flatnonzero((n.kind == Kind.GRAY) & (n.start < FIRST)).tolist()
    struck: dict[tuple[str, int], list[str]] = {}
    for kind in KINDS:
        for size in SIZES_OF_CREWS:
            targets = [raid.target() for _ in range(raid.some(TARGETS))]
            struck[kind, size] = _strike_all(raid, kind, size, targets, campaign)
    for place, size in enumerate(FEW):
        struck["on gray", size] = _strike_all(
            raid, "called", size, gray[place :: len(FEW)], campaign
        )
    return struck


def _strike_all(
    raid: Raid, kind: str, size: int, targets: Sequence[int], campaign: int, attestation: str = ""
) -> list[str]:
    """Reports each target in the campaign's words by so many new accounts of this kind."""
    for target in targets:
        for puppet in [_account(raid, kind) for _ in range(size)]:
            at = STRIKE - 1.2 + raid.rng.uniform(0, 1)
            raid.vote(puppet, target, 1, at, "loan_scam")
            raid.reports[-1]["said"] = campaign
            if attestation:
                raid.reports[-1]["attestation"] = attestation
    return [number_name(target) for target in targets]


def display(raid: Raid, campaign: int) -> str:
    """The campaign shows a number of somebody else for one to five days, and honest people report
    it (as attacks.storm has it)."""
    w, rng, number = raid.world, raid.rng, raid.target()
    days = rng.uniform(1, 5)
    heard: set[int] = set()
    for _ in range(VICTIMS):
        at = STRIKE - 0.2 - rng.uniform(0, days)
        i = passer_by(w, at, heard, rng)
        report = write_report(w, i, number, at, 1, rng)
        if w.numbers.attested[number]:  # nobody can sign for a number they do not hold
            report["attestation"] = rng.choice(UNSIGNED)
        if rng.random() < WORDS * LINKED:
            report["said"] = campaign
        raid.reports.append(report | {"category": "loan_scam"})
    return number_name(number)


def _account(raid: Raid, kind: str) -> Puppet:
    if kind == "fresh":
        return raid.account(STRIKE - 1.5)
    puppet = raid.account(raid.rng.uniform(20, 50))
    if kind == "aged":
        vote_along(raid, [puppet], puppet.created + 1, STRIKE - 10, 20)
    elif kind == "patient":
        take_part(raid, puppet, puppet.created, STRIKE - 5)
    else:
        for number in raid.invent(3, Kind.SCAM):
            raid.hear(puppet, number, raid.rng.uniform(puppet.created, 60), "loan_scam")
            raid.world.gold = (raid.world.gold or {}) | {
                number_name(number): Decision(1, MODERATED)
            }
    return puppet


# --- The table -----------------------------------------------------------------------------------


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    p.add_argument("--world", choices=WORLDS, default="rotating")
    p.add_argument("--sizes", choices=SIZES, default="honeypot")
    p.add_argument("--seeds", type=int, default=1)
    p.add_argument("--scale", type=float, default=0.3)
    p.add_argument("--gold", type=int, default=100)
    p.add_argument("--campaigns-only", action="store_true")
    p.add_argument("--attested", choices=ATTESTED, default="half")
    p.add_argument("--displayed", action="store_true")
    p.add_argument("--proof", choices=PROOFS, default="two")
    options = p.parse_args()
    every = max(1, round(1 / options.scale))
    desk = Desk(every, numbers=not options.campaigns_only, proof=options.proof)
    met: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    framed: dict[tuple[str, int], list[tuple[int, ...]]] = defaultdict(list)
    for seed in TUNING_SEEDS[: options.seeds]:
        world = build(
            seed,
            scale=options.scale,
            world=options.world,
            attested=options.attested,
            displayed=options.displayed,
        )
        world.gold = gold.decide(world, round(options.gold * options.scale), "audit")
        known = cast(world, SIZES[options.sizes])
        speak(world, known)
        print(f"seed {seed}: {len(world.reports):,} reports\n{shape(world, known)}")
        for day in np.arange(BEGIN, LAST + 1, STEP).tolist():
            if day >= FIRST:
                count(world, known, look(world, known, day, desk), day, met)
            else:
                decide(world, known, hear(world, day, desk.proof), day, desk)
        print(
            f"campaigns confirmed {len(known.confirmed)}, numbers cleared {len(known.cleared)}, "
            f"confirmed {len(known.sure)}\n"
        )
        for key, row in strike(world, known, options.scale, desk).items():
            framed[key].append(row)
    show(met, framed)


def show(
    met: Mapping[str, Sequence[float]],
    framed: Mapping[tuple[str, int], Sequence[tuple[int, ...]]],
) -> None:
    print("share, %                                   without   with campaigns")
    for line in ("flagged or blocked calls", "blocked calls", *LEGITIMATE):
        rates = [100 * met[f"{line} {how}"][0] / met[f"{line} {how}"][1] for how in HOW]
        print(f"{line:<42}{rates[0]:8.1f}{rates[1]:17.1f}")
    calls = met["blocked calls linked"][1]
    print("\noracle, whatever the policy, of all abusive calls, %")
    for what in ORACLE:
        print(f"{what:<58}{100 * met[f'oracle {what}'][0] / calls:8.1f}")
    print("\nof all abusive calls, %, lacks first                  allowed   flagged only")
    for what in LACKS:
        allowed, flagged = (100 * part / calls for part in met[f"lack {what}"])
        print(f"{what:<53}{allowed:8.1f}{flagged:15.1f}")
    print(
        f"\nflags on nobody anchored, a day after the last report: {100 * met[BARE][0] / calls:.1f}"
    )
    print("\nframed, %              blocked         flagged after a day   blocked 10 days after")
    print("accounts           without   with        without   with      without   with")
    for (kind, size), rows in framed.items():
        total = np.sum(np.array(rows), axis=0)
        shares = [100 * part / total[0] for part in total[1:]]
        print(
            f"{size:>3} {kind:<12}{shares[0]:10.1f}{shares[1]:7.1f}"
            f"{shares[2]:15.1f}{shares[3]:7.1f}{shares[4]:13.1f}{shares[5]:7.1f}"
        )
    print(f"\nwhat campaigns add, points{'blocked':>24}   flagged after a day (≤ {ADDED:.0f})")
    for kind in dict.fromkeys(kind for kind, _ in framed):
        rows = [row for (other, _), some in framed.items() if other == kind for row in some]
        total, before, after, held, held_after, *_ = np.sum(np.array(rows), axis=0)
        added, kept = (100 * part / total for part in (after - before, held_after - held))
        print(f"{kind:<40}{added:10.1f}{kept:22.1f}")


HOW = ("plain", "linked")
LEGITIMATE = ("legitimate numbers flagged", "legitimate numbers blocked")
BARE = "bare"
ORACLE = (
    "are of a campaign that moderators have confirmed",
    "flags at the first report of anybody",
    "flags at the first report with words",
    "flags at the first report by somebody with a record link",
    "blocks at the second report from another network",
    "blocks at the third report from a third network",
    "blocks at the second by somebody with a record link",
)


def foresee(world: World, known: Cast, seen: Seen, day: float) -> dict[str, set[str]]:
    """Of each line of ORACLE, the numbers that meet it on that day: who knows which numbers are of
    a campaign does no better with these reports."""
    networks: dict[str, set[object]] = defaultdict(set)
    recorded: dict[str, set[object]] = defaultdict(set)
    for report in world.reports:
        if report["time"] <= day and report["label"] == 1:
            networks[report["number"]].add(report["network"])
            if report["reporter"] in seen.heard.recorded:
                recorded[report["number"]].add(report["network"])
    met = (
        {name for name, campaign in known.of.items() if campaign in known.confirmed},
        set(networks),
        seen.worded,
        set(recorded),
        {name for name, some in networks.items() if len(some) >= 2},
        {name for name, some in networks.items() if len(some) >= 3},
        {name for name, some in recorded.items() if len(some) >= 2},
    )
    return dict(zip(ORACLE, met, strict=True))


def count(world: World, known: Cast, seen: Seen, day: float, met: dict[str, list[float]]) -> None:
    n, calls = world.numbers, world.numbers.calling(day)
    foreseen = foresee(world, known, seen, day)
    for how in HOW:
        actions: dict[str, Action] = getattr(seen, how)
        for i in np.flatnonzero(calls).tolist():
            action = actions.get(number_name(i), Action.ALLOW)
            met[f"flagged or blocked calls {how}"][0] += calls[i] * (action is not Action.ALLOW)
            met[f"flagged or blocked calls {how}"][1] += calls[i]
            met[f"blocked calls {how}"][0] += calls[i] * (action is Action.BLOCK)
            met[f"blocked calls {how}"][1] += calls[i]
            if how == "plain":
                met[BARE][0] += calls[i] * (number_name(i) in seen.bare)
                for what, names in foreseen.items():
                    met[f"oracle {what}"][0] += calls[i] * (number_name(i) in names)
            elif action is not Action.BLOCK:
                lost = met[f"lack {lack(seen, known, number_name(i))}"]
                lost[action is Action.FLAG] += calls[i]
        for name, action in actions.items():
            if n.kind[int(name[1:])] == Kind.LEGITIMATE:
                met[f"legitimate numbers blocked {how}"][0] += action is Action.BLOCK
                met[f"legitimate numbers blocked {how}"][1] += 1
                met[f"legitimate numbers flagged {how}"][0] += action is not Action.ALLOW
                met[f"legitimate numbers flagged {how}"][1] += 1


def strike(
    world: World, known: Cast, scale: float, desk: Desk = DAILY
) -> dict[tuple[str, int], tuple[int, ...]]:
    """Of each crew: targets, blocked without and with campaigns, flagged longer than a day, and
    blocked AFTERWARDS."""
    sizes = Counter(known.of.values())
    campaign = max(known.confirmed, key=lambda c: sizes[c], default=0)
    rows: dict[tuple[str, int], tuple[int, ...]] = {}
    for strikes in (frame, be_displayed):
        struck_world = world.copy()
        struck = strikes(struck_world, scale, campaign)
        late = Cast(known.of, {campaign: STRIKE - 10}, decided_until=1e9)
        soon, later, afterwards = (
            look(struck_world, late, STRIKE + days, desk) for days in (0.0, 1.5, AFTERWARDS)
        )
        rows |= {
            key: (
                len(targets),
                *(sum(getattr(soon, how)[t] is Action.BLOCK for t in targets) for how in HOW),
                *(sum(getattr(later, how)[t] is not Action.ALLOW for t in targets) for how in HOW),
                *(sum(getattr(afterwards, how)[t] is Action.BLOCK for t in targets) for how in HOW),
            )
            for key, targets in struck.items()
        }
    return rows


if __name__ == "__main__":
    main()
