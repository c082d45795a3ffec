"""What the trust pass does to one shard: the arithmetic of scoring.learning inside its numbers.

scoring.hearing has what a round hears in a shard, and scoring.relations what the reports of a shard
are to one another in every round.

Every function takes the shard's desk (shards.Desk), where these lie: "reports", "complaints",
"truth" and "decided" by number, from `build` on "shard" and "support", and after the last round
"verdict", "first" and "plain" of each report (`close`).

What is added up over shards is rounded to whole numbers first, of 2^-bits each: sums of whole
numbers are the same in any order. `bits` is such that nobody's sum can overflow (`bits_for`).
"""

import math
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import anchors, company, support, trust
from reputation.scoring.chains import Bools, Chains, Floats, Indices, Ints
from reputation.scoring.hearing import Heard, Shard, firsts, hear, settled
from reputation.scoring.pairs import Pairs, counted, ordered, unordered
from reputation.scoring.records import FIRSTS, FN, FP, TN, TP
from reputation.scoring.relations import (
    KERNEL_HALF_LIFE,
    days_since_complaint,
    first_words,
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
# moderator confirmed, firsts that count as tries, and numbers of which a word was taken back in
# time, by side. The last four are counts, the others in 2^-bits.
DOUBTED_FN, DOUBTED_FP, SUPPORT, MET, DUE, CONFIRMED, TRIED, BACK = range(4, 12)
EARNED: Final = BACK + 2
BITS: Final = 40
HALF: Final = 2.0**20


class Tally(NamedTuple):
    """How much each reporter said in a shard, `ids` being their places among all; and more.

    `said`: words; `about`: numbers, as legitimate and as unwanted ones, a row each; `kept`: words
    that stand.
    """

    ids: Ints
    said: Ints
    about: Ints
    kept: Ints
    numbers: int
    begin: float
    last: float
    dated: bool


class Whole(NamedTuple):
    """The tallies of all shards: `said`, `about` and `kept` by reporter."""

    said: Ints
    about: Ints
    kept: Ints
    numbers: int
    begin: float
    last: float
    dated: bool


def tally(desk: Desk) -> Tally:
    reports: Reports = desk["reports"]
    ids, who = np.unique(reports.reporter, return_inverse=True)
    return Tally(
        ids,
        np.bincount(who, minlength=len(ids)),
        _by_side(who, lines_of(reports), len(ids)),
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
    heir = heirs(reports, line, gone)
    alone = _are_firsts(desk, left_before(reports, by_side, line, gone), known)
    # Whatever became of them: else who guesses would choose afterwards which of them count.
    asked = once_each(np.flatnonzero(alone & (reports.at <= whole.last - KNOWN_BY)), heir)
    against = np.bincount(line[stands], minlength=lines) > 0
    clear = asked[~against[line[asked] ^ 1]]
    speaks = stands & (reports.factor > 0.0)
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
        about=whole.about[:, ids].sum(0),
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
    desk["support"] = Support.of(line, lines, stands)
    return ids, np.bincount(who[clear], minlength=len(ids))


def _are_firsts(desk: Desk, left: Floats, known: Bools) -> Bools:
    """Which reports call a number unwanted of which nothing was known. `left`: what is left of
    earlier voices on their side."""
    reports: Reports = desk["reports"]
    heard = reports.unwanted & (reports.factor > 0.0) & ~known
    unpublished = days_since_complaint(reports, desk["complaints"]) > UNKNOWN_AFTER
    return heard & unpublished & (left < FIRST_BELOW)


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


def lean(desk: Desk, records: Floats, base: float) -> int:
    """The sum of the probabilities around all reports, in 2^-BITS: what a closed panel's prior is
    taken from."""
    verdict = hear(desk["shard"], records, base).verdict
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
    """What these records would earn with the firsts of up to the day `until`: places in a table of
    EARNED rows and a column a reporter, one row after the other, and what to add there. Most of a
    shard's part of the table is zeros, which need not travel. `anchored`: how many of all words
    that stand are by anchored accounts."""
    shard: Shard = desk["shard"]
    heard = hear(shard, records, base)
    credit, wrong, doubted = _credits(desk, heard, overlaps, reporters)
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
    first, plain = firsts(shard, heard)
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
    earned[BACK:] = _by_side(shard.who[back], shard.line[back], count)
    asked = shard.asked[by_then[shard.asked]]
    earned[TRIED] = np.bincount(shard.who[asked], minlength=count)
    some = np.flatnonzero(earned)
    row, place = np.divmod(some, max(count, 1))
    return row * reporters + shard.ids[place], earned.ravel()[some]


def _credits(
    desk: Desk, heard: Heard, overlaps: Pairs, reporters: int
) -> tuple[Floats, Ints, Floats]:
    """The credit of each report; which of those that others settle are mistakes; and what of the
    mistakes nobody anchored stands behind."""
    shard: Shard = desk["shard"]
    credit = np.where(heard.earns, trust.MODERATOR_CREDIT * shard.truth, 0.0)
    learnt = np.flatnonzero(heard.earns & (shard.truth == 0) & settled(heard.verdict))
    credit[learnt] = _credit(heard.verdict[learnt] - heard.signed[learnt])
    learnt = learnt[credit[learnt] != 0.0]
    credit[learnt] *= _novelty(desk, learnt, credit[learnt] > 0.0, heard, overlaps, reporters)
    wrong = learnt[shard.unwanted[learnt] != (credit[learnt] > 0.0)]
    held = _held(shard, wrong, heard.anchor) if shard.dated else np.ones(len(wrong))
    doubted = np.abs(credit[wrong]) * (1.0 - held)
    credit[wrong] *= held
    return credit, wrong, doubted


@keeps
def close(desk: Desk, records: Floats, base: float) -> None:
    """Puts "verdict" and "first" on the desk, as of a round from these records, and "plain": how
    plain it is, without each first, that its number is unwanted."""
    shard: Shard = desk["shard"]
    heard = hear(shard, records, base)
    desk["verdict"] = heard.verdict
    desk["first"], desk["plain"] = firsts(shard, heard)


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


def _novelty(
    desk: Desk, reports: Ints, unwanted: Bools, heard: Heard, overlaps: Pairs, reporters: int
) -> Floats:
    shard: Shard = desk["shard"]
    known: Support = desk["support"]
    unknown = known.unknown(reports, unwanted)
    if unknown.any():

        def fair(me: Indices, other: Indices) -> Floats:
            worth = np.ones(len(me))
            hit, shared = overlaps.of(unordered(shard.ids[me], shard.ids[other], reporters))
            chance = shard.about[me[hit]] * shard.about[other[hit]] / shard.numbers
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


def _backing(shard: Shard, reporters: int) -> Ints:
    return ordered(shard.ids[shard.who[shard.backed]], shard.ids[shard.backer], reporters)


def _by_side(who: Indices, line: Indices, count: int) -> Ints:
    """Of how many numbers each of `count` reporters spoke: as legitimate and as unwanted ones."""
    there = first_words(who, line)
    side = line[there] & 1
    return np.bincount(side * count + who[there], minlength=2 * count).reshape(2, count)


def _whole(amounts: Floats, bits: int) -> Floats:
    return np.rint(amounts * 2.0**bits)


def _summed(place: Indices, amounts: Floats, count: int, bits: int) -> Ints:
    """The sums by place, in 2^-bits. Each half of the digits is summed exactly in floats."""
    whole = _whole(amounts, bits)
    high = np.floor(whole / HALF)
    low = np.bincount(place, whole - high * HALF, count).astype(np.int64)
    return low + np.bincount(place, high, count).astype(np.int64) * int(HALF)


def _credit(others: Floats) -> Floats:
    """trust.credit of each of the log-odds that the others alone give."""
    p = 1.0 / (1.0 + np.exp(-others))
    low, high = trust.UNWANTED_RAMP
    up = np.clip((p - low) / (high - low), 0.0, 1.0)
    low, high = trust.LEGITIMATE_RAMP
    down = np.clip((low - p) / (low - high), 0.0, 1.0)
    return up - down
