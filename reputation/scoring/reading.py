"""Judges and explains a thousand numbers at once, for bulk lookups.

`read_many` returns what `policy.judge` and `reasons.explain` return, at a tenth of the cost: the
arithmetic runs over whole columns, and sentences are found by their figures. It leaves out numbers
that a campaign links, and questions about one call's attestation. numpy's exponentials differ from
the C library's in the last bit, so where a figure lies that close to a rounding boundary, the plain
functions decide. A property test holds `read_many` to them, to the last digit and word.
"""

import math
from typing import NamedTuple

import numpy as np

from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.evidence import Evidence
from reputation.scoring.judging import (
    ACTIONS,
    STATUSES,
    Decided,
    Figures,
    Judged,
    expit,
    judge_many,
    needs_of,
)
from reputation.scoring.policy import Action, Standing, judge
from reputation.scoring.reasons import (
    PINNED,
    added_up,
    aged,
    before_any_report,
    ceiling,
    explain,
    immune_until,
    imported,
    nothing_counts,
    raises,
    reported_by,
    supported_by,
    withheld_by,
)
from reputation.scoring.rounding import LARGE, near_to, percents, rounded, times_of
from reputation.scoring.sentences import Code, Reason, in_english
from reputation.scoring.telling import WIDE, Sentences

# Action, status, score, confidence and reasons of one row.
type Told = tuple[str, str, int, float, list[str]]


class Readings(NamedTuple):
    """The told part of judgements, and why, each in the order of the rows. `action` and `status`:
    places in ACTIONS and STATUSES; `share`: the confidence in percent."""

    action: Ints
    status: Ints
    score: Ints
    share: Ints
    reasons: Sentences

    def told(self, place: int) -> Told:
        action, status, score, share = (column[place].item() for column in self[:4])
        return ACTIONS[action], STATUSES[status], score, share / 100.0, self.reasons[place]

    def put(self, place: int, told: Told) -> None:
        action, status, score, confidence, reasons = told
        self.action[place], self.status[place] = ACTIONS.index(action), STATUSES.index(status)
        self.score[place], self.share[place] = score, round(100.0 * confidence)
        self.reasons[place] = reasons


def read_many(now: float, of: Figures, decided: Decided | None = None) -> Readings:
    """`judge` and `explain` at `now` (days) of each row. Without `decided`, no moderator decided
    anything about them."""
    by = Decided.nobody(len(of.prior)) if decided is None else decided
    judged = judge_many(now, of, by)
    sentences = Sentences(len(of.prior))
    _tell_decisions(sentences, by, now)
    doubt = judged.doubt | _tell_evidence(sentences, of, judged)
    sentences.each((judged.action == 1) & ~judged.is_open, needs_of, judged.gates)
    counted = of.established + of.newcomers + of.supporters
    for place in np.flatnonzero(judged.unknown).tolist():
        reasons = nothing_counts(counted[place].item(), of.imported[place].item())
        sentences.add(place, list(map(in_english, reasons)))
    readings = Readings(judged.action, judged.status, judged.score, judged.share, sentences)
    doubtful = np.flatnonzero(doubt).tolist()
    standings = by.standings(doubtful, of.promoted)
    for place, standing, figures in zip(doubtful, standings, of.rows(doubtful), strict=True):
        _read_plainly(place, now, figures, standing, readings)
    return readings


def _tell_decisions(sentences: Sentences, by: Decided, now: float) -> None:
    """The reasons of reasons.decisions that are not about one call."""

    def say(where: Bools, code: Code) -> None:
        sentences.open(where, lambda _: code.one)

    for place, action in enumerate(ACTIONS):
        say(by.pinned == place, PINNED[Action(action)])
    say(by.never_calls, Code.NEVER_CALLS)
    say(by.official & ~by.never_calls, Code.OFFICIAL)
    say(by.moderated > 0, Code.CONFIRMED)
    say(by.moderated < 0, Code.CLEARED)
    say(by.holder_verified, Code.HOLDER_VERIFIED)
    immune = (now < by.immune_until) & (by.moderated <= 0)
    sentences.open(
        immune, lambda place: in_english(immune_until(math.floor(by.immune_until[place])))
    )
    say(by.disputed, Code.DISPUTED)
    say(by.spoofed, Code.SPOOFED)
    say(by.reassigned, Code.REASSIGNED)


def _tell_evidence(sentences: Sentences, of: Figures, judged: Judged) -> Bools:
    """Tells what the evidence says of rows that are not unknown; returns where there is doubt."""
    known, unwanted, against = ~judged.unknown, judged.unwanted, judged.against
    counted = of.established + of.newcomers
    told = known & ((counted > 0) | (of.supporters > 0) | (of.imported > 0))
    priors = _distinct(of.prior)
    sentences.each_of(told, _before, *priors)
    doubt: Bools = (of.established | of.newcomers | of.networks) >= WIDE
    reported = known & (counted > 0)
    sentences.each(reported, reported_by, of.established, of.newcomers, of.networks)
    sentences.each(known & (of.imported > 0), imported, of.imported)

    gathered = known & (of.gathered > 0.0)
    times, unsure = times_of(unwanted)
    doubt |= gathered & unsure
    sentences.each(gathered, _raises, times)
    with np.errstate(over="ignore"):
        left = unwanted / np.where(gathered, of.gathered, 1.0)
    taken = np.maximum(-1.0, 1.0 - left)
    percent, unsure = rounded(100.0 * taken)
    doubt |= gathered & (unsure | near_to(taken, 0.01))
    sentences.each(gathered & (taken >= 0.01), aged, percent)

    supported = known & (of.supporters > 0)
    times, unsure = times_of(against)
    doubt |= supported & unsure
    sentences.each(supported, _supported, of.supporters, times)

    summed = gathered | supported
    before, unsure = percents(expit(judged.raw))
    after, unsure_too = percents(judged.published)
    doubt |= summed & (unsure | unsure_too)
    sentences.each(summed, added_up, before, after)

    withheld = known & (of.saturated >= 0.01)
    hundredths, unsure = rounded(100.0 * np.minimum(of.saturated, LARGE))
    doubt |= withheld & (unsure | (of.saturated >= LARGE))
    sentences.each(withheld, _withheld, hundredths)
    alone = known & (of.newcomers > 0) & (of.established == 0) & (of.imported == 0)
    sentences.each_of(alone, _ceiling, *priors)
    return doubt


def _distinct(values: Floats) -> tuple[Floats, Ints]:
    """Each value once, and the place of each among them."""
    if (values == values[0]).all():  # nearly always, and to sort takes longer
        return values[:1], np.zeros(len(values), np.int64)
    return np.unique(values, return_inverse=True)


def _read_plainly(
    place: int,
    now: float,
    figures: tuple[float, bool, Evidence],
    standing: Standing,
    readings: Readings,
) -> None:
    prior, _, evidence = figures
    judgement = judge(evidence, standing, now, prior=prior)
    reasons = list(map(in_english, explain(evidence, standing, judgement, now)))
    action, status = judgement.action.value, judgement.status.value
    readings.put(place, (action, status, judgement.score, judgement.confidence, reasons))


def _raises(tenths: int) -> Reason:
    return raises(tenths / 10.0)


def _supported(supporters: int, tenths: int) -> Reason:
    return supported_by(supporters, tenths / 10.0)


def _withheld(hundredths: int) -> Reason:
    return withheld_by(hundredths / 100.0)


def _before(prior: float) -> str:
    return in_english(before_any_report(prior))


def _ceiling(prior: float) -> str:
    return in_english(ceiling(prior))
