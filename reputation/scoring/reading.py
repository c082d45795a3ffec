"""Judges and explains a thousand numbers at once, for bulk lookups.

`read_many` returns what `policy.judge` and `reasons.explain` return, at a tenth of the cost: the
arithmetic runs over whole columns, and sentences are found by their figures. It leaves out numbers
that a campaign links, and questions about one call's attestation. numpy's exponentials differ from
the C library's in the last bit, so where a figure lies that close to a rounding boundary, the plain
functions decide. A property test holds `read_many` to them, to the last digit and word.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import numpy as np

from reputation.scoring.categories import LEGITIMATE_HALF_LIFE, LONG_HALF_LIFE, SHORT_HALF_LIFE
from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.curves import BLOCK_AT, FLAG_AT, curves_in_use
from reputation.scoring.evidence import Evidence
from reputation.scoring.fitting import Curves
from reputation.scoring.policy import (
    CONFIDENCE_UNIT,
    GATE_DAYS,
    GATE_ESTABLISHED,
    GATE_FRESH_DAYS,
    GATE_NETWORKS,
    HOLDER_WEIGHT,
    JUST_UNDER,
    LISTED_BY,
    MODERATION_WEIGHT,
    Action,
    Standing,
    Status,
    judge,
    needs,
)
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
from reputation.scoring.sentences import Code, Reason, in_english
from reputation.scoring.telling import WIDE, Sentences

ACTIONS: Final = (Action.ALLOW.value, Action.FLAG.value, Action.BLOCK.value)
STATUSES: Final = (Status.CLEAR.value, *(each.value for each in Status if each != Status.CLEAR))
UNKNOWN: Final = STATUSES.index(Status.UNKNOWN.value)
# As in policy._status, from the weakest: what makes a number unknown, reassigned, listed, spoofed,
# disputed, official, and one that never calls; without any it is clear.
_BY_STANDING: Final = (
    *(UNKNOWN, STATUSES.index(Status.REASSIGNED.value), STATUSES.index(Status.LISTED.value)),
    *(STATUSES.index(Status.SPOOFED.value), STATUSES.index(Status.DISPUTED.value)),
    *(STATUSES.index(Status.OFFICIAL.value), STATUSES.index(Status.SPOOFED.value)),
)
# Farther from where rounding turns than any error of ours, which is some 1e-14.
_NEAR: Final = 1e-8
# Beyond this a double's last bit shows in the first digit after the point.
_LARGE: Final = 99_999.0
# Log-odds beyond all evidence, near enough that lines drawn there are exact to some 1e-11.
_FAR: Final = 1e5


class Figures(NamedTuple):
    """Columns, one row a number: Standing.promoted and Evidence; NaN for days that are None."""

    prior: Floats
    promoted: Bools
    at: Floats
    unwanted_short: Floats
    unwanted_long: Floats
    legitimate: Floats
    networks: Ints
    established: Ints
    newcomers: Ints
    established_networks: Ints
    supporters: Ints
    imported: Ints
    first_unwanted: Floats
    last_unwanted: Floats
    gathered: Floats
    saturated: Floats

    def rows(self, places: list[int]) -> Iterator[tuple[float, bool, Evidence]]:
        """Some numbers' priors, whether they are promoted, and their evidence."""
        if not places:
            return
        chosen: list[list[Any]] = [column[places].tolist() for column in self]
        for prior, promoted, *rest in zip(*chosen, strict=True):
            fields: list[Any] = [None if each != each else each for each in rest]
            yield prior, promoted, Evidence(*fields)


class Decided(NamedTuple):
    """Columns of Standing, one row a number, but for campaigns; NaN for days that are None.
    `pinned`: a place in ACTIONS, or -1."""

    official: Bools
    holder_verified: Bools
    moderated: Ints
    moderated_at: Floats
    disputed: Bools
    spoofed: Bools
    reassigned: Bools
    immune_until: Floats
    never_calls: Bools
    pinned: Ints

    @classmethod
    def nobody(cls, rows: int) -> "Decided":
        """Nothing decided about any of so many numbers."""
        false, none = np.zeros(rows, np.bool_), np.full(rows, np.nan)
        zero, free = np.zeros(rows, np.int64), np.full(rows, -1)
        return cls(false, false, zero, none, false, false, false, none, false, free)

    def standings(self, places: list[int], promoted: Bools) -> Iterator[Standing]:
        """What is decided about some numbers."""
        if not places:
            return
        chosen: list[list[Any]] = [column[places].tolist() for column in (*self, promoted)]
        for *fields, pinned, is_promoted in zip(*chosen, strict=True):
            values = dict(zip(self._fields, fields, strict=False))
            values["pinned"] = None if pinned < 0 else Action(ACTIONS[pinned])
            for name in ("moderated_at", "immune_until"):
                values[name] = None if values[name] != values[name] else values[name]
            yield Standing(promoted=is_promoted, **values)


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
    judged = _judged(now, of, by)
    sentences = Sentences(len(of.prior))
    _tell_decisions(sentences, by, now)
    doubt = judged.doubt | _tell_evidence(sentences, of, judged)
    sentences.each((judged.action == 1) & ~judged.is_open, _needs, judged.gates)
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


class _Judged(NamedTuple):
    """Columns of Judgement, and what it rests on. `action` and `status`: their places in ACTIONS
    and STATUSES; `share`: the confidence in percent; `raw` and `published`: the log-odds of the
    evidence, and the probability that is published of it alone; `gates`: what _needs wants to know;
    `doubt`: where rounding might have turned the other way."""

    action: Ints
    status: Ints
    score: Ints
    share: Ints
    unknown: Bools
    unwanted: Floats
    against: Floats
    raw: Floats
    published: Floats
    gates: Ints
    is_open: Bools
    doubt: Bools


def _judged(now: float, of: Figures, by: Decided) -> _Judged:
    age = np.maximum(0.0, now - of.at)
    short = of.unwanted_short * np.exp2(-age / SHORT_HALF_LIFE)
    long = of.unwanted_long * np.exp2(-age / LONG_HALF_LIFE)
    against = of.legitimate * np.exp2(-age / LEGITIMATE_HALF_LIFE)
    unwanted = short + long
    since = np.fmax(0.0, now - by.moderated_at)  # NaN: 0
    decision = by.moderated * MODERATION_WEIGHT * np.exp2(-since / LEGITIMATE_HALF_LIFE)
    held = HOLDER_WEIGHT * by.holder_verified
    information = unwanted + against + held + np.abs(decision)
    share, doubt = _rounded(100.0 * information / (information + CONFIDENCE_UNIT))
    known = share > 0

    raw = np.log(of.prior / (1.0 - of.prior)) + unwanted - against
    alone = of.established + of.newcomers + (of.imported > 0) < LISTED_BY
    published = p = _published(raw, alone=alone)
    moved = np.flatnonzero((decision != 0.0) | by.holder_verified)
    if len(moved):
        p = published.copy()
        p[moved] = _published(
            (raw - held + decision)[moved], alone=(alone & (decision <= 0))[moved]
        )
    gates, is_open = _gates(now, of, by)
    immune = (now < by.immune_until) & (by.moderated <= 0)
    may = known & ~((by.official & (by.moderated <= 0)) | immune)
    action = (may & (p >= FLAG_AT)).astype(np.int64)
    action[by.never_calls | (may & (p >= BLOCK_AT) & is_open)] = 2
    action = np.where(by.pinned >= 0, by.pinned, action)
    unknown = ~known & (action == 0)
    within = np.where(p < FLAG_AT, p, FLAG_AT - JUST_UNDER)
    flagged = np.where(p >= BLOCK_AT, BLOCK_AT - JUST_UNDER, np.maximum(p, FLAG_AT))
    blocked = np.maximum(p, BLOCK_AT)
    shown = np.where(action == 1, flagged, np.where(action == 2, blocked, within))
    score, _ = _percent(shown)  # `doubt` has its own, of p
    score[unknown] = 0
    doubt |= ~unknown & (_near(100.0 * p, 0.0) | _near_to(p, FLAG_AT) | _near_to(p, BLOCK_AT))
    status = np.zeros(len(p), np.int64)
    for which, where in zip(
        _BY_STANDING,
        (unknown, by.reassigned, action > 0, by.spoofed, by.disputed, by.official, by.never_calls),
        strict=True,
    ):
        if np.count_nonzero(where):
            status[where] = which
    return _Judged(
        action, status, score, share, unknown & (status == UNKNOWN), unwanted, against, raw,
        published, gates, is_open, doubt,
    )  # fmt: skip


def _gates(now: float, of: Figures, by: Decided) -> tuple[Ints, Bools]:
    """What _needs wants to know, and where no gate is closed, as in policy.closed_gates."""
    span = of.last_unwanted - of.first_unwanted
    days = np.ceil(np.maximum(0.0, GATE_DAYS - np.where(np.isnan(span), 0.0, span))).astype(
        np.int64
    )
    networks = np.minimum(of.networks, GATE_NETWORKS)
    established = np.minimum(of.established_networks, GATE_ESTABLISHED)
    rests = now >= of.last_unwanted + GATE_FRESH_DAYS
    reported = (days == 0) & (networks == GATE_NETWORKS) & (established == GATE_ESTABLISHED)
    confirmed = (by.moderated > 0) | by.never_calls
    guarded = ~confirmed & ((by.moderated < 0) | by.official | by.holder_verified)
    is_open = confirmed | (~guarded & of.promoted & ~rests & reported)
    is_open &= ~(by.disputed | by.spoofed)
    packed = (days * (GATE_NETWORKS + 1) + networks) * (GATE_ESTABLISHED + 1) + established
    for each in (rests, of.promoted, by.disputed, by.spoofed, confirmed, guarded):
        packed = 2 * packed + each
    return packed, is_open


def _tell_decisions(sentences: Sentences, by: Decided, now: float) -> None:
    """As reasons.decisions, of what is not about one call."""

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


def _tell_evidence(sentences: Sentences, of: Figures, judged: _Judged) -> Bools:
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
    times, unsure = _times(unwanted)
    doubt |= gathered & unsure
    sentences.each(gathered, _raises, times)
    with np.errstate(over="ignore"):
        left = unwanted / np.where(gathered, of.gathered, 1.0)
    taken = np.maximum(-1.0, 1.0 - left)
    percent, unsure = _rounded(100.0 * taken)
    doubt |= gathered & (unsure | _near_to(taken, 0.01))
    sentences.each(gathered & (taken >= 0.01), aged, percent)

    supported = known & (of.supporters > 0)
    times, unsure = _times(against)
    doubt |= supported & unsure
    sentences.each(supported, _supported, of.supporters, times)

    summed = gathered | supported
    before, unsure = _percent(_expit(judged.raw))
    after, unsure_too = _percent(judged.published)
    doubt |= summed & (unsure | unsure_too)
    sentences.each(summed, added_up, before, after)

    withheld = known & (of.saturated >= 0.01)
    hundredths, unsure = _rounded(100.0 * np.minimum(of.saturated, _LARGE))
    doubt |= withheld & (unsure | (of.saturated >= _LARGE))
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


def _expit(value: Floats) -> Floats:
    grown = np.exp(-np.abs(value))
    return np.where(value >= 0.0, 1.0, grown) / (1.0 + grown)


def _published(raw: Floats, *, alone: Bools) -> Floats:
    """expit(calibrated(raw, alone=alone))"""
    several, one = _drawn(curves_in_use())
    return _expit(np.where(alone, np.interp(raw, *one), np.interp(raw, *several)))


@lru_cache(4)
def _drawn(curves: Curves) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """The curves as np.interp takes them: their outer lines drawn on, but for the end of the one
    for a voice alone."""
    several, alone = (np.array(knots) for knots in curves)
    several = np.vstack((_on(*several[1::-1]), several, _on(*several[-2:])))
    alone = np.vstack((_on(*alone[1::-1]), alone))
    return (several[:, 0], several[:, 1]), (alone[:, 0], alone[:, 1])


def _on(before: Floats, last: Floats) -> Floats:
    """A point far on, on the line through two points."""
    far: Floats = last + _FAR * (last - before) / abs(last[0] - before[0])
    return far


def _percent(probability: Floats) -> tuple[Ints, Bools]:
    """policy.percent, and where it might as well have been the next."""
    value = 100.0 * probability
    return np.floor(value + 1e-9).astype(np.int64), _near(value, 0.0)


def _rounded(value: Floats) -> tuple[Ints, Bools]:
    """Whole numbers, and where they might as well have been the next."""
    return np.rint(value).astype(np.int64), _near(value, 0.5)


def _times(log_factor: Floats) -> tuple[Ints, Bools]:
    """Factors in tenths, and where the next might have been as right."""
    factor = np.exp(np.minimum(log_factor, 50.0))
    tenths, unsure = _rounded(10.0 * np.minimum(factor, _LARGE))
    return tenths, unsure | (factor >= _LARGE)


def _near(value: Floats, fraction: float) -> Bools:
    """Whether the part after the point is hardly to be told from 0, or from .5."""
    found: Bools = np.abs(value - fraction - np.rint(value - fraction)) < 100.0 * _NEAR
    return found


def _near_to(value: Floats, threshold: float) -> Bools:
    found: Bools = np.abs(value - threshold) < _NEAR
    return found


# What follows takes few values, again and again. Bounded: strangers choose them.


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


def _needs(packed: int) -> Reason:
    """What is said of closed gates. `packed`: as by _gates."""
    flags = list[bool]()
    for _ in range(6):
        packed, flag = divmod(packed, 2)
        flags.append(bool(flag))
    guarded, confirmed, spoofed, disputed, promoted, rests = flags
    packed, established = divmod(packed, GATE_ESTABLISHED + 1)
    days, networks = divmod(packed, GATE_NETWORKS + 1)
    found = needs(
        disputed, spoofed, confirmed, guarded, GATE_NETWORKS - networks,
        GATE_ESTABLISHED - established, days, rests, promoted,
    )  # fmt: skip
    return cast(Reason, found)  # some gate is closed
