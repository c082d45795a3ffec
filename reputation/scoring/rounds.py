"""What the trust pass does to one shard: the arithmetic of scoring.learning inside its numbers.

scoring.relations has what the reports of a shard are to one another in every round.

Every function takes the shard's desk (shards.Desk), where these lie: "reports", "complaints",
"truth" and "decided" by number, from `build` on "shard" and "support", and after the last round
"verdict", "first" and "plain" of each report (`close`).

What is added up over shards is rounded to whole numbers first, of 2^-bits each: sums of whole
numbers are the same in any order. `bits` is such that nobody's sum can overflow (`bits_for`).
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import anchors, company, support, trust
from reputation.scoring.chains import Bools, Chains, Floats, Indices, Ints
from reputation.scoring.evidence import (
    DAY_CAP,
    NETWORK_ESTABLISHED_CAP,
    NETWORK_NEWCOMERS_CAP,
    NEWCOMERS_CAP,
    NEWCOMERS_LEGITIMATE_CAP,
)
from reputation.scoring.pairs import Pairs, counted, ordered, unordered
from reputation.scoring.records import (
    FIRSTS,
    FN,
    FP,
    TN,
    TP,
    TRUSTED_REPORTS,
    false_alarms,
    found_out,
    weights,
)
from reputation.scoring.relations import (
    KERNEL_HALF_LIFE,
    days_since_complaint,
    heirs,
    joint_keys,
    left_before,
    lines_of,
    once_each,
    other_networks,
)
from reputation.scoring.shards import Desk, Reports, keeps
from reputation.scoring.support import Support

# A report is a first when less than this is left of earlier voices on its side. Each counts 1,
# whatever its reporter is worth: whoever echoes a discredited voice was not first either.
FIRST_BELOW: Final = 0.15
# Days after which as little is left of a complaint that an authority published.
UNKNOWN_AFTER: Final = KERNEL_HALF_LIFE * math.log2(1.0 / FIRST_BELOW)
# Days after which those who are trusted, or a moderator, would have said what a first said.
KNOWN_BY: Final = 10.0

# What anchored accounts hold against a report that calls a number unwanted, in settled reports,
# until a moderator decides. Such mistakes become plain far oftener than caution does, since people
# are asked about numbers that somebody complained of. A whole one took much of an honest reporter's
# weight on the day on which a third anchored account happened to contradict.
ALARM_HELD: Final = 0.2

# The rows of what a round's reports earn, after those of TP to FP: what of FN and FP nobody
# anchored stands behind, support by others, what scoring.company calls met and due, firsts that a
# moderator confirmed, words that were taken back in time, and firsts that count as tries. The last
# three are counts, the others in 2^-bits.
DOUBTED_FN, DOUBTED_FP, SUPPORT, MET, DUE, CONFIRMED, BACK, TRIED = range(4, 12)
EARNED: Final = 12
BITS: Final = 40
HALF: Final = 2.0**20
# Below it a mass is none: nothing is divided by it.
LEAST: Final = 1e-12


class Tally(NamedTuple):
    """How much each reporter said in a shard, `ids` being their places among all; and more."""

    ids: Ints
    said: Ints
    kept: Ints
    numbers: int
    begin: float
    last: float
    dated: bool


class Whole(NamedTuple):
    """The tallies of all shards: `said` and `kept` by reporter."""

    said: Ints
    kept: Ints
    numbers: int
    begin: float
    last: float
    dated: bool


@dataclass(frozen=True, slots=True)
class Shard:
    """Everything about a shard's reports that stays the same from round to round.

    By reporter of the shard: `ids` (places among all reporters), `kept`, `said`. By report: `who`,
    `voice` (who, and beyond all of them who on the unwanted side), `number`, `line` (number and
    side), and what follows from it. `gone`: the reports that were
    taken back, with their `until`. `heir`: the last of the reporter's words that repeat this one
    without a break. `known`: reports that say what a moderator had decided.
    `shared`: reports that others say too, and from how many `others` (scoring.company). `asked`:
    firsts that count as tries. `backed`, `backer`: reports that are firsts, and the
    reporter who backs each.
    """

    ids: Ints
    kept: Ints
    said: Ints
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


def tally(desk: Desk) -> Tally:
    reports: Reports = desk["reports"]
    ids, who = np.unique(reports.reporter, return_inverse=True)
    return Tally(
        ids,
        np.bincount(who, minlength=len(ids)),
        np.bincount(who[np.isinf(reports.gone)], minlength=len(ids)),
        len(np.unique(reports.number)),
        float(reports.at.min(initial=np.inf)),
        float(reports.at.max(initial=-np.inf)),
        bool((reports.day >= 0).any()),
    )


def overlaps(desk: Desk, reporters: int) -> Pairs:
    """support.overlaps of the shard, which count over all shards."""
    reports: Reports = desk["reports"]
    return support.overlaps(reports.reporter, lines_of(reports), reporters)


@keeps
def build(desk: Desk, whole: Whole) -> tuple[Ints, Ints]:
    """Puts "shard" and "support" on the desk. Returns the places of its reporters, and how many
    firsts of each count as tries that nobody contradicted."""
    reports: Reports = desk["reports"]
    line = lines_of(reports)
    lines = 2 * int(reports.number.max(initial=-1)) + 2
    ids, who = np.unique(reports.reporter, return_inverse=True)
    stands = np.isinf(reports.gone)
    gone = np.flatnonzero(~stands)
    until = reports.gone[gone]
    truth, moment = desk["truth"][reports.number], desk["decided"][reports.number]
    known = (truth == np.where(reports.unwanted, 1, -1)) & (reports.at > moment)
    by_side = Chains(line, reports.at, KERNEL_HALF_LIFE)
    heard = reports.factor > 0.0
    heir = heirs(reports, line, gone)
    left = left_before(reports, by_side, line, gone)
    alone = (left < FIRST_BELOW) & reports.unwanted & heard & ~known
    alone &= days_since_complaint(reports, desk["complaints"]) > UNKNOWN_AFTER
    # Whatever became of them: else who guesses would choose afterwards which of them count.
    asked = once_each(np.flatnonzero(alone & (reports.at <= whole.last - KNOWN_BY)), heir)
    against = np.bincount(line[stands], minlength=lines) > 0
    clear = asked[~against[line[asked] ^ 1]]
    speaks = heard & stands
    others = other_networks(line, reports.network, speaks)
    shared = np.flatnonzero(speaks & reports.unwanted & ~known & (others > 0))
    backed, backing = anchors.backings(
        reporter=reports.reporter,
        network=reports.network,
        at=reports.at,
        line=line,
        first=alone,
        backs=speaks,
        moderated=truth != 0,
    )
    desk["shard"] = Shard(
        ids=ids,
        kept=whole.kept[ids],
        said=whole.said[ids],
        who=who.astype(np.int32),
        voice=(who + len(ids) * reports.unwanted).astype(np.int32),
        number=reports.number.astype(np.int32),
        line=line.astype(np.int32),
        unwanted=reports.unwanted,
        old_enough=reports.old_enough,
        factor=reports.factor,
        stands=stands,
        truth=truth.astype(np.int8),
        undated=reports.day < 0,
        day=np.unique(joint_keys(line, reports.day), return_inverse=True)[1].astype(np.int32),
        by_network=Chains(joint_keys(line, reports.network), reports.at, KERNEL_HALF_LIFE),
        by_side=by_side,
        by_number=Chains(reports.number, reports.at, KERNEL_HALF_LIFE),
        alone=alone,
        gone=gone,
        until=until,
        at=reports.at,
        known=known,
        decided_before=moment[gone] < until,
        heir=heir.astype(np.int32),
        recanted=~reports.stopped[gone] & (heir[gone] == gone),
        shared=shared.astype(np.int32),
        others=others[shared].astype(np.int32),
        asked=asked.astype(np.int32),
        backed=backed.astype(np.int32),
        backer=who[backing].astype(np.int32),
        dated=whole.dated,
        numbers=whole.numbers,
        words=int(whole.kept.sum()),
    )
    desk["support"] = Support.of(line, lines)
    return ids, np.bincount(who[clear], minlength=len(ids))


def backing_pairs(desk: Desk, reporters: int) -> Pairs:
    """Backed and backing reporter, and how often they are that."""
    shard: Shard = desk["shard"]
    return counted([_backing(shard, reporters)])


@keeps
def put_means(desk: Desk, times: Pairs, reporters: int) -> None:
    """Puts "mean" on the desk, of each row of `backed` one by how often the two are such a pair.

    `times`: those who are so more than once, anywhere.
    """
    keys = _backing(desk["shard"], reporters)
    mean = np.ones(len(keys))
    hit, count = times.of(keys)
    mean[hit] = 1.0 / count
    desk["mean"] = mean


class _Heard(NamedTuple):
    """The reports by the records of a round; `trusted` and `anchor` by reporter. `early`: said
    before it was plain; `earns`: early, and not taken back before it was."""

    trusted: Bools
    anchor: Floats
    share: Floats
    signed: Floats
    verdict: Floats
    early: Bools
    earns: Bools
    lasting: Bools


def lean(desk: Desk, records: Floats, base: float) -> int:
    """The sum of the probabilities around all reports, in 2^-BITS: what a closed panel's prior is
    taken from."""
    verdict = _hear(desk["shard"], records, base).verdict
    return int(_whole(1.0 / (1.0 + np.exp(-verdict)), BITS).sum())


def earn(
    desk: Desk,
    records: Floats,
    base: float,
    overlaps: Pairs,
    reporters: int,
    bits: int,
    until: float,
    anchored: float,
) -> tuple[Ints, Ints]:
    """The places of the shard's reporters, and the EARNED rows of what these records would earn,
    with the firsts of up to the day `until`. `anchored`: how many of all words that stand are by
    anchored accounts."""
    shard: Shard = desk["shard"]
    heard = _hear(shard, records, base)
    credit = np.where(heard.earns, trust.MODERATOR_CREDIT * shard.truth, 0.0)
    learnt = np.flatnonzero(heard.earns & (shard.truth == 0) & _settled(heard.verdict))
    credit[learnt] = _credit(heard.verdict[learnt] - heard.signed[learnt])
    learnt = learnt[credit[learnt] != 0.0]
    credit[learnt] *= _novelty(
        desk, shard, learnt, credit[learnt] > 0.0, heard, overlaps, reporters
    )
    wrong = learnt[shard.unwanted[learnt] != (credit[learnt] > 0.0)]
    held = _held(shard, wrong, heard.anchor) if shard.dated else np.ones(len(wrong))
    doubted = np.abs(credit[wrong]) * (1.0 - held)
    credit[wrong] *= held
    count = len(shard.ids)
    earned = np.zeros((EARNED, count), np.int64)
    paid = np.flatnonzero(credit)
    bad, said = credit[paid] > 0.0, shard.unwanted[paid]
    row = np.where(bad, np.where(said, TP, FN), np.where(said, FP, TN))
    place = row * count + shard.who[paid]
    amounts = _summed(place, np.abs(credit[paid]), FIRSTS * count, bits)
    earned[:FIRSTS] = amounts.reshape(FIRSTS, count)
    for line, side in ((DOUBTED_FN, ~shard.unwanted[wrong]), (DOUBTED_FP, shard.unwanted[wrong])):
        earned[line] = _summed(shard.who[wrong[side]], doubted[side], count, bits)
    first, plain = _firsts(shard, heard)
    by_then = shard.at <= until
    backed = shard.backed
    flow = plain[backed] * by_then[backed] * desk["mean"] * heard.anchor[shard.backer]
    some = np.flatnonzero(flow)
    earned[SUPPORT] = _summed(shard.who[backed[some]], flow[some], count, bits)
    confirmed = once_each(np.flatnonzero(first & by_then & (shard.truth > 0)), shard.heir)
    earned[CONFIRMED] = np.bincount(shard.who[confirmed], minlength=count)
    met, due = _company(shard, heard.anchor, anchored)
    earned[MET] = _summed(shard.who[shard.shared], met, count, bits)
    earned[DUE] = _summed(shard.who[shard.shared], due, count, bits)
    back = shard.gone[shard.recanted & ~heard.lasting]
    earned[BACK] = np.bincount(shard.who[back], minlength=count)
    asked = shard.asked[by_then[shard.asked]]
    earned[TRIED] = np.bincount(shard.who[asked], minlength=count)
    return shard.ids, earned


@keeps
def close(desk: Desk, records: Floats, base: float) -> None:
    """Puts "verdict" and "first" on the desk, as of a round from these records, and "plain": how
    plain it is, without each first, that its number is unwanted."""
    shard: Shard = desk["shard"]
    heard = _hear(shard, records, base)
    desk["verdict"] = heard.verdict
    desk["first"], desk["plain"] = _firsts(shard, heard)


def standing(desk: Desk, reporters: int, bits: int) -> Pairs:
    """Who is backed by whom, and how plainly in all, in 2^-bits."""
    shard: Shard = desk["shard"]
    plain = _whole(desk["plain"][shard.backed], bits)
    some = np.flatnonzero(plain)
    return counted([_backing(shard, reporters)[some]], [plain[some].astype(np.int64)])


def bits_for(most: int) -> int:
    """The bits below the point with which `most` credits of a moderator stay below 2^63: one for
    each report of a reporter, or for each other reporter that backs it."""
    return min(BITS, 62 - int(np.ceil(np.log2(trust.MODERATOR_CREDIT * max(most, 1)))))


def _hear(shard: Shard, records: Floats, base: float) -> _Heard:
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
        plain = np.flatnonzero(_settled(base + so_far))[::-1]
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
    return _Heard(trusted, anchor, share, signed, verdict + base, early, earns, lasting)


def _shares(shard: Shard, weight: Floats, trusted: Bools, proven: Bools) -> Floats:
    """x_i: what the caps leave of each report's weight."""
    old = shard.old_enough & trusted[shard.who]
    if shard.dated:
        # To contradict takes no call, and anybody can let accounts age: with those that were never
        # right, liars would take the firsts from whom they contradict.
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


def _novelty(
    desk: Desk,
    shard: Shard,
    reports: Ints,
    unwanted: Bools,
    heard: _Heard,
    overlaps: Pairs,
    reporters: int,
) -> Floats:
    known: Support = desk["support"]
    unknown = known.unknown(reports, unwanted)
    if unknown.any():

        def fair(me: Indices, other: Indices) -> Floats:
            worth = np.ones(len(me))
            hit, shared = overlaps.of(unordered(shard.ids[me], shard.ids[other], reporters))
            chance = shard.said[me[hit]] * shard.said[other[hit]] / shard.numbers
            worth[hit] = np.minimum(1.0, (1.0 + chance) / shared)
            return worth

        known = known.knowing(
            reports[unknown], unwanted[unknown], number=shard.number, who=shard.who, fair=fair
        )
        desk["support"] = known
    return known.novelty(reports, unwanted, heard.share)


def _held(shard: Shard, wrong: Ints, anchor: Floats) -> Floats:
    """How far anchored accounts stand behind the contradiction of each of these reports, beyond
    those who say the same and COLLUDERS; up to ALARM_HELD of that where it called the number
    unwanted."""
    voices = np.where(shard.stands, anchor[shard.who], 0.0)
    mass = np.bincount(shard.line, voices, minlength=int(shard.line.max(initial=0)) + 2)
    alike = mass[shard.line[wrong]] - voices[wrong]
    beyond = mass[shard.line[wrong] ^ 1] - alike - anchors.COLLUDERS
    most = np.where(shard.unwanted[wrong], ALARM_HELD, 1.0)
    return np.asarray(most * np.clip(beyond, 0.0, 1.0))


def _company(shard: Shard, anchor: Floats, anchored: float) -> tuple[Floats, Floats]:
    """met_i and due_i of the reports that others say too (scoring.company)."""
    voices = np.where(shard.stands & (shard.factor > 0.0), anchor[shard.who], 0.0)
    mass = np.bincount(shard.line, voices)
    said = shard.shared
    met = np.minimum(mass[shard.line[said]] - voices[said], 1.0)
    met[shard.truth[said] > 0] = 1.0
    share = (anchored - anchor * shard.kept) / np.maximum(shard.words - shard.kept, 1)
    return met, company.due(shard.others, share[shard.who[said]])


def _firsts(shard: Shard, heard: _Heard) -> tuple[Bools, Floats]:
    """Which reports are firsts that may anchor, and how plain their numbers are without them.

    To repeat a first takes nothing from it."""
    kept = shard.stands.copy()
    kept[shard.gone] = heard.lasting
    first = shard.alone & heard.early & (kept | kept[shard.heir])
    there = np.flatnonzero(first)
    last = shard.heir[there]
    own = heard.signed[last] * np.exp2((shard.at[there] - shard.at[last]) / KERNEL_HALF_LIFE)
    plain = np.zeros(len(first))
    plain[there] = anchors.plainness(heard.verdict[there] - own)
    return first, plain


def _backing(shard: Shard, reporters: int) -> Ints:
    return ordered(shard.ids[shard.who[shard.backed]], shard.ids[shard.backer], reporters)


def _whole(amounts: Floats, bits: int) -> Floats:
    return np.rint(amounts * 2.0**bits)


def _summed(place: Indices, amounts: Floats, count: int, bits: int) -> Ints:
    """The sums by place, in 2^-bits. Each half of the digits is summed exactly in floats."""
    whole = _whole(amounts, bits)
    high = np.floor(whole / HALF)
    low = np.bincount(place, whole - high * HALF, count).astype(np.int64)
    return low + np.bincount(place, high, count).astype(np.int64) * int(HALF)


def _left(mass: Floats, cap: Floats | float) -> Floats:
    """g(mass)/mass: the share of each weight that a cap lets through."""
    safe = np.maximum(mass, LEAST)
    left = safe / cap
    np.tanh(left, out=left)
    left *= cap
    left /= safe
    left[mass <= LEAST] = 1.0
    return np.asarray(left)


def _settled(logit: Floats) -> Bools:
    return (logit <= trust.SETTLE_LOW) | (logit >= trust.SETTLE_HIGH)


def _credit(others: Floats) -> Floats:
    """trust.credit of each of the log-odds that the others alone give."""
    p = 1.0 / (1.0 + np.exp(-others))
    low, high = trust.UNWANTED_RAMP
    up = np.clip((p - low) / (high - low), 0.0, 1.0)
    low, high = trust.LEGITIMATE_RAMP
    down = np.clip((low - p) / (low - high), 0.0, 1.0)
    return up - down
