"""What campaigns add: worlds whose callers change numbers, and liars who use their words.

    python -m benchmarks.attacks.campaigns [--seeds N] [--scale X] [--gold K] [--make NAME]

A world of `worlds` in which every abusive number belongs to a campaign. Numbers are handed to
campaigns in the order in which they begin to call: with FRESH to a new one, else to an active one
in proportion to the numbers that it has had (Simon's process). FRESH is campaigns over recorded
calls in the transcripts of benchmarks/campaigns.py (83 of 551), so sizes are heavy-tailed. The make
is "fleeting" unless another is named: two thirds of the numbers are scams that call for two days in
the median.

A report has words that name its campaign with WORDS (assumed; nobody has measured it). Of those
LINKED come into their own campaign and STRAY into another one, as pair recall and purity on the
recorded calls are. The words of one in a hundred reports on legitimate numbers are taken for a
campaign's as well. Who links is decided by the records of the trust pass (scoring.trust.rests_on),
what a link does by scoring.campaigns.link: the code that serves.

Moderators decide K numbers up to day 60 (`gold`, by audit), and one campaign a day: the one with
most linked reports in the fortnight before. They find out the truth of what they look at.

Printed: of abusive calls at the moments looked at, the share from numbers flagged or blocked, and
blocked, without campaigns and with them; legitimate numbers flagged; what an oracle achieves with
these reports; and what the numbers of the other calls lack first. Then framing: legitimate numbers
reported in the words of the largest confirmed campaign, by 1, 2, 3 and 10 accounts within a day,
each from a network of its own: blocked, and flagged for longer than a day, with and without
campaigns. `fresh`: made then; `aged`: made two months before, voted along since; `patient`: took
part like a good member; `called`: each was first on three numbers that moderators confirmed, so
that it is anchored.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.attacks import gold
from benchmarks.attacks.assumptions import MAKES
from benchmarks.attacks.raid import Puppet, Raid, take_part, vote_along
from benchmarks.attacks.run import TUNING_SEEDS
from benchmarks.attacks.worlds import Kind, World, build_world, number_name
from reputation.scoring import (
    NO_BACKER,
    Action,
    Record,
    Standing,
    batch,
    campaigns,
    judge,
    replay,
    trust,
)

FRESH = 83 / 551
WORDS = 0.6
LINKED, STRAY = 0.97, 0.02
MISTAKEN = 0.01
VOICES = 2  # from so many networks flag for longer than a day (scoring.campaigns.links)
ACTIVE = 30.0  # days since the last number of a campaign began
DAYS = (60.0, 90.0, 120.0, 150.0, 180.0)
STRIKE = 120.0
SIZES = (1, 2, 3, 10)
KINDS = ("fresh", "aged", "patient", "called")
TARGETS = 12  # of each kind and size, at full scale


@dataclass(slots=True)
class Cast:
    """Which campaign each abusive number belongs to, and the campaigns that moderators decided."""

    of: dict[str, int]
    confirmed: dict[int, float] = field(default_factory=dict)
    dismissed: set[int] = field(default_factory=set)
    decided_until: float = 0.0


@dataclass(slots=True)
class Seen:
    """What is known on one day, and what it makes of every number: without and with campaigns."""

    plain: dict[str, Action]
    linked: dict[str, Action]
    voices: dict[tuple[int, str], list[campaigns.Spoken]]
    worded: set[str]  # numbers of which a report has words
    recorded: set[str]  # reporters with a record link
    links: dict[str, campaigns.Link]


def cast(world: World) -> Cast:
    """Hands the abusive numbers to campaigns."""
    n, chance = world.numbers, random.Random(world.seed)
    sizes: Counter[int] = Counter()
    last: dict[int, float] = {}
    found: dict[str, int] = {}
    for i in np.argsort(n.start, kind="stable").tolist():
        if n.kind[i] > Kind.COLLECTION:
            continue
        start = float(n.start[i])
        active = [c for c in sizes if start - last[c] < ACTIVE]
        if not active or chance.random() < FRESH:
            campaign = len(sizes)
        else:
            campaign = chance.choices(active, [sizes[c] for c in active])[0]
        sizes[campaign] += 1
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


def look(world: World, known: Cast, day: float) -> Seen:
    """Scores every number on that day; moderators decide the campaigns of the days before."""
    said = [r for r in world.reports if r["time"] <= day]
    filed, names, _ = replay.read(said, day)
    truths = {
        names.numbers[k]: bool(v) for k, v in (world.gold or {}).items() if k in names.numbers
    }
    words = batch.all_words(filed)
    group = batch.clusters(words)
    learnt = batch.learn(words, truths, group)
    records = [Record(*column) for column in learnt.records.T.tolist()]
    backers = [tuple(b for b in row if b != NO_BACKER) for row in learnt.backers.tolist()]
    evidence, obstacles, prior = batch.run(filed, truths)
    voices: dict[tuple[int, str], list[campaigns.Spoken]] = defaultdict(list)
    for report in said:
        if "said" not in report:
            continue
        who = names.reporters[report["reporter"]]
        accounts = trust.rests_on(records[who], who, backers[who])
        if accounts:
            origin = group.get(who, str(report["network"]))
            spoken = campaigns.Spoken(report["time"], origin, accounts)
            voices[report["said"], report["number"]].append(spoken)
    plain, standings = {}, {}
    for name, number in names.numbers.items():
        truth = truths.get(number)
        moderated = 0 if truth is None else 1 if truth else -1
        standing = Standing(moderated=moderated, moderated_at=day, promoted=not obstacles[number])
        standings[name] = standing
        plain[name] = judge(evidence[number], standing, day, prior=prior).action
    decide(known, voices, day)
    linked = dict(plain)
    links: dict[str, campaigns.Link] = {}
    for (campaign, name), some in voices.items():
        link = link_of(known, plain, voices, campaign, some)
        links[name] = max(link, links.get(name, campaigns.NO_LINK))
        if link.level:
            standing = Standing(
                moderated=standings[name].moderated,
                moderated_at=day,
                promoted=standings[name].promoted,
                linked=link.level,
                linked_until=link.until,
            )
            action = judge(evidence[names.numbers[name]], standing, day, prior=prior).action
            linked[name] = max(linked[name], action, key=list(Action).index)
    worded = {report["number"] for report in said if "said" in report}
    recorded = {
        name
        for name, who in names.reporters.items()
        if trust.rests_on(records[who], who, backers[who])
    }
    return Seen(plain, linked, voices, worded, recorded, links)


LACKS = (
    "any report",
    "a report with words",
    "words by somebody with a record link",
    "a campaign that is known or confirmed",
    "a second voice within a day: the first expired",
    "a moderator's confirmation of the campaign",
    "a second voice from another network",
    "a third voice from another network",
    "nothing: more speaks for the number",
)


def lack(seen: Seen, known: Cast, name: str, day: float) -> str:
    """What a number that calls lacks before it is blocked: the first of LACKS."""
    if name not in seen.plain:
        return LACKS[0]
    if name not in seen.worded:
        return LACKS[1]
    spoken = {campaign: some for (campaign, other), some in seen.voices.items() if other == name}
    if not spoken:
        return LACKS[2]
    link = seen.links[name]
    if link.level == campaigns.UNLINKED:
        return LACKS[3]
    if link.until <= day:
        return LACKS[4]
    if link.level == campaigns.BLOCKS:
        return LACKS[8]
    confirmed = [some for campaign, some in spoken.items() if campaign in known.confirmed]
    if not confirmed:
        return LACKS[5]
    networks = max(len({voice.network for voice in some}) for some in confirmed)
    return LACKS[6] if networks < VOICES else LACKS[7]


def link_of(
    known: Cast,
    plain: Mapping[str, Action],
    voices: Mapping[tuple[int, str], Sequence[campaigns.Spoken]],
    campaign: int,
    some: Sequence[campaigns.Spoken],
) -> campaigns.Link:
    numbers = [name for other, name in voices if other == campaign]
    listed = sum(plain[name] is not Action.ALLOW for name in numbers)
    since = known.confirmed.get(campaign)
    lasts = None if since is None else (since, since + campaigns.CONFIRMED_DAYS)
    return campaigns.link(
        some, known=campaigns.is_known(listed=listed, decided=listed), confirmed=lasts
    )


def decide(
    known: Cast, voices: Mapping[tuple[int, str], Sequence[campaigns.Spoken]], until: float
) -> None:
    """Moderators decide one campaign on each day since the last that was looked at."""
    by_campaign: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for (campaign, name), some in voices.items():
        by_campaign[campaign] += [(voice.at, name) for voice in some]
    for day in range(int(known.decided_until), int(until)):
        waiting = {}
        for campaign, spoken in by_campaign.items():
            so_far = [name for at, name in spoken if at <= day]
            lately = sum(day - 14 < at <= day for at, _ in spoken)
            decided = campaign in known.confirmed or campaign in known.dismissed
            if lately and not decided and len(set(so_far)) >= 2 and len(so_far) >= 3:
                waiting[campaign] = lately, so_far
        if not waiting:
            continue
        chosen = max(waiting, key=lambda campaign: (waiting[campaign][0], -campaign))
        abusive = sum(known.of.get(name) == chosen for name in waiting[chosen][1])
        if 2 * abusive > len(waiting[chosen][1]):
            known.confirmed[chosen] = float(day)
        else:
            known.dismissed.add(chosen)
    known.decided_until = until


# --- Framing -------------------------------------------------------------------------------------


def frame(world: World, scale: float, campaign: int) -> dict[tuple[str, int], list[str]]:
    """Adds the liars' reports; returns the targets by kind and size of the crew."""
    raid = Raid(world, random.Random(f"frame {world.seed}"), scale)
    struck: dict[tuple[str, int], list[str]] = {}
    for kind in KINDS:
        for size in SIZES:
            struck[kind, size] = []
            for _ in range(raid.some(TARGETS)):
                crew = [_account(raid, kind) for _ in range(size)]
                target = raid.target()
                for puppet in crew:
                    at = STRIKE - 1.2 + raid.rng.uniform(0, 1)
                    raid.vote(puppet, target, 1, at, "loan_scam")
                    raid.reports[-1]["said"] = campaign
                struck[kind, size].append(number_name(target))
    world.reports += raid.reports
    world.reports.sort(key=lambda report: report["time"])
    return struck


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
            raid.world.gold = (raid.world.gold or {}) | {number_name(number): 1}
    return puppet


# --- The table -----------------------------------------------------------------------------------


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    p.add_argument("--seeds", type=int, default=1)
    p.add_argument("--scale", type=float, default=0.3)
    p.add_argument("--gold", type=int, default=100)
    p.add_argument("--make", choices=MAKES, default="fleeting")
    options = p.parse_args()
    met: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    framed: dict[tuple[str, int], list[tuple[int, ...]]] = defaultdict(list)
    for seed in TUNING_SEEDS[: options.seeds]:
        world = build_world(seed, scale=options.scale, make=options.make)
        world.gold = gold.decide(world, round(options.gold * options.scale), "audit")
        known = cast(world)
        speak(world, known)
        for day in DAYS:
            count(world, known, look(world, known, day), day, met)
        for key, row in strike(world, known, options.scale).items():
            framed[key].append(row)
    print("share, %                                   without   with campaigns")
    for line in ("flagged or blocked calls", "blocked calls", "legitimate numbers flagged"):
        rates = [100 * met[f"{line} {how}"][0] / met[f"{line} {how}"][1] for how in HOW]
        print(f"{line:<42}{rates[0]:8.1f}{rates[1]:17.1f}")
    calls = met["blocked calls linked"][1]
    print("\noracle, whatever the policy, of all abusive calls, %")
    for what in ORACLE:
        print(f"{what:<58}{100 * met[f'oracle {what}'][0] / calls:8.1f}")
    print("\nof all abusive calls, %, lacks first            allowed   flagged only")
    for what in LACKS:
        allowed, flagged = (100 * part / calls for part in met[f"lack {what}"])
        print(f"{what:<47}{allowed:8.1f}{flagged:15.1f}")
    print("\nframed, %              blocked            flagged longer than a day")
    print("accounts           without   with        without   with")
    for (kind, size), rows in framed.items():
        total = np.sum(np.array(rows), axis=0)
        shares = [100 * part / total[0] for part in total[1:]]
        print(
            f"{size:>3} {kind:<12}{shares[0]:10.1f}{shares[1]:7.1f}"
            f"{shares[2]:15.1f}{shares[3]:7.1f}"
        )


HOW = ("plain", "linked")
ORACLE = (
    "flags at the first report of anybody",
    "flags at the first report with words",
    "flags at the first report by somebody with a record link",
    "blocks at the second report from another network",
    "blocks at the third report from a third network",
    "blocks at the second by somebody with a record link",
)


def foresee(world: World, seen: Seen, day: float) -> dict[str, set[str]]:
    """Of each line of ORACLE, the numbers that meet it on that day: who knows which numbers are of
    a campaign does no better with these reports."""
    networks: dict[str, set[object]] = defaultdict(set)
    recorded: dict[str, set[object]] = defaultdict(set)
    for report in world.reports:
        if report["time"] <= day and report["label"] == 1:
            networks[report["number"]].add(report["network"])
            if report["reporter"] in seen.recorded:
                recorded[report["number"]].add(report["network"])
    met = (
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
    foreseen = foresee(world, seen, day)
    for how in HOW:
        actions: dict[str, Action] = getattr(seen, how)
        for i in np.flatnonzero(calls).tolist():
            action = actions.get(number_name(i), Action.ALLOW)
            met[f"flagged or blocked calls {how}"][0] += calls[i] * (action is not Action.ALLOW)
            met[f"flagged or blocked calls {how}"][1] += calls[i]
            met[f"blocked calls {how}"][0] += calls[i] * (action is Action.BLOCK)
            met[f"blocked calls {how}"][1] += calls[i]
            if how == "plain":
                for what, names in foreseen.items():
                    met[f"oracle {what}"][0] += calls[i] * (number_name(i) in names)
            elif action is not Action.BLOCK:
                lost = met[f"lack {lack(seen, known, number_name(i), day)}"]
                lost[action is Action.FLAG] += calls[i]
        for name, action in actions.items():
            if n.kind[int(name[1:])] == Kind.LEGITIMATE:
                met[f"legitimate numbers flagged {how}"][0] += action is not Action.ALLOW
                met[f"legitimate numbers flagged {how}"][1] += 1


def strike(world: World, known: Cast, scale: float) -> dict[tuple[str, int], tuple[int, ...]]:
    """Of each crew: targets, blocked without and with campaigns, flagged longer than a day."""
    early = {c: at for c, at in known.confirmed.items() if at < STRIKE - 10} or known.confirmed
    sizes = Counter(known.of.values())
    campaign = max(early, key=lambda c: sizes[c]) if early else 0
    struck = frame(world, scale, campaign)
    late = Cast(known.of, dict(early), set(), 1e9)
    soon, later = look(world, late, STRIKE), look(world, late, STRIKE + 1.5)
    return {
        key: (
            len(targets),
            *(sum(getattr(soon, how)[t] is Action.BLOCK for t in targets) for how in HOW),
            *(sum(getattr(later, how)[t] is not Action.ALLOW for t in targets) for how in HOW),
        )
        for key, targets in struck.items()
    }


if __name__ == "__main__":
    main()
