"""The rounds of the trust pass over arrays: the records of all reporters, learnt together.

scoring.rounds works out what lies inside one number, shard by shard; here is what all reporters
have to do with one another.

Given the records that a round starts from, each report's weight passes the caps, the number's
verdict is smoothed over time around the report and with the report left out, plain verdicts earn
soft credits, and the records move towards what they would earn.

For report i on number j with side s_i, time t_i, weight w_i (trust.weight of the reporter's record,
times provenance):

  K(a, b)   = 2^(−|t_a − t_b| / KERNEL_HALF_LIFE)
  old_i     = the account was ESTABLISHED_DAYS old, has said something twice, and is not found out:
              fewer than 1 disagreement, or ESTABLISHED_RATIO times more agreements. Verdicts may
              trust more than publishing does: they only decide who learns from whom. On the
              legitimate side it needs ESTABLISHED_AGREEMENTS, too.
  M1_i      = Σ w_m·K(i, m) over m with the same (j, s, network, old)       own report included
  x_i       = w_i·g(M1_i, c)/M1_i                       c: the network cap of the kind
  M2_i      = Σ x_m·K(i, m) over m with the same (j, s) that are not old
  x_i       = x_i·g(M2_i, c)/M2_i                       only where not old; c: NEWCOMERS_CAP by side
  M3_i      = Σ x_m over m with the same (j, s, UTC day)
  x_i       = x_i·g(M3_i, c)/M3_i                       c: DAY_CAP
  before_i  = logit(prior) + Σ ±x_m·K(i, m) over earlier m of j
  others_i  = logit(prior) + Σ ±x_m·K(i, m) over all m of j but i
  plain_i   = i or some earlier report of j had `before` past SETTLE_LOW or SETTLE_HIGH; or i says
              what a moderator had decided by then
  first_i   = Σ K(i, m) < FIRST_BELOW over earlier m with the same (j, s) that stood at t_i, and i
              says nothing that a moderator had decided; and no complaint m of j that an authority
              published before t_i has a K(i, m) ≥ FIRST_BELOW
  credit_i  = 0 if plain_i, else trust.credit(others_i) where others_i ± x_i is settled;
              ±MODERATOR_CREDIT on moderated j, with novelty_i = 1
  novelty_i = Σ x_m·min(1, (1 + e_im)/o_im) / Σ x_m over m of j that say what the verdict says,
              other reporters only, the SUPPORT_VOICES earliest of that side that stand; o_im:
              numbers on which both said the same; e_im = n_i·n_m/numbers: how many by chance, where
              each spoke of n
  held_i    = 1, but where i was wrong and j is not moderated: Σ anchor_m over m of j on the other
              side, less those over other m on i's, less anchors.COLLUDERS, 0 to 1; ALARM_HELD of
              that where i called j unwanted
  sure_r    = 1 − (numbers of which r took a word back before it was plain)/(other numbers of which
              r said the like), 0 to 1; by side, since to call numbers legitimate costs nothing, and
              each number once, as to repeat a word costs nothing either
  tp, tn    = sure_r · knows_r · Σ |credit_i|·novelty_i by side; here knows_r passes over firsts
              that anybody contradicted, so that liars do not make a guesser of r
  fn, fp    = Σ |credit_i|·novelty_i·held_i by side; what is not held adds up to DOUBTED at most
  knows_r   = (TRIES + known_r/usual)/(TRIES + firsts of r that are KNOWN_BY days old), GUESSED to
              KNOWN as 0 to 1; known_r: what scoring.anchors counts over the firsts of r, with a
              moderator's word as 1; usual: the median of (known_r − 1)/(such firsts − 1) of
              anchored accounts that have several, at least USUAL; a first that was taken back
              counts like any, and one that was repeated counts once; round n < HALVINGS counts
              firsts of up to until_n alone
  until_n   = the first report's day + the days since · 2^(n − HALVINGS)
  firsts    = sure_r (unwanted) · what scoring.anchors says, which asks for knows_r and company_r
  g(E, c)   = c·tanh(E/c); + for unwanted and − for legitimate reports in the sums

A report that was taken back has w = 0 from the start. It earns what it would have earned where the
number's truth was plain, or a moderator had decided, before that; else nothing. A first that its
reporter said again, each time as the word before went, is one as long as the last of them is there.

  record_r ← record_r + step_n·(what round n gives r − record_r),  step_n = 1/(1 + n/STEP_SHRINK)

Where no report has a time (a closed panel, such as the crowd sets) nothing fades, nothing is plain
or first, held_i = 1, the caps on networks and days fall away, both sides are old alike, weights
reach PANEL_CAP, and the prior becomes the mean verdict of the round.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from reputation.scoring import anchors, company, rounds, trust
from reputation.scoring.anchors import Links
from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.evidence import PRIOR, expit, log_odds
from reputation.scoring.records import (
    FIRSTS,
    FN,
    FP,
    TN,
    TP,
    TRUSTED_REPORTS,
    anchored,
    false_alarms,
)
from reputation.scoring.rounds import Whole
from reputation.scoring.shards import NO_COMPLAINTS, Complaints, Crew, Desk, Desks, Reports

ROUNDS: Final = 25
# Step n moves records by 1/(1 + n/8) of the way, so that numbers that take turns settle down.
STEP_SHRINK: Final = 8.0
# The first round looks at the firsts of the first 2^-HALVINGS of the time, and each further round
# at those of a span twice as long. Once moderators have stopped deciding, what they confirmed is an
# ever smaller share of their reporters' firsts. But one of the spans ends while they still decided,
# or soon after: from there on trust lasts as long as trusted reporters confirm each other's firsts.
HALVINGS: Final = 5
# Rounds end early when no sum moves by more.
CONVERGED: Final = 0.01
# Of the firsts of a reporter who was called, trusted reporters or a moderator confirm many within
# rounds.KNOWN_BY days; of a guesser's firsts they confirm hardly any. Trust rises from none at
# GUESSED to all at KNOWN, both shares of what is usual for anchored accounts. TRIES further firsts
# are counted as usual ones, since a few firsts say little.
GUESSED: Final = 0.2
KNOWN: Final = 0.35
TRIES: Final = 2.0
# At least half a trusted word for each first counts as usual. Without this bound guessers would set
# what is usual where they are half of the few anchored accounts.
USUAL: Final = 0.5
# What contradictions behind which nobody anchored stands add up to at most, in settled reports.
# Accounts are free, so liars may not blacken: a fiftieth of the weight.
DOUBTED: Final = 0.05
# The prior of a closed panel stays this far from 0 and 1.
PANEL_PRIOR: Final = 0.02

type Progress = Callable[[int, float], None]


class Records(NamedTuple):
    """What the rounds end with, by reporter.

    `records`: five rows (TP … FIRSTS) and a column a reporter. `prior`: PRIOR except in a closed
    panel. `backers`: anchors.BACKERS columns a reporter, anchors.NO_BACKER where there is none.
    `links`: whom each reporter would stand behind (anchors.Links).
    """

    records: Floats
    prior: float
    backers: Ints
    links: Links


class Learnt(NamedTuple):
    """Records, and of each report: `first`, whether it is a first that may anchor; `verdict`,
    log-odds of its number around it."""

    records: Floats
    prior: float
    backers: Ints
    links: Links
    first: Bools
    verdict: Floats


def learn(
    reports: Reports,
    truth: Ints,
    decided: Floats,
    *,
    complaints: Complaints = NO_COMPLAINTS,
    given: Floats | None = None,
) -> Learnt:
    """Records of all reporters after the rounds, and who stands behind them.

    `truth`: per number 1 (a moderator confirmed it), -1 (cleared it) or 0. `decided`: per number
    the day of that decision, inf where there is none. `complaints`: after one of them nobody is the
    first. `given`: a table like the records, of what reporters have on top of what they earn
    (trust.VOUCHED).
    """
    desk: Desk = {"reports": reports, "truth": truth, "decided": decided, "complaints": complaints}
    reporters = int(reports.reporter.max(initial=-1)) + 1
    given = np.zeros((5, reporters)) if given is None else given
    learnt = learn_records(Desks([desk]), given)
    return Learnt(*learnt, first=desk["first"], verdict=desk["verdict"])


def learn_records(crew: Crew, given: Floats, *, progress: Progress | None = None) -> Records:
    """`learn` over all shards of a crew, on whose desks lie "reports", "truth", "decided" and
    "complaints". `progress` is told each round and how far the farthest sum moved in it.

    Work that is lost in a round is repeated from the records with which the round began: they are
    kept here.
    """
    count = given.shape[1]
    view = _View(crew, count)
    records = given.copy()
    began, base = records, view.base
    for turn in range(ROUNDS):
        began = records
        until = view.until(turn)
        earned, base = view.round(began, base, until)
        change = (given + earned - began) / (1.0 + turn / STEP_SHRINK)
        records = began + change
        moved = float(np.abs(change).max(initial=0.0))
        if progress is not None:
            progress(turn + 1, moved)
        if moved < CONVERGED and until == view.whole.last:
            break
    links = view.links(began, base)
    # Who rests on others itself carries nobody: else two in one hand would be three.
    known = anchored(records)
    believed = np.where(known, anchors.strength(records[FIRSTS]), 0.0)
    backers = anchors.backers(links, believed)
    backers[known] = anchors.NO_BACKER
    return Records(records, expit(base), backers, links)


class _View:
    """All shards, and what of them stays the same from round to round."""

    def __init__(self, crew: Crew, reporters: int) -> None:
        self.crew, self.reporters = crew, reporters
        self.base = log_odds(PRIOR)
        self.whole = self._tally()
        self.bits = rounds.bits_for(max(int(self.whole.said.max(initial=0)), reporters))
        self.overlaps = crew.share(
            "overlaps", crew.merged(crew.each(rounds.overlaps, reporters), at_least=2)
        )
        self.lenient = np.zeros(reporters, np.int64)
        for ids, lenient in crew.each(rounds.build, crew.share("whole", self.whole)):
            self.lenient[ids] += lenient
        pairs = crew.each(rounds.backing_pairs, reporters)
        self.times = crew.merged(pairs, at_least=2)
        for _ in crew.each(rounds.put_means, crew.share("times", self.times), reporters):
            pass
        self.heeded = np.zeros(reporters)

    def _tally(self) -> Whole:
        said, kept = np.zeros((2, self.reporters), np.int64)
        about = np.zeros((2, self.reporters), np.int64)
        numbers, begin, last, dated = 0, np.inf, -np.inf, False
        for tally in self.crew.each(rounds.tally):
            said[tally.ids] += tally.said
            about[:, tally.ids] += tally.about
            kept[tally.ids] += tally.kept
            numbers += tally.numbers
            begin, last = min(begin, tally.begin), max(last, tally.last)
            dated = dated or tally.dated
        return Whole(said, about, kept, numbers, begin, last, dated)

    def until(self, turn: int) -> float:
        """The day up to which this round looks at firsts."""
        begin, last = self.whole.begin, self.whole.last
        return last if turn >= HALVINGS else begin + (last - begin) * 2.0 ** (turn - HALVINGS)

    def round(self, records: Floats, base: float, until: float) -> tuple[Floats, float]:
        """What these records would earn with the firsts of up to the day `until`, as a table like
        them, and the prior's log-odds."""
        crew, whole = self.crew, self.whole
        shared = crew.share("records", records)
        if not whole.dated:
            total = sum(crew.each(rounds.lean, shared, base)) / 2.0**rounds.BITS
            mean = total / max(int(whole.said.sum()), 1)
            base = log_odds(min(max(mean, PANEL_PRIOR), 1.0 - PANEL_PRIOR))
        sums = np.zeros((rounds.EARNED, self.reporters), np.int64)
        anchor = self._anchor(records)
        # Not `anchor @ whole.kept`: the threads of BLAS would wait busily long after, and its sum
        # depends on how many there are.
        kept = float(np.sum(anchor * whole.kept))
        given = self.overlaps, self.reporters, self.bits, until, kept
        for places, earned in crew.each(rounds.earn, shared, base, *given):
            sums.reshape(-1)[places] += earned
        return self._earned(sums, anchor), base

    def _anchor(self, records: Floats) -> Floats:
        trusted = (self.whole.kept >= TRUSTED_REPORTS) & ~false_alarms(records)
        return np.where(trusted, anchors.strength(records[FIRSTS]), 0.0)

    def _earned(self, sums: Ints, anchor: Floats) -> Floats:
        scale = 2.0**-self.bits
        earned = np.zeros((FIRSTS + 1, self.reporters))
        earned[:FIRSTS] = sums[:FIRSTS] * scale
        for row, doubted in ((FN, rounds.DOUBTED_FN), (FP, rounds.DOUBTED_FP)):
            earned[row] += np.minimum(sums[doubted] * scale, DOUBTED)
        confirmed, support = sums[rounds.CONFIRMED], sums[rounds.SUPPORT] * scale
        self.heeded = _knows(confirmed + support, anchor, sums[rounds.TRIED])
        self.heeded *= company.believed(sums[rounds.MET] * scale, sums[rounds.DUE] * scale)
        earned[FIRSTS] = self.heeded * (trust.MODERATOR_CREDIT * confirmed + support)
        if self.whole.dated:
            back = sums[rounds.BACK :]
            sure = np.clip(1.0 - back / np.maximum(self.whole.about - back, 1.0), 0.0, 1.0)
            earned[[TN, TP]] *= sure * _knows(confirmed + support, anchor, self.lenient)
            earned[FIRSTS] *= sure[1]
        return earned

    def links(self, records: Floats, base: float) -> Links:
        """Who stands behind whom, as of the round that began with these records and this prior."""
        for _ in self.crew.each(rounds.close, self.crew.share("records", records), base):
            pass
        pairs = self.crew.merged(self.crew.each(rounds.standing, self.reporters, self.bits))
        backed, backer = np.divmod(pairs.keys, max(self.reporters, 1))
        share = pairs.counts * 2.0**-self.bits
        often, times = self.times.of(pairs.keys)
        share[often] /= times
        return Links(backed, backer, share * self.heeded[backed])


def _knows(known: Floats, anchor: Floats, tried: Ints) -> Floats:
    """How far trusted reporters confirm the firsts of each reporter: 0 for a guesser.

    `known`: trust from outside in its firsts; `tried`: its firsts that count as tries.
    """
    share = (TRIES + known / _usual(known, anchor, tried)) / (TRIES + tried)
    return np.clip((share - GUESSED) / (KNOWN - GUESSED), 0.0, 1.0)


def _usual(known: Floats, anchor: Floats, tried: Ints) -> float:
    """The trust that a first of an anchored account finds: the median over these accounts. One
    first of each is left out: where few accounts are anchored, a moderator chanced upon it."""
    those = (anchor > 0.0) & (tried > 1)
    found = (known[those] - 1.0) / (tried[those] - 1.0)
    return max(USUAL, float(np.median(found))) if len(found) else USUAL
