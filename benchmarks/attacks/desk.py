"""What is known of campaigns on one day, and the moderators who decide them, as the queue offers
them (queue.harm)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.attacks import gold
from benchmarks.attacks.casting import Cast
from benchmarks.attacks.worlds import Report, World
from reputation.scoring import NO_BACKER, Floats, Record, batch, campaigns, replay, trust

WAITS = 3  # voices from which a campaign waits (queue.harm)
LATELY = 14.0  # days
SHOWN = 50  # newest reports of a campaign, by whose numbers it is ranked


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known on one day: the reports as they count, and the voices of each campaign on each
    number."""

    filed: list[batch.Filed]
    numbers: dict[str, int]
    decisions: dict[int, batch.Decision]
    said: list[Report]
    voices: dict[tuple[int, str], list[campaigns.Spoken]]
    against: dict[str, list[campaigns.Spoken]]  # voices on each number, in whatever words
    recorded: set[str]  # reporters with a record link


@dataclass(frozen=True, slots=True)
class Desk:
    """How moderators decide campaigns: one in `every` days; `numbers`: also each number of a
    campaign that they confirm. `proof`: of PROOFS."""

    every: int = 1
    numbers: bool = True
    proof: str = "two"


DAILY = Desk()

type Voices = list[campaigns.Spoken]


def _whole(voices: Voices) -> Voices:
    return [voice._replace(attested=True) for voice in voices]


def _one(voices: Voices) -> Voices:
    return _whole(voices) if any(voice.attested for voice in voices) else voices


def _two_days(voices: Voices) -> Voices:
    times = [voice.at for voice in voices]
    return _whole(voices) if max(times) - min(times) >= 2 else voices


# Rules for what shows that a campaign has a number, by what is read into its voices on it: "two"
# attested calls are what scoring.campaigns.links asks.
PROOFS: Final[dict[str, Callable[[Voices], Voices]]] = {
    "none": _whole,
    "two days": _two_days,
    "one": _one,
    "two": lambda voices: voices,
}


def hear(world: World, day: float, proof: str = "two") -> Heard:
    said = [r for r in world.reports if r["time"] <= day]
    filed, names, _ = replay.read(said, day)
    decisions = names.decided(world.gold, day)
    words = batch.all_words(filed)
    group = batch.clusters(words)
    learnt = batch.learn(words, decisions, group)
    records = [Record(*column) for column in learnt.records.T.tolist()]
    backers = [tuple(b for b in row if b != NO_BACKER) for row in learnt.backers.tolist()]
    rests = {
        name: trust.rests_on(records[who], who, backers[who])
        for name, who in names.reporters.items()
    }
    voices: dict[tuple[int, str], list[campaigns.Spoken]] = defaultdict(list)
    against: dict[str, list[campaigns.Spoken]] = defaultdict(list)
    for report in said:
        if report["label"] and (accounts := rests[report["reporter"]]):
            origin = group.get(names.reporters[report["reporter"]], str(report["network"]))
            attested = report["attestation"] in trust.ATTESTED
            spoken = campaigns.Spoken(report["time"], origin, accounts, attested)
            against[report["number"]].append(spoken)
            if "said" in report:
                voices[report["said"], report["number"]].append(spoken)
    for some in voices.values():
        some[:] = PROOFS[proof](some)
    recorded = {name for name, accounts in rests.items() if accounts}
    return Heard(filed, names.numbers, decisions, said, voices, against, recorded)


def decide(world: World, known: Cast, heard: Heard, until: float, desk: Desk) -> None:
    """Moderators decide campaigns on the days since the last that was looked at."""
    by_campaign: dict[int, list[str]] = defaultdict(list)
    for campaign, name in heard.voices:
        by_campaign[campaign].append(name)
    for day in range(int(known.decided_until), int(until)):
        if day % desk.every:
            continue
        calls = world.numbers.calling(day)
        best: tuple[float, int] | None = None
        for campaign, numbers in by_campaign.items():
            worth = _worth(known, heard, campaign, numbers, day, calls)
            if worth and (best is None or (worth, -campaign) > best):
                best = worth, -campaign
        if best is None:
            continue
        chosen = -best[1]
        names = {name for name in by_campaign[chosen] if _until(heard.voices[chosen, name], day)}
        abusive = {name for name in names if known.of.get(name) == chosen}
        if 2 * len(abusive) > len(names):
            known.confirmed[chosen] = float(day)
        else:
            known.dismissed.add(chosen)
        if desk.numbers and chosen in known.confirmed:
            for name in abusive - set(known.sure):
                if any(day - LATELY < voice.at <= day for voice in heard.voices[chosen, name]):
                    known.sure[name] = float(day)
        known.cleared |= {name for name in names if name not in known.of}
    known.decided_until = max(known.decided_until, until)


def _worth(
    known: Cast, heard: Heard, campaign: int, numbers: Sequence[str], day: float, calls: Floats
) -> float:
    """Where this campaign stands in the queue of that day; 0 if it does not wait."""
    so_far = {name: _until(heard.voices[campaign, name], day) for name in numbers}
    spoken = sorted((voice.at, name) for name, some in so_far.items() for voice in some)
    since = known.confirmed.get(campaign)
    if len(spoken) < WAITS or spoken[-1][0] <= day - LATELY or campaign in known.dismissed:
        return 0.0
    newest = {name for at, name in spoken[-SHOWN:] if since is None or at >= since}
    lasts = None if since is None else (since, since + campaigns.CONFIRMED_DAYS)
    waiting = 0.0
    for name in newest - known.cleared - set(known.sure):
        others = _until(heard.against[name], day)
        link = campaigns.link(so_far[name], others=others, known=True, confirmed=lasts, now=day)
        if since is None or link.level < campaigns.BLOCKS:
            waiting += 1 + gold.ADOPTION * calls[int(name[1:])]
    return waiting


def _until(voices: Sequence[campaigns.Spoken], day: float) -> list[campaigns.Spoken]:
    return [voice for voice in voices if voice.at <= day]
