"""The rounds of the trust pass over arrays: the records of all reporters, learnt together.

Given the records that a round starts from, each report's weight passes the caps, the number's
verdict is smoothed over time around the report and with the report left out, plain verdicts earn
soft credits, and the records move towards what they would earn.

For report i on number j with side s_i, time t_i, weight w_i (trust.weight of the reporter's record,
times provenance):

  K(a, b)   = 2^(−|t_a − t_b| / KERNEL_HALF_LIFE)
  old_i     = the account was ESTABLISHED_DAYS old, has said something twice, and is not found out:
              fewer than 1 disagreement, or ESTABLISHED_RATIO times more agreements. Verdicts may
              trust more than publishing does: they only decide who learns from whom.
  M1_i      = Σ w_m·K(i, m) over m with the same (j, s, network, old)       own report included
  x_i       = w_i·g(M1_i, c)/M1_i                       c: the network cap of the kind
  M2_i      = Σ x_m·K(i, m) over m with the same (j, s) that are not old
  x_i       = x_i·g(M2_i, c)/M2_i                       only where not old; c: NEWCOMERS_CAP by side
  M3_i      = Σ x_m over m with the same (j, s, UTC day)
  x_i       = x_i·g(M3_i, c)/M3_i                       c: DAY_CAP
  before_i  = logit(prior) + Σ ±x_m·K(i, m) over earlier m of j
  others_i  = logit(prior) + Σ ±x_m·K(i, m) over all m of j but i
  plain_i   = i or some earlier report of j had `before` past SETTLE_LOW or SETTLE_HIGH
  first_i   = Σ K(i, m) < FIRST_BELOW over earlier m with the same (j, s) that stood at t_i
  credit_i  = 0 if plain_i, else trust.credit(others_i) where others_i ± x_i is settled;
              ±MODERATOR_CREDIT on moderated j, with novelty_i = 1
  novelty_i = Σ x_m·min(1, (1 + e_im)/o_im) / Σ x_m over m of j that say what the verdict says,
              other reporters only, the SUPPORT_VOICES earliest of that side; o_im: numbers on which
              both said the same; e_im = n_i·n_m/numbers: how many by chance
  held_i    = 1, but where i was wrong and j is not moderated: Σ anchor_m over m of j on the other
              side, less those over other m on i's, less anchors.COLLUDERS, 0 to 1
  sure_r    = 1 − (what r took back before it was plain)/(what r said otherwise), 0 to 1
  tp, tn    = sure_r · knows_r · Σ |credit_i|·novelty_i by side; here knows_r passes over firsts
              that anybody contradicted, so that liars do not make a guesser of r
  fn, fp    = Σ |credit_i|·novelty_i·held_i by side; what is not held adds up to DOUBTED at most
  knows_r   = (TRIES + known_r/usual)/(TRIES + firsts of r that are KNOWN_BY days old), GUESSED to
              KNOWN as 0 to 1; known_r: what scoring.anchors counts over the firsts of r, with a
              moderator's word as 1; usual: the median of known_r/(such firsts) of anchored
              accounts, at least USUAL
  firsts    = sure_r · what scoring.anchors says, which asks for knows_r
  g(E, c)   = c·tanh(E/c); + for unwanted and − for legitimate reports in the sums

A report that was taken back has w = 0 from the start. It earns what it would have earned where the
number's truth was plain, or a moderator had decided, before that; else nothing.

  record_r ← record_r + step_n·(what round n gives r − record_r),  step_n = 1/(1 + n/STEP_SHRINK)

Where no report has a time (a closed panel, such as the crowd sets) nothing fades, nothing is plain
or first, held_i = 1, the caps on networks and days fall away, weights reach PANEL_CAP, and the
prior becomes the mean verdict of the round.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import anchors, trust
from reputation.scoring.anchors import Anchors, Links
from reputation.scoring.chains import Bools, Chains, Floats, Ints
from reputation.scoring.evidence import (
    DAY_CAP,
    NETWORK_ESTABLISHED_CAP,
    NETWORK_NEWCOMERS_CAP,
    NEWCOMERS_CAP,
    NEWCOMERS_LEGITIMATE_CAP,
    PRIOR,
    expit,
    log_odds,
)

ROUNDS: Final = 25
# Step n moves records by 1/(1 + n/8) of the way, so that numbers that take turns settle down.
STEP_SHRINK: Final = 8.0
# Rounds end early when no sum moves by more.
CONVERGED: Final = 0.01
# Of a number and side, as many reports take part in the search for mutual support: the earliest.
SUPPORT_VOICES: Final = 40
# Two-sided smoothing of a number's verdict around each report: numbers change hands within months.
KERNEL_HALF_LIFE: Final = 60.0
# A report is a first when less than this is left of earlier voices on its side. Each counts 1,
# whatever its reporter is worth: whoever echoes a discredited voice was not first either.
FIRST_BELOW: Final = 0.15
# Days after which those who are trusted, or a moderator, would have said what a first said. The
# firsts of who was called find so many of them, those of who guesses hardly any: shares of what is
# usual for anchored accounts from which, and up to which, trust rises from none to all. TRIES as
# usual are taken for granted, since a few firsts say little.
KNOWN_BY: Final = 10.0
GUESSED: Final = 0.2
KNOWN: Final = 0.35
TRIES: Final = 2.0
# What is usual is at least one such word a first: the median of honest anchored accounts is 1 to 4
# in services of every size and make. Without this bound guessers would set what is usual where they
# are half of the few anchored accounts; and where nobody is anchored, many firsts prove nothing.
USUAL: Final = 1.0
# What contradictions behind which nobody anchored stands add up to at most, in settled reports.
# Accounts are free, so liars may not blacken: a fiftieth of the weight.
DOUBTED: Final = 0.05
# A reporter with a single report has no record to speak of.
TRUSTED_REPORTS: Final = 2
# The prior of a closed panel stays this far from 0 and 1.
PANEL_PRIOR: Final = 0.02

# The rows of a table of records, in the order of trust.Record's fields.
TP, FN, TN, FP, FIRSTS = range(5)


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports as columns, in time order, one that stands per reporter and number.

    `reporter`, `number`: from 0 without gaps. `network`: any numbers, with clusters put in place of
    their members' networks. `at`: days. `day`: whole UTC days, -1 where the time is not known.
    `old_enough`: the account's age allowed it to be established. `factor`: trust.provenance.
    `gone`: the day on which the report was taken back or replaced, inf where it stands. `stopped`:
    it went because the calls had stopped, so it was not wrong.
    """

    reporter: Ints
    number: Ints
    network: Ints
    unwanted: Bools
    at: Floats
    day: Ints
    old_enough: Bools
    factor: Floats
    gone: Floats
    stopped: Bools

    def __len__(self) -> int:
        return len(self.reporter)


class Learnt(NamedTuple):
    """What the rounds end with.

    `records`: five rows (TP … FIRSTS) and a column a reporter. `prior`: PRIOR except in a closed
    panel. `backers`: anchors.BACKERS columns a reporter, anchors.NO_BACKER where there is none.
    `first`: of each report, whether it is a first that may anchor. `verdict`: log-odds of its
    number around each report. `links`: whom each reporter would stand behind (anchors.Links).
    """

    records: Floats
    prior: float
    backers: Ints
    first: Bools
    verdict: Floats
    links: Links


def learn(
    reports: Reports,
    truth: Ints,
    *,
    decided: Floats | None = None,
    given: Floats | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Learnt:
    """Records of all reporters after the rounds, and who stands behind them.

    `truth`: per number 1 (a moderator confirmed it), -1 (cleared it) or 0. `decided`: per number
    the day of that decision, by default after all reports. `given`: a table like the records, of
    what reporters have on top of what they earn (trust.VOUCHED). `progress` is told each round and
    how far the farthest sum moved in it.
    """
    if not len(reports):
        nobody = np.zeros((0, anchors.BACKERS), np.int64)
        none = np.zeros(0)
        links = Links(nobody[:, 0], nobody[:, 0], none)
        return Learnt(np.zeros((5, 0)), PRIOR, nobody, none > 0.0, none, links)
    count = int(reports.reporter.max()) + 1
    said = np.bincount(reports.reporter, np.isinf(reports.gone), minlength=count)
    given = np.zeros((5, count)) if given is None else given
    records = given.copy()
    view = _View(reports, truth, decided)
    for turn in range(ROUNDS):
        trusted = (said >= TRUSTED_REPORTS) & ~found_out(records)
        change = (given + view.credits(records, trusted) - records) / (1.0 + turn / STEP_SHRINK)
        records += change
        moved = float(np.abs(change).max(initial=0.0))
        if progress is not None:
            progress(turn + 1, moved)
        if moved < CONVERGED:
            break
    return Learnt(
        records,
        expit(view.base),
        view.backers(records),
        view.first,
        view.verdict,
        view.anchors.links(view.plain),
    )


def found_out(records: Floats) -> Bools:
    """trust.is_found_out of each column of records."""
    agreed, disagreed = records[TP] + records[TN], records[FN] + records[FP]
    return np.asarray((disagreed >= 1.0) & (agreed < trust.ESTABLISHED_RATIO * disagreed))


def anchored(records: Floats) -> Bools:
    """trust.is_anchored of each column of records."""
    return np.asarray((records[FIRSTS] >= trust.ANCHORED_FIRSTS) & ~found_out(records))


def weights(records: Floats, *, cap: float | None = None) -> tuple[Floats, Floats]:
    """trust.weight of each column of records: of a legitimate and of an unwanted report."""
    tp, fn, tn, fp, _ = records
    sens_total = trust.SENSITIVITY_TOTAL + tp + fn
    spec_total = trust.SPECIFICITY_TOTAL + tn + fp
    sens = (trust.SENSITIVITY_HITS + tp) / sens_total
    spec = (trust.SPECIFICITY_HITS + tn) / spec_total
    false_alarms = 1.0 - spec + trust.DOUBT * np.sqrt(spec * (1.0 - spec) / (spec_total + 1.0))
    misses = 1.0 - sens + trust.DOUBT * np.sqrt(sens * (1.0 - sens) / (sens_total + 1.0))
    unwanted = np.clip(np.log(sens / false_alarms), 0.0, cap or trust.UNWANTED_CAP)
    legitimate = np.clip(np.log(spec / misses), 0.0, cap or trust.LEGITIMATE_CAP)
    return legitimate, unwanted


class _View:
    """Everything about the reports that stays the same from round to round."""

    def __init__(self, reports: Reports, truth: Ints, decided: Floats | None) -> None:
        side = reports.number * 2 + reports.unwanted
        self.reports = reports
        self.stands = np.isinf(reports.gone)
        self.gone = np.flatnonzero(~self.stands)
        self.kept = np.bincount(reports.reporter, self.stands)
        number = reports.number[self.gone]
        moment = np.full(len(self.gone), np.inf) if decided is None else decided[number]
        self.decided_before = moment < reports.gone[self.gone]
        self.recanted = ~reports.stopped[self.gone] & ~_said_again(reports, side, self.gone)
        self.truth = truth[reports.number] if len(truth) else np.zeros(len(reports), np.int64)
        self.moderated = self.truth != 0
        self.heard = reports.factor > 0.0
        against = np.bincount(side[self.stands], minlength=2 * int(reports.number.max()) + 2) > 0
        self.contradicted = against[side ^ 1]
        self.by_network = _chains(_pair(side, reports.network), reports)
        self.by_side = _chains(side, reports)
        order = np.argsort(side, kind="stable")
        self.by_number = _chains(reports.number, reports)
        self.dated = bool((reports.day >= 0).any())
        _, self.day = np.unique(_pair(side, reports.day), return_inverse=True)
        self.undated = reports.day < 0
        self.side = side
        self.support = _Support(reports, side, order)
        self.base = log_odds(PRIOR)
        self.plain = self.verdict = np.zeros(len(reports))
        self.first = self.plain > 0.0
        self.alone = (self._before() < FIRST_BELOW) & reports.unwanted & self.heard
        candidates = self.alone & self.stands
        self.asked = candidates & (reports.at <= reports.at[-1] - KNOWN_BY)
        self.anchors = Anchors(
            reporter=reports.reporter,
            network=reports.network,
            at=reports.at,
            line=side,
            order=order,
            first=self.alone,
            backs=self.heard & self.stands,
            moderated=self.moderated,
        )

    def _before(self) -> Floats:
        """What is left at each report of earlier ones on its side that stood then, each as 1."""
        reports, gone = self.reports, self.gone
        left = self.by_side.forward(np.ones(len(reports))) - 1.0
        if not len(gone):
            return left
        # From the day on which a report was taken back, what was left of it is subtracted again.
        at = np.r_[reports.at, reports.gone[gone]]
        fade = np.exp2((reports.at[gone] - reports.gone[gone]) / KERNEL_HALF_LIFE)
        amount = np.r_[np.zeros(len(reports)), fade]
        order = np.argsort(at, kind="stable")
        ended = np.empty(len(at))
        chains = Chains(np.r_[self.side, self.side[gone]][order], at[order], KERNEL_HALF_LIFE)
        ended[order] = chains.forward(amount[order])
        # A report's own end lies after it, so it never counts against itself.
        return np.asarray(left - ended[: len(reports)])

    def backers(self, records: Floats) -> Ints:
        """Who stands behind each reporter that is not anchored; see scoring.anchors."""
        believed = np.where(found_out(records), 0.0, anchors.strength(records[FIRSTS]))
        found = self.anchors.backers(self.plain, believed)
        found[anchored(records)] = anchors.NO_BACKER
        return found

    def shares(self, weight: Floats, trusted: Bools) -> Floats:
        """x_i: what the caps leave of each report's weight."""
        reports = self.reports
        old = reports.old_enough & trusted[reports.reporter]
        share = weight
        if self.dated:
            mass = np.where(
                old,
                self.by_network.smoothed(np.where(old, weight, 0.0)),
                self.by_network.smoothed(np.where(old, 0.0, weight)),
            )
            cap = np.where(old, NETWORK_ESTABLISHED_CAP, NETWORK_NEWCOMERS_CAP)
            share = weight * _left(mass, cap)
        mass = self.by_side.smoothed(np.where(old, 0.0, share))
        new = np.flatnonzero(~old)
        cap = np.where(reports.unwanted[new], NEWCOMERS_CAP, NEWCOMERS_LEGITIMATE_CAP)
        share = share.copy()
        share[new] *= _left(mass[new], cap)
        per_day = np.bincount(self.day, share)
        left = _left(per_day, np.full(len(per_day), DAY_CAP))[self.day]
        return np.where(self.undated, share, share * left)

    def credits(self, records: Floats, trusted: Bools) -> Floats:
        """What these records would earn, as a table like them."""
        reports, unwanted, who = self.reports, self.reports.unwanted, self.reports.reporter
        cap = None if self.dated else trust.PANEL_CAP
        legitimate_weight, unwanted_weight = weights(records, cap=cap)
        weight = reports.factor * np.where(
            unwanted, unwanted_weight[reports.reporter], legitimate_weight[reports.reporter]
        )
        share = self.shares(np.where(self.stands, weight, 0.0), trusted)
        signed = np.where(unwanted, share, -share)
        so_far, verdict = self.by_number.both(signed)
        earns = weight > 0.0
        if self.dated:
            plain = _settled(self.base + so_far)
            earns &= ~self.by_number.ever_before(plain)
            lasting = self._lasting(plain)
            earns[self.gone] &= lasting
            sure = self._sure(lasting)
        else:
            mean = float((1.0 / (1.0 + np.exp(-self.base - verdict))).mean())
            self.base = log_odds(min(max(mean, PANEL_PRIOR), 1.0 - PANEL_PRIOR))
        verdict += self.base
        credit = np.where(earns, trust.MODERATOR_CREDIT * self.truth, 0.0)
        learnt = np.flatnonzero(earns & ~self.moderated & _settled(verdict))
        credit[learnt] = _credit(verdict[learnt] - signed[learnt])
        learnt = learnt[credit[learnt] != 0.0]
        credit[learnt] *= self.support.novelty(learnt, credit[learnt] > 0.0, share)
        anchor = np.where(trusted, anchors.strength(records[FIRSTS]), 0.0)
        wrong = learnt[unwanted[learnt] != (credit[learnt] > 0.0)]
        held = self._held(wrong, anchor) if self.dated else np.ones(len(wrong))
        doubted = np.abs(credit[wrong]) * (1.0 - held)
        credit[wrong] *= held

        count = records.shape[1]
        sums = np.zeros_like(records)
        paid = np.flatnonzero(credit)
        bad, said = credit[paid] > 0.0, unwanted[paid]
        row = np.where(bad, np.where(said, TP, FN), np.where(said, FP, TN))
        amounts = np.bincount(row * count + who[paid], np.abs(credit[paid]), FIRSTS * count)
        sums[:FIRSTS] = amounts.reshape(FIRSTS, count)
        for place, side in ((FN, ~unwanted[wrong]), (FP, unwanted[wrong])):
            extra = np.bincount(who[wrong[side]], doubted[side], count)
            sums[place] += np.minimum(extra, DOUBTED)
        self.verdict = verdict
        self.first = self.alone & earns
        first = np.flatnonzero(self.first)
        plain_first, confirmed = np.zeros((2, len(reports)))
        plain_first[first] = anchors.plainness(verdict[first] - signed[first])
        confirmed[first] = self.truth[first] > 0
        decided = np.bincount(who, confirmed, count)
        support = self.anchors.support(plain_first, anchor)
        knows = self._knows(decided + support, anchor, self.asked)
        self.plain = plain_first * knows[who]
        sums[FIRSTS] = knows * (trust.MODERATOR_CREDIT * decided + support)
        if self.dated:
            lenient = self._knows(decided + support, anchor, self.asked & ~self.contradicted)
            sums[[TP, TN]] *= sure * lenient
            sums[FIRSTS] *= sure
        return sums

    def _lasting(self, plain: Bools) -> Bools:
        """Of the reports that are gone, whether their number's truth was plain, or a moderator had
        decided, before they were taken back."""
        reports, gone = self.reports, self.gone
        if not len(gone):
            return self.decided_before
        since = np.full(int(reports.number.max()) + 1, np.inf)
        there = np.flatnonzero(plain)[::-1]  # the earliest is written last
        since[reports.number[there]] = reports.at[there]
        return self.decided_before | (since[reports.number[gone]] < reports.gone[gone])

    def _sure(self, lasting: Bools) -> Floats:
        """By reporter, 1 less the share of words taken back in time among the others: whoever says
        much and keeps what turns out right knew nothing."""
        who, count = self.reports.reporter[self.gone], len(self.kept)
        back = np.bincount(who, self.recanted & ~lasting, minlength=count)
        other = self.kept + np.bincount(who, ~(self.recanted & ~lasting), minlength=count)
        return np.clip(1.0 - back / np.maximum(other, 1.0), 0.0, 1.0)

    def _knows(self, known: Floats, anchor: Floats, asked: Bools) -> Floats:
        """By reporter, how far those who are trusted say the same where it was first: 0 for who
        guesses. `known`: trust from outside in its firsts; `asked`: firsts that count as tries."""
        tried = np.bincount(self.reports.reporter, asked, minlength=len(known))
        those = (anchor > 0.0) & (tried > 0)
        found = np.maximum(known[those] / tried[those], USUAL)
        usual = float(np.median(found)) if len(found) else USUAL
        share = (TRIES + known / usual) / (TRIES + tried)
        return np.clip((share - GUESSED) / (KNOWN - GUESSED), 0.0, 1.0)

    def _held(self, wrong: Ints, anchor: Floats) -> Floats:
        """How far anchored accounts stand behind the contradiction of each of these reports, beyond
        those who say the same."""
        voices = np.where(self.stands, anchor[self.reports.reporter], 0.0)
        mass = np.bincount(self.side, voices, minlength=int(self.side.max()) + 2)
        alike = mass[self.side[wrong]] - voices[wrong]
        return anchors.strength(mass[self.side[wrong] ^ 1] - alike)


def _said_again(reports: Reports, side: Ints, gone: Ints) -> Bools:
    """Of the reports that are gone, whether the same reporter said the same at that moment."""
    word = _pair(reports.reporter, side)
    alike = np.flatnonzero(np.isin(word, word[gone]))
    said = set(zip(word[alike].tolist(), reports.at[alike].tolist(), strict=True))
    pairs = zip(word[gone].tolist(), reports.gone[gone].tolist(), strict=True)
    return np.array([pair in said for pair in pairs], np.bool_)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some reports and, from `start` on, who supports each and what that is worth."""

    report: Ints
    unwanted: Bools
    start: Ints
    supporter: Ints
    fair: Floats


class _Support:
    """Who agrees with whom, and how often the same two do.

    The support that one reporter gives another counts min(1, (1 + e)/o) on each of the o numbers on
    which both said the same, where e = n_a·n_b / (all numbers) is how many they would share by
    chance, with n_a and n_b reports: a group that only ever confirms itself earns, over all its
    numbers, about one agreement each.
    """

    def __init__(self, reports: Reports, side: Ints, order: Ints) -> None:
        self.reporter = reports.reporter
        self.number = reports.number
        self.reporters = int(reports.reporter.max()) + 1 if len(reports) else 0
        place = _place(side[order])
        self.early = order[place < SUPPORT_VOICES]  # by line, in time order
        line = side[self.early]
        self.starts = np.searchsorted(line, np.arange(2 * (int(self.number.max(initial=-1)) + 1)))
        self.ends = np.r_[self.starts[1:], len(line)]
        self.pairs, self.overlap = self._overlaps(line)
        self.said = np.bincount(reports.reporter, minlength=self.reporters)
        self.numbers = len(np.unique(reports.number))
        self.known = np.zeros(len(reports), np.int8)  # 1: as legitimate, 2: as unwanted, 3: both
        self.parts: list[_Part] = []

    def _overlaps(self, line: Ints) -> tuple[Ints, Ints]:
        """Pairs of reporters who said the same on two numbers or more, and on how many."""
        who = self.reporter[self.early]
        found = []
        for gap in range(1, SUPPORT_VOICES):
            same = line[gap:] == line[:-gap]
            if not same.any():
                break
            found.append(self._pair(who[gap:][same], who[:-gap][same]))
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        pairs, counts = np.unique(np.concatenate(found), return_counts=True)
        return pairs[counts > 1], counts[counts > 1]

    def _pair(self, one: Ints, other: Ints) -> Ints:
        return np.minimum(one, other) * self.reporters + np.maximum(one, other)

    def novelty(self, reports: Ints, unwanted: Bools, share: Floats) -> Floats:
        """Mean worth of those who say that a report's number is (un)wanted, by their share."""
        new = (self.known[reports] & np.where(unwanted, 2, 1)) == 0
        if new.any():
            self._know(reports[new], unwanted[new])
        total, fair = np.zeros((2, 2, len(share)))
        for part in self.parts:
            amounts = share[part.supporter]
            place = (part.unwanted.astype(np.int64), part.report)
            total[place] = _segments(amounts, part.start)
            fair[place] = _segments(amounts * part.fair, part.start)
        place = (unwanted.astype(np.int64), reports)
        return np.asarray(fair[place] / np.maximum(total[place], 1e-300))

    def _know(self, reports: Ints, unwanted: Bools) -> None:
        """Finds the supporters of reports that nobody asked about before."""
        self.known[reports] |= np.where(unwanted, 2, 1).astype(np.int8)
        line = self.number[reports] * 2 + unwanted
        size = self.ends[line] - self.starts[line]
        within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        supporter = self.early[np.repeat(self.starts[line], size) + within]
        me, other = np.repeat(self.reporter[reports], size), self.reporter[supporter]
        place = np.searchsorted(self.pairs, self._pair(me, other))
        hit = np.zeros(len(place), np.bool_)
        inside = place < len(self.pairs)
        hit[inside] = self.pairs[place[inside]] == self._pair(me, other)[inside]
        fair = np.ones(len(place))
        shared = self.overlap[place[hit]]
        chance = self.said[me[hit]] * self.said[other[hit]] / self.numbers
        fair[hit] = np.minimum(1.0, (1.0 + chance) / shared)
        keep = me != other
        owner = np.repeat(np.arange(len(size)), size)
        kept = np.bincount(owner[keep], minlength=len(size))
        some = kept > 0
        starts = np.cumsum(kept[some]) - kept[some]
        self.parts.append(
            _Part(
                report=reports[some],
                unwanted=unwanted[some],
                start=starts,
                supporter=supporter[keep],
                fair=fair[keep],
            )
        )


def _chains(key: Ints, reports: Reports) -> Chains:
    return Chains(key, reports.at, KERNEL_HALF_LIFE)


def _pair(one: Ints, other: Ints) -> Ints:
    """One number for each two, the same for the same two."""
    low = int(other.min(initial=0))
    width = int(other.max(initial=0)) - low + 1
    return one * width + (other - low)


def _place(ordered: Ints) -> Ints:
    """Of sorted keys, each one's place among its equals, from 0."""
    if not len(ordered):
        return ordered
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    return np.arange(len(ordered)) - np.repeat(starts, sizes)


def _segments(amounts: Floats, start: Ints) -> Floats:
    return np.add.reduceat(amounts, start) if len(start) else np.zeros(0)


def _left(mass: Floats, cap: Floats) -> Floats:
    """g(mass)/mass: the share of each weight that a cap lets through."""
    safe = np.maximum(mass, 1e-12)
    return np.where(mass > 1e-12, cap * np.tanh(safe / cap) / safe, 1.0)


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
