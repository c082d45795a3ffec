"""Judges many numbers at once, column by column, as policy.judge judges one."""

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
    needs,
)
from reputation.scoring.rounding import near, near_to, percents, rounded
from reputation.scoring.sentences import Reason

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


class Judged(NamedTuple):
    """Columns of Judgement, and what it rests on. `action` and `status`: their places in ACTIONS
    and STATUSES; `share`: the confidence in percent; `raw` and `published`: the log-odds of the
    evidence, and the probability that is published of it alone; `gates`: of each row, what
    `needs_of` takes; `doubt`: where rounding might have turned the other way."""

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


def judge_many(now: float, of: Figures, by: Decided) -> Judged:
    """The judgement of each row at `now` (days)."""
    age = np.maximum(0.0, now - of.at)
    short = of.unwanted_short * np.exp2(-age / SHORT_HALF_LIFE)
    long = of.unwanted_long * np.exp2(-age / LONG_HALF_LIFE)
    against = of.legitimate * np.exp2(-age / LEGITIMATE_HALF_LIFE)
    unwanted = short + long
    since = np.fmax(0.0, now - by.moderated_at)  # NaN: 0
    decision = by.moderated * MODERATION_WEIGHT * np.exp2(-since / LEGITIMATE_HALF_LIFE)
    held = HOLDER_WEIGHT * by.holder_verified
    information = unwanted + against + held + np.abs(decision)
    share, doubt = rounded(100.0 * information / (information + CONFIDENCE_UNIT))
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
    score, _ = percents(_within(p, action))  # `doubt` has its own, of p
    score[unknown] = 0
    doubt |= ~unknown & (near(100.0 * p, 0.0) | near_to(p, FLAG_AT) | near_to(p, BLOCK_AT))
    status = _statuses(unknown, action, by)
    return Judged(
        action, status, score, share, unknown & (status == UNKNOWN), unwanted, against, raw,
        published, gates, is_open, doubt,
    )  # fmt: skip


def _within(p: Floats, action: Ints) -> Floats:
    """Each p moved just inside the range that its action stands for, as policy._within."""
    allowed = np.where(p < FLAG_AT, p, FLAG_AT - JUST_UNDER)
    flagged = np.where(p >= BLOCK_AT, BLOCK_AT - JUST_UNDER, np.maximum(p, FLAG_AT))
    blocked = np.maximum(p, BLOCK_AT)
    return np.where(action == 1, flagged, np.where(action == 2, blocked, allowed))


def _statuses(unknown: Bools, action: Ints, by: Decided) -> Ints:
    """Places in STATUSES, as policy._status: what stands later in _BY_STANDING wins."""
    found = np.zeros(len(unknown), np.int64)
    for status, where in zip(
        _BY_STANDING,
        (unknown, by.reassigned, action > 0, by.spoofed, by.disputed, by.official, by.never_calls),
        strict=True,
    ):
        if np.count_nonzero(where):
            found[where] = status
    return found


def _gates(now: float, of: Figures, by: Decided) -> tuple[Ints, Bools]:
    """What `needs_of` takes of each row, and where no gate is closed, as in policy.closed_gates."""
    span = of.last_unwanted - of.first_unwanted
    days = np.ceil(np.maximum(0.0, GATE_DAYS - np.where(np.isnan(span), 0.0, span))).astype(
        np.int64
    )
    networks = np.minimum(of.networks, GATE_NETWORKS)
    established = np.minimum(of.established_networks, GATE_ESTABLISHED)
    rests = now >= of.last_unwanted + GATE_FRESH_DAYS
    reported = (days == 0) & (networks == GATE_NETWORKS) & (established == GATE_ESTABLISHED)
    confirmed = now < _confirmed_until(of, by)
    guarded = ~confirmed & ((by.moderated < 0) | by.official | by.holder_verified)
    is_open = confirmed | (~guarded & of.promoted & reported & ~rests)
    is_open &= ~(by.disputed | by.spoofed)
    packed = (days * (GATE_NETWORKS + 1) + networks) * (GATE_ESTABLISHED + 1) + established
    for each in (rests, of.promoted, by.disputed, by.spoofed, confirmed, guarded):
        packed = 2 * packed + each
    return packed, is_open


def _confirmed_until(of: Figures, by: Decided) -> Floats:
    """policy.confirmed_until of each number."""
    decided = np.where(np.isnan(by.moderated_at), np.inf, by.moderated_at)
    is_silent = of.first_unwanted - decided > GATE_FRESH_DAYS
    last = np.fmax(np.where(is_silent, np.nan, of.last_unwanted), decided)
    until = np.where(by.moderated > 0, last + GATE_FRESH_DAYS, -np.inf)
    return np.where(by.never_calls, np.inf, until)


def needs_of(packed: int) -> Reason:
    """What a number with closed gates needs. `packed`: its figures, as _gates packs them."""
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


def expit(value: Floats) -> Floats:
    grown = np.exp(-np.abs(value))
    return np.where(value >= 0.0, 1.0, grown) / (1.0 + grown)


def _published(raw: Floats, *, alone: Bools) -> Floats:
    """expit(calibrated(raw, alone=alone))"""
    several, one = _drawn(curves_in_use())
    return expit(np.where(alone, np.interp(raw, *one), np.interp(raw, *several)))


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
