"""Judging and explaining in one pass: for whoever looks up thousands of numbers at once.

Of most numbers nobody decided a thing but the pass, and nobody asks about one call's attestation.
For those, `read` says what `policy.judge` and `reasons.explain` say, in about half the time: it
takes a row's values as they come, decays each once and makes no objects on the way. A property test
holds it to them, to the last digit and word; they are what counts.
"""

import math
from bisect import bisect_left
from datetime import date
from functools import cache, lru_cache
from typing import Final, NamedTuple

from reputation.scoring.categories import LEGITIMATE_HALF_LIFE, LONG_HALF_LIFE, SHORT_HALF_LIFE
from reputation.scoring.evidence import NEWCOMERS_CAP, Evidence, expit, log_odds
from reputation.scoring.policy import (
    BLOCK_AT,
    CALIBRATION,
    CONFIDENCE_UNIT,
    FLAG_AT,
    GATE_DAYS,
    GATE_ESTABLISHED,
    GATE_NETWORKS,
    JUST_UNDER,
    Action,
    Standing,
    Status,
    calibrated,
    closed_gates,
)
from reputation.scoring.reasons import nothing_counts

_ALLOW, _FLAG, _BLOCK = Action.ALLOW.value, Action.FLAG.value, Action.BLOCK.value
_UNKNOWN, _CLEAR, _LISTED = Status.UNKNOWN.value, Status.CLEAR.value, Status.LISTED.value
_KNOTS: Final = tuple(raw for raw, _ in CALIBRATION)
_LAST: Final = len(_KNOTS) - 1
_EPOCH: Final = 719_163  # 1970-01-01 as date.toordinal counts


class Reading(NamedTuple):
    """The told part of a judgement, and why. See policy.Judgement and reasons.explain."""

    action: str
    status: str
    score: int
    confidence: float
    reasons: list[str]


def read(
    now: float,
    prior: float,
    promoted: bool,
    at: float,
    unwanted_short: float,
    unwanted_long: float,
    legitimate: float,
    networks: int,
    established: int,
    newcomers: int,
    established_networks: int,
    supporters: int,
    imported: int,
    first_unwanted: float | None,
    last_unwanted: float | None,
    gathered: float,
    saturated: float,
) -> Reading:
    """`judge` and `explain` at `now` (days) for Evidence of these fields, in its order.

    Its Standing is Standing(promoted=promoted).
    """
    age = max(0.0, now - at)
    short = unwanted_short and unwanted_short * math.exp2(-age / SHORT_HALF_LIFE)
    long = unwanted_long and unwanted_long * math.exp2(-age / LONG_HALF_LIFE)
    against = legitimate and legitimate * math.exp2(-age / LEGITIMATE_HALF_LIFE)
    unwanted = short + long
    information = unwanted + against
    confidence = round(information / (information + CONFIDENCE_UNIT), 2)
    if confidence == 0.0:
        told = nothing_counts(established + newcomers + supporters, imported)
        return Reading(_ALLOW, _UNKNOWN, 0, 0.0, told)

    odds = _log_odds(prior)
    raw = odds + short + long - against
    p = calibrated_p = _published(raw)
    action, status, needs = _ALLOW, _CLEAR, ""
    if p >= FLAG_AT:
        span = 0.0
        if first_unwanted is not None and last_unwanted is not None:
            span = last_unwanted - first_unwanted
        needs = _needs(
            min(networks, GATE_NETWORKS),
            min(established_networks, GATE_ESTABLISHED),
            max(0, math.ceil(GATE_DAYS - span)),
            promoted,
        )
        status = _LISTED
        if p < BLOCK_AT:
            action = _FLAG
        elif needs:
            action, p = _FLAG, BLOCK_AT - JUST_UNDER
        else:
            action = _BLOCK

    reasons = []
    reported = established + newcomers
    if reported or supporters or imported:
        reasons.append(_before(prior))
    if reported:
        first, last = math.floor(first_unwanted or 0.0), math.floor(last_unwanted or 0.0)
        reasons.append(
            f"{reported} unwanted report{'' if reported == 1 else 's'}"
            f"{_from(networks)}{_days(first, last)}: "
            f"{established} by established reporters, {newcomers} by new accounts."
        )
    if imported:
        reasons.append(_complained(imported))
    if gathered > 0.0:
        times = math.exp(min(unwanted, 50.0))
        reasons.append(f"This evidence raises the odds {times:.1f} times today.")
        taken = 1.0 - unwanted / gathered
        if taken >= 0.01:
            reasons.append(f"Age has taken {taken:.0%} of its weight.")
    if supporters:
        times = math.exp(min(against, 50.0))
        reasons.append(
            f"{supporters} report{'' if supporters == 1 else 's'} to the contrary (legitimate): "
            f"this lowers the odds {times:.1f} times today."
        )
    if gathered > 0.0 or supporters:
        together = odds + unwanted - against
        if together != raw:  # by a last digit, as `explain` adds in another order
            calibrated_p = _published(together)
        reasons.append(f"Added up: {expit(together):.0%}; after calibration: {calibrated_p:.0%}.")
    if saturated >= 0.01:
        reasons.append(
            "Limits on one network, one day and all new accounts together withheld "
            f"{saturated:.2f} of log-odds."
        )
    if newcomers and not established and not imported:
        reasons.append(_ceiling(prior))
    if needs and action is _FLAG:
        reasons.append(needs)
    return Reading(action, status, math.floor(100.0 * p + 1e-9), confidence, reasons)


def _published(raw: float) -> float:
    """expit(calibrated(raw)), with the knots at hand."""
    place = bisect_left(_KNOTS, raw, 1, _LAST)
    (x0, y0), (x1, y1) = CALIBRATION[place - 1], CALIBRATION[place]
    return expit(y0 + (y1 - y0) * (raw - x0) / (x1 - x0))


# What follows takes few values, or takes them again and again.
_log_odds = cache(log_odds)


@cache
def _needs(networks: int, established_networks: int, days: int, promoted: bool) -> str:
    """The sentence on closed gates; empty when none is. `days` are missing."""
    evidence = Evidence(
        networks=networks,
        established_networks=established_networks,
        first_unwanted=0.0,
        last_unwanted=GATE_DAYS - days,
    )
    gates = closed_gates(evidence, Standing(promoted=promoted))
    return f"Blocking needs {'; '.join(gates)}." if gates else ""


@cache
def _before(prior: float) -> str:
    return f"Before any report: {prior:.0%} likely to be unwanted."


@cache
def _ceiling(prior: float) -> str:
    ceiling = math.ceil(100.0 * expit(calibrated(log_odds(prior) + NEWCOMERS_CAP)))
    return f"New accounts alone cannot lift this number above {ceiling}%."


@lru_cache(1024)
def _from(networks: int) -> str:
    return f" from {networks} network{'' if networks == 1 else 's'}" if networks else ""


@lru_cache(1024)
def _complained(imported: int) -> str:
    return (
        f"{imported} imported complaint{'' if imported == 1 else 's'} from public sources, "
        "each source counted as one limited voice."
    )


@lru_cache(65_536)
def _days(first: int, last: int) -> str:
    if first == last:
        return f" on {_date(first)}"
    return f" between {_date(first)} and {_date(last)}"


@lru_cache(4096)
def _date(day: int) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()
