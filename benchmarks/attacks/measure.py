"""What is looked at, and the figures made of it.

A `Snapshot` is one moment of one world: what every scorer says of every number, from the reports
before that moment alone, beside the truth of that moment. All figures come from snapshots, so a
time average is the mean over the days in CLEAN_DAYS, cold start included.

- A number counts as heard once somebody has reported it; false-block and false-flag rates are over
  legitimate numbers heard (gray and reassigned ones have lines of their own).
- "Abusive calls already blocked" weighs each abusive number by the calls a day it makes at that
  very moment, numbers never reported included: the state of knowledge is the one at the call.
  The pass is taken to have just learnt; a service learns once a night, so it is up to a day behind.
- AUC and calibration are over numbers heard from which somebody may be calling at that moment:
  abusive ones not yet over against legitimate and reassigned ones; gray ones, about which people
  disagree, are left out. AUC is the mean over the days, calibration error is over ten equal bins
  of all days together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from benchmarks.attacks import standing
from benchmarks.attacks.raid import Raid, Strike
from benchmarks.attacks.rivals import RIVALS, Rival, read_votes
from benchmarks.attacks.worlds import Kind, Numbers, Report, World, number_name
from reputation.scoring import Bools, Floats, Ints

CLEAN_DAYS = tuple(float(d) for d in range(10, 181, 10))
QUICK_DAYS = (30.0, 60.0, 90.0, 120.0, 150.0, 180.0)
ONLINE, BATCH = "ours online", "ours batch"
FALSE_FLAGS_ALLOWED = 0.02
FALSE_BLOCKS_ALLOWED = 0.0005
BINS = 10

# Takes the reports before a moment and the moment; gives probabilities by number.
Engine = Callable[[Sequence[Report], float], Mapping[str, float]]


class Role(IntEnum):
    ABSENT = 0
    LEGITIMATE = 1
    ABUSIVE = 2
    GRAY = 3
    REASSIGNED = 4


@dataclass(frozen=True, slots=True)
class Snapshot:
    day: float
    role: Ints
    calls: Floats  # abusive calls a day at this moment
    scores: dict[str, Floats]  # NaN: not heard


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio that keeps its two counts, so that seeds can be pooled."""

    part: float = 0.0
    whole: float = 0.0

    def __add__(self, other: Share) -> Share:
        return Share(self.part + other.part, self.whole + other.whole)

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else float("nan")


def pooled(shares: Iterable[Share]) -> Share:
    total = Share()
    for share in shares:
        total = total + share
    return total


def interval(share: Share) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was counted: from, to (0 to 1)."""
    n, z = share.whole, 1.96
    if not n:
        return math.nan, math.nan
    middle = (share.part + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(share.part * (n - share.part) / n + z * z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def roles(numbers: Numbers, now: float) -> Ints:
    role = np.full(len(numbers), int(Role.ABSENT))
    live = numbers.live_at(now)
    role[live & (numbers.kind == Kind.LEGITIMATE)] = Role.LEGITIMATE
    role[live & (numbers.kind == Kind.GRAY)] = Role.GRAY
    role[live & numbers.abusive_at(now)] = Role.ABUSIVE
    role[now >= numbers.reassigned] = Role.REASSIGNED
    return role


def snapshots(
    world: World,
    days: Sequence[float],
    engines: Mapping[str, Engine],
    rivals: Sequence[Rival] = RIVALS,
) -> list[Snapshot]:
    """Score the world as it was known on each of the days."""
    index = world.index()
    votes = read_votes(world.reports, index)
    times = [r["time"] for r in world.reports]
    found: list[Snapshot] = []
    for day in days:
        known = world.reports[: int(np.searchsorted(times, day, side="right"))]
        scores: dict[str, Floats] = {}
        for name, engine in engines.items():
            column = np.full(len(index), np.nan)
            for number, p in engine(known, day).items():
                column[index[number]] = p
            scores[name] = column
        so_far = votes.until(day)
        for rival in rivals:
            scores[rival.name] = rival.score(so_far, day)
        n = world.numbers
        found.append(Snapshot(day, roles(n, day), n.calling(day), scores))
    return found


def rate(shots: Sequence[Snapshot], scorer: str, threshold: float, role: Role) -> Share:
    """Share of the numbers of that role heard that stand at or past the threshold."""
    part = whole = 0
    for s in shots:
        score = s.scores[scorer][s.role == role]
        part += int(np.sum(score >= threshold))
        whole += int(np.sum(~np.isnan(score)))
    return Share(part, whole)


def calls_met(shots: Sequence[Snapshot], scorer: str, threshold: float) -> Share:
    """Share of abusive calls that come from a number then at or past the threshold."""
    met = sum(float(s.calls[s.scores[scorer] >= threshold].sum()) for s in shots)
    return Share(met, sum(float(s.calls.sum()) for s in shots))


def auc(shots: Sequence[Snapshot], scorer: str) -> float:
    """Area under the ROC curve, ties counted half, mean over the snapshots that have both."""
    return float(np.mean([a for s in shots if not np.isnan(a := _auc(*_labelled(s, scorer)))]))


def _labelled(s: Snapshot, scorer: str) -> tuple[Floats, Bools]:
    score = s.scores[scorer]
    of_interest = (s.role == Role.ABUSIVE) | (s.role == Role.LEGITIMATE)
    of_interest |= s.role == Role.REASSIGNED
    of_interest &= ~np.isnan(score)
    return score[of_interest], s.role[of_interest] == Role.ABUSIVE


def _auc(score: Floats, bad: Bools) -> float:
    if bad.all() or not bad.any():
        return float("nan")
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positives, negatives = int(bad.sum()), int((~bad).sum())
    wins = float(ranks[bad].sum()) - positives * (positives + 1) / 2
    return wins / (positives * negatives)


def calibration_error(shots: Sequence[Snapshot], scorer: str) -> float:
    """Expected calibration error of all that is published, days pooled."""
    score = np.concatenate([_labelled(s, scorer)[0] for s in shots])
    return expected_error(score, np.concatenate([_labelled(s, scorer)[1] for s in shots]))


def expected_error(score: Floats, bad: Bools) -> float:
    """Expected calibration error: mean distance of stated and true share over BINS equal bins."""
    place = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    stated = np.bincount(place, score, BINS)
    true = np.bincount(place, bad.astype(np.float64), BINS)
    return float(np.abs(stated - true).sum() / len(score))


def threshold_for(shots: Sequence[Snapshot], scorer: str, allowed: float) -> float:
    """The lowest threshold that at most `allowed` of the legitimate numbers heard of reach."""
    score = np.concatenate([s.scores[scorer][s.role == Role.LEGITIMATE] for s in shots])
    score = np.sort(score[~np.isnan(score)])[::-1]
    may = int(np.floor(allowed * len(score)))
    if may >= len(score):
        return -np.inf
    return float(np.nextafter(score[may], np.inf))


def struck(
    shots: Sequence[Snapshot], strikes: Sequence[Strike], scorer: str, threshold: float
) -> Share:
    """Share of the targets at or past the threshold on any day looked at since the strike."""
    hit = 0
    for strike in strikes:
        after = [s for s in shots if s.day >= strike.first]
        hit += any(s.scores[scorer][strike.number] >= threshold for s in after)
    return Share(hit, len(strikes))


def survived(
    shots: Sequence[Snapshot], strikes: Sequence[Strike], scorer: str, threshold: float
) -> Share:
    """The share of targets that stay at or past the threshold, of those that were there just before
    the strike."""
    before = after = 0
    for strike in strikes:
        last = [s for s in shots if s.day <= strike.first][-1]
        next_ = next(s for s in shots if s.day >= strike.last)
        if last.scores[scorer][strike.number] >= threshold:
            before += 1
            after += bool(next_.scores[scorer][strike.number] >= threshold)
    return Share(after, before)


def reports_until(
    shots: Sequence[Snapshot],
    counts: Sequence[int],
    probes: Sequence[int],
    scorer: str,
    threshold: float,
) -> list[float]:
    """For each probe the number of reports it took, inf if more than were filed.

    Snapshot i is of the moment when every probe has `counts[i]` reports.
    """
    taken: list[float] = []
    for probe in probes:
        past = (
            c for c, s in zip(counts, shots, strict=True) if s.scores[scorer][probe] >= threshold
        )
        taken.append(next(past, float("inf")))
    return taken


def strikes_by_line(raid: Raid) -> dict[str, list[Strike]]:
    lines: dict[str, list[Strike]] = {}
    for strike in raid.strikes:
        lines.setdefault(strike.line, []).append(strike)
    return lines


def weights_lost(raid: Raid, days: Sequence[float]) -> dict[str, list[float]]:
    """Of each victim to blacken, the most that its weight fell by on any of the days, in percent of
    what it weighs in the same world without the adversary's reports."""
    found: dict[str, list[float]] = {line: [0.0] * len(who) for line, who in raid.victims.items()}
    honest = [r for r in raid.world.reports if not raid.is_adversary(r["reporter"])]
    for day in days:
        with_, without = (
            standing.learn([r for r in reports if r["time"] <= day], day, raid.world.gold)
            for reports in (raid.world.reports, honest)
        )
        for line, victims in raid.victims.items():
            for place, name in enumerate(victims):
                fall = 100 * (1 - with_.weight(name) / without.weight(name))
                found[line][place] = max(found[line][place], fall)
    return found


def weights_gained(raid: Raid, days: Sequence[float]) -> dict[str, list[float]]:
    """Of each account after weight, the most that it weighed above a newcomer on any of the days,
    in percent of a newcomer's weight."""
    found: dict[str, list[float]] = {line: [0.0] * len(who) for line, who in raid.risers.items()}
    for day in days:
        known = [r for r in raid.world.reports if r["time"] <= day]
        learnt = standing.learn(known, day, raid.world.gold)
        for line, accounts in raid.risers.items():
            for place, name in enumerate(accounts):
                rise = round(100 * (learnt.weight(name) / standing.NEWCOMER - 1), 2)
                found[line][place] = max(found[line][place], rise)
    return found


def labels_taken(raid: Raid) -> dict[str, list[float]]:
    """Of each number whose label was aimed at: 100 where it is shown with the adversary's label
    four days later and was not before, else 0."""
    found: dict[str, list[float]] = {}
    shown: dict[float, dict[str, str]] = {}
    for line, poisoned in raid.poisoned.items():
        for number, at, label in poisoned:
            for day in (at, at + 4):
                if day not in shown:
                    known = [r for r in raid.world.reports if r["time"] <= day]
                    shown[day] = standing.learn(known, day, raid.world.gold).labels()
            name = number_name(number)
            if shown[at][name] != label:
                found.setdefault(line, []).append(100.0 * (shown[at + 4][name] == label))
    return found
