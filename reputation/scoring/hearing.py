"""One round of the trust pass within one shard: the weight that the caps leave to each report by
the records of the round, the verdicts that follow, and which reports were first."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import anchors, trust
from reputation.scoring.chains import Bools, Chains, Floats, Indices, Ints
from reputation.scoring.evidence import (
    DAY_CAP,
    NETWORK_ESTABLISHED_CAP,
    NETWORK_NEWCOMERS_CAP,
    NEWCOMERS_CAP,
    NEWCOMERS_LEGITIMATE_CAP,
)
from reputation.scoring.records import (
    FIRSTS,
    TN,
    TP,
    TRUSTED_REPORTS,
    false_alarms,
    found_out,
    weights,
)
from reputation.scoring.relations import KERNEL_HALF_LIFE

# A smaller mass counts as none, so that nothing is divided by it.
LEAST: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Shard:
    """Everything about a shard's reports that stays the same from round to round.

    By reporter of the shard: `ids` (places among all reporters), `kept`, `about` (of how many
    numbers). By report: `who`, `voice` (who, and beyond all of them who on the unwanted side),
    `number`, `line` (number and side), and what follows from it. `gone`: the reports that were
    taken back, with their `until`.
    `heir`: the last of the reporter's words that repeat this one without a break. `known`: reports
    that say what a moderator had decided. `shared`: reports that others say too, and from how many
    `others` (scoring.company). `asked`: firsts that count as tries. `backed`, `backer`: reports
    that are firsts, and the reporter who backs each.
    """

    ids: Ints
    kept: Ints
    about: Ints
    who: Indices
    voice: Indices
    number: Indices
    line: Indices
    unwanted: Bools
    old_enough: Bools
    factor: Floats
    stands: Bools
    truth: Indices
    known: Bools
    undated: Bools
    day: Indices
    by_network: Chains
    by_side: Chains
    by_number: Chains
    alone: Bools
    gone: Ints
    until: Floats
    at: Floats
    decided_before: Bools
    heir: Indices
    recanted: Bools
    shared: Indices
    others: Indices
    asked: Indices
    backed: Indices
    backer: Indices
    dated: bool
    numbers: int
    words: int


class Heard(NamedTuple):
    """The reports by the records of a round; `anchor` by reporter. `early`: said before
    it was plain; `earns`: early, and not taken back before it was."""

    anchor: Floats
    share: Floats
    signed: Floats
    verdict: Floats
    early: Bools
    earns: Bools
    lasting: Bools


def hear(shard: Shard, records: Floats, base: float) -> Heard:
    mine = records[:, shard.ids]
    several = shard.kept >= TRUSTED_REPORTS
    trusted = several & ~found_out(mine)
    anchor = np.where(several & ~false_alarms(mine), anchors.strength(mine[FIRSTS]), 0.0)
    sides = weights(mine, cap=None if shard.dated else trust.PANEL_CAP)
    weight = shard.factor * np.concatenate(sides)[shard.voice]
    proven = mine[TP] + mine[TN] >= trust.ESTABLISHED_AGREEMENTS
    share = _shares(shard, np.where(shard.stands, weight, 0.0), trusted, proven)
    signed = np.where(shard.unwanted, share, -share)
    so_far, verdict = shard.by_number.both(signed)
    early = (weight > 0.0) & ~shard.known
    lasting = shard.decided_before
    if shard.dated:
        plain = np.flatnonzero(settled(base + so_far))[::-1]
        number = shard.number[plain]
        numbers = int(shard.number.max(initial=-1)) + 1
        since = np.full(numbers, len(early))  # the earliest is written last
        since[number] = plain
        early &= since[shard.number] >= np.arange(len(early))
        moment = np.full(numbers, np.inf)
        moment[number] = shard.at[plain]
        lasting = lasting | (moment[shard.number[shard.gone]] < shard.until)
    earns = early.copy()
    earns[shard.gone] &= lasting
    return Heard(anchor, share, signed, verdict + base, early, earns, lasting)


def _shares(shard: Shard, weight: Floats, trusted: Bools, proven: Bools) -> Floats:
    """x_i: what the caps leave of each report's weight."""
    old = shard.old_enough & trusted[shard.who]
    if shard.dated:
        # Contradicting needs no call, and anybody can let accounts age: if accounts that were never
        # right counted, liars could take firsts from the reporters whom they contradict.
        old &= shard.unwanted | proven[shard.who]
    share = weight
    if shard.dated:
        mass = shard.by_network.smoothed_by_kind(weight, old)
        cap = np.where(old, NETWORK_ESTABLISHED_CAP, NETWORK_NEWCOMERS_CAP)
        share = weight * _left(mass, cap)
    mass = shard.by_side.smoothed(np.where(old, 0.0, share))
    new = np.flatnonzero(~old)
    cap = np.where(shard.unwanted[new], NEWCOMERS_CAP, NEWCOMERS_LEGITIMATE_CAP)
    share = share.copy()
    share[new] *= _left(mass[new], cap)
    per_day = np.bincount(shard.day, share)
    left = _left(per_day, DAY_CAP)[shard.day]
    left[shard.undated] = 1.0
    left *= share
    return left


def firsts(shard: Shard, heard: Heard) -> tuple[Bools, Floats]:
    """Which reports are firsts that may anchor, and how plain their numbers are without them.

    Repeating a first takes nothing from it."""
    kept = shard.stands.copy()
    kept[shard.gone] = heard.lasting
    first = shard.alone & heard.early & (kept | kept[shard.heir])
    there = np.flatnonzero(first)
    last = shard.heir[there]
    own = heard.signed[last] * np.exp2((shard.at[there] - shard.at[last]) / KERNEL_HALF_LIFE)
    plain = np.zeros(len(first))
    plain[there] = anchors.plainness(heard.verdict[there] - own)
    return first, plain


def _left(mass: Floats, cap: Floats | float) -> Floats:
    """g(mass)/mass: the share of each weight that a cap lets through."""
    safe = np.maximum(mass, LEAST)
    left = safe / cap
    np.tanh(left, out=left)
    left *= cap
    left /= safe
    left[mass <= LEAST] = 1.0
    return np.asarray(left)


def settled(logit: Floats) -> Bools:
    return (logit <= trust.SETTLE_LOW) | (logit >= trust.SETTLE_HIGH)
