"""Folding reports into a number's evidence, and reading a probability from it.

Times are float days since the Unix epoch, log-odds natural logs, masses and weights log-likelihood
ratios. Everything is pure: state goes in, new state comes out.

    logit p(now) = logit(prior) + S_short·2^(−t/60) + S_long·2^(−t/125) − L·2^(−t/180)
    with t = now − evidence.at in days

Caps. A voice of weight w passes up to three buckets. A bucket with cap c remembers the mass m that
it let through so far, decayed as evidence is, and lets the two add up as velocities do:

    m + w  becomes  (m + v)/(1 + m·v/c²)  with v = c·tanh(w/c);   what passes is the difference

so never more than w, never beyond c, nearly all of a first voice and ever less of later ones.

    1. its network: the established accounts of a network share c = 1.4, its new accounts .8 (so a
       network has at most 2.2);
    2. new accounts only: all of them together, c = 1.3 (.8 on the legitimate side);
    3. the voice's UTC day: c = 2.4.

Each step passes on what it let through. Velocities add in any order, so simultaneous voices take
the same together in any order (docs/adr/0005). Room comes back exactly as fast as the evidence that
took it fades: a number that is reported for months does not run out of room.

Callers load `bucket_keys(voice)`, call `fold`, and store what comes back. The same voices in the
same order land on the same floats.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from reputation.scoring.categories import (
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
    Side,
    is_long,
)

# Share of unwanted numbers among numbers that anybody reports at all: set by hand, a little below
# even; curves.PRIORS replaces it by line type where moderators decided enough numbers.
PRIOR: Final = 0.45

# Caps in log-odds. Each is set by what its voices must not reach, as said beside it; what the caps
# hold under attack is measured by `python -m benchmarks.attacks`.
# One network or cluster has 2.2, below the 2.25 that lead from the prior to BLOCK_AT: none blocks
# alone. Its established and its new accounts have each their own part, so that neither can use up
# the other's and order does not matter (docs/adr/0005).
NETWORK_ESTABLISHED_CAP: Final = 1.4
NETWORK_NEWCOMERS_CAP: Final = 0.8
# All accounts not yet established, together: logit(.45) + 1.3 = 1.1, so fresh accounts end at
# p < .75. Carries most of the safety.
NEWCOMERS_CAP: Final = 1.3
# On the legitimate side less: to vouch is the cheapest whitewash, and honest errors fall here.
NEWCOMERS_LEGITIMATE_CAP: Final = 0.8
# One UTC day: a storm of honest victims of a spoofed number is one day's event.
DAY_CAP: Final = 2.4
# One import source without reporters: logit(.45) + .65 = .45, p = .61: below FLAG_AT, so a file of
# complaints alone never flags.
SOURCE_CAP: Final = 0.65

# More days than these without an unwanted report part spells of reports: what is reported after
# them may be about another caller.
SILENT_DAYS: Final = 60.0


class BucketKind(IntEnum):
    """What a bucket groups. The values are stored."""

    NETWORK = 1  # established voices of one network or cluster
    NEWCOMERS = 2  # all accounts not yet established, together
    DAY = 3
    SOURCE = 4  # imported complaints of one source
    NETWORK_NEWCOMERS = 5  # voices of one network that are not yet established


type BucketKey = tuple[Side, BucketKind, str]


class Bucket(NamedTuple):
    """What a bucket has let through and still counts, in log-odds (≥ 0) as of `at` (days).

    `short` fades in SHORT_HALF_LIFE, `long` in the side's longest: LONG_HALF_LIFE for unwanted,
    LEGITIMATE_HALF_LIFE for legitimate voices (whose `short` is 0).
    """

    short: float
    long: float
    at: float


@dataclass(frozen=True, slots=True)
class Voice:
    """One counted statement about a number.

    `weight` ≥ 0: log-likelihood ratio before saturation, provenance already applied; 0 changes
    nothing at all. `category`: a key of CATEGORIES. `network`: keyed hash of the reporter's
    network, or the cluster's id when the reporter speaks in one; all voices of unknown network
    ("") count as one network, since nothing tells them apart. `since`: the day from which the
    reporter has said so without a break (goes_on), None for `at`. `source`: set for imported
    complaints, which meet their source's bucket and nothing else. `dated` False: neither
    time nor network is known (crowd sets), so only the cap on new accounts applies.
    """

    side: Side
    at: float
    weight: float
    category: str
    network: str = ""
    established: bool = False
    source: str = ""
    dated: bool = True
    since: float | None = None

    @property
    def begins(self) -> float:
        return self.at if self.since is None else self.since

    def __post_init__(self) -> None:
        if not (self.weight >= 0.0 and math.isfinite(self.weight)):
            raise ValueError(f"weight must be a finite number of at least 0, got {self.weight!r}")
        if not math.isfinite(self.at):
            raise ValueError(f"at must be finite days since the Unix epoch, got {self.at!r}")


class Evidence(NamedTuple):
    """What is known about one number, folded. Sums are log-odds as of `at`, counters plain counts.

    `networks`: distinct networks with a counted unwanted voice. `established`, `newcomers`: counted
    unwanted voices by kind. `established_networks`: distinct networks with an established unwanted
    voice, which is what the gate counts (members of a cluster are one). `supporters`: counted
    legitimate voices. `imported`: counted complaints of import sources. `first_unwanted`,
    `last_unwanted`: days, of voices with a reporter, in the latest spell (SILENT_DAYS).
    `gathered`: unwanted log-odds added so far, before any decay. `saturated`: weight withheld by
    the caps so far, both sides.
    """

    at: float = 0.0
    unwanted_short: float = 0.0
    unwanted_long: float = 0.0
    legitimate: float = 0.0
    networks: int = 0
    established: int = 0
    newcomers: int = 0
    established_networks: int = 0
    supporters: int = 0
    imported: int = 0
    first_unwanted: float | None = None
    last_unwanted: float | None = None
    gathered: float = 0.0
    saturated: float = 0.0


EMPTY: Final = Evidence()


class Folded(NamedTuple):
    """New evidence, the buckets that changed, what this voice added to S or L (as of voice.at)."""

    evidence: Evidence
    buckets: dict[BucketKey, Bucket]
    contribution: float


def day_of(at: float) -> str:
    """The UTC day as a bucket name: whole days since the Unix epoch."""
    return str(math.floor(at))


def bucket_keys(voice: Voice) -> tuple[BucketKey, ...]:
    """The buckets to load before `fold` (missing ones are simply left out of the mapping)."""
    side = voice.side
    if voice.source:
        return ((side, BucketKind.SOURCE, voice.source),)
    network = (side, BucketKind.NETWORK, voice.network)
    newcomers = (side, BucketKind.NETWORK_NEWCOMERS, voice.network)
    day = (side, BucketKind.DAY, day_of(voice.at))
    return (network, newcomers, (side, BucketKind.NEWCOMERS, ""), day)


def fold(evidence: Evidence, buckets: Mapping[BucketKey, Bucket], voice: Voice) -> Folded:
    """Adds one voice. O(1). `buckets` must hold what exists of `bucket_keys(voice)`, or more.

    A voice older than the evidence (an import, a late report) is legal: it is decayed on its way
    in. A voice of weight 0 changes nothing: no sum, no counter, no bucket.

    The evidence may be that of the last voices only, begun with the time of those before it
    (`joined`): all but the sums and counters rests on the buckets.
    """
    if voice.weight == 0.0:
        return Folded(evidence, {}, 0.0)
    side, source = voice.side, voice.source
    unwanted = side is Side.UNWANTED
    known = evidence.at or (
        evidence.established + evidence.newcomers + evidence.supporters + evidence.imported
    )
    now = max(evidence.at, voice.at) if known else voice.at
    is_short = unwanted and not is_long(voice.category)
    long_half_life = LONG_HALF_LIFE if unwanted else LEGITIMATE_HALF_LIFE
    half_life = SHORT_HALF_LIFE if is_short else long_half_life
    arrived = voice.weight * math.exp2((voice.at - now) / half_life)

    added, changed = _pass_buckets(buckets, voice, arrived, now, is_short, long_half_life)
    short, long, legitimate = decayed(evidence, now) if known else (0.0, 0.0, 0.0)
    if not unwanted:
        legitimate += added
    elif is_short:
        short += added
    else:
        long += added
    # Valued at the voice's own time: equal to `added` unless the voice came out of order.
    contribution = added if arrived == voice.weight else added * _ratio(voice.weight, arrived)
    counted = unwanted and not source
    first, last = evidence.first_unwanted, evidence.last_unwanted
    new_network = new_established = False
    if counted:
        first, last = _spell(first, last, voice.begins, voice.at)
        old = (side, BucketKind.NETWORK, voice.network) in buckets
        young = (side, BucketKind.NETWORK_NEWCOMERS, voice.network) in buckets
        new_network = not old and not young
        new_established = voice.established and not old
    # By their places: names would double what this costs.
    folded = Evidence(
        now, short, long, legitimate,
        evidence.networks + new_network,
        evidence.established + (counted and voice.established),
        evidence.newcomers + (counted and not voice.established),
        evidence.established_networks + new_established,
        evidence.supporters + (not unwanted and not source),
        evidence.imported + bool(source),
        first, last,
        evidence.gathered + (contribution if unwanted else 0.0),
        evidence.saturated + max(0.0, voice.weight - contribution),
    )  # fmt: skip
    return Folded(folded, changed, contribution)


def _pass_buckets(
    buckets: Mapping[BucketKey, Bucket], voice: Voice, weight: float, now: float, is_short: bool,
    long_half_life: float,
) -> tuple[float, dict[BucketKey, Bucket]]:  # fmt: skip
    """How much of `weight` the voice's buckets let through, and what they hold then."""
    changed: dict[BucketKey, Bucket] = {}
    added = weight
    for key, cap in _path(voice):
        bucket = buckets.get(key)
        short = long = 0.0
        if bucket is not None:
            short = bucket.short * math.exp2((bucket.at - now) / SHORT_HALF_LIFE)
            long = bucket.long * math.exp2((bucket.at - now) / long_half_life)
        added = _passes(short + long, added, cap)
        if is_short:
            changed[key] = Bucket(short + added, long, now)
        else:
            changed[key] = Bucket(short, long + added, now)
    return added, changed


def _passes(mass: float, weight: float, cap: float) -> float:
    """How much of `weight` a bucket lets through that holds `mass`: 0 to `weight`."""
    step = cap * math.tanh(weight / cap)
    # Rounding may leave a full bucket a hair above its cap.
    return max(0.0, step * (1.0 - (mass / cap) ** 2) / (1.0 + mass * step / cap**2))


def _path(voice: Voice) -> tuple[tuple[BucketKey, float], ...]:
    """The buckets the voice passes, in order, with their caps."""
    side = voice.side
    if voice.source:
        return (((side, BucketKind.SOURCE, voice.source), SOURCE_CAP),)
    newcomers: tuple[tuple[BucketKey, float], ...] = ()
    kind, part = BucketKind.NETWORK, NETWORK_ESTABLISHED_CAP
    if not voice.established:
        kind, part = BucketKind.NETWORK_NEWCOMERS, NETWORK_NEWCOMERS_CAP
        cap = NEWCOMERS_CAP if side is Side.UNWANTED else NEWCOMERS_LEGITIMATE_CAP
        newcomers = (((side, BucketKind.NEWCOMERS, ""), cap),)
    if not voice.dated:
        return newcomers
    network = ((side, kind, voice.network), part)
    return (network, *newcomers, ((side, BucketKind.DAY, day_of(voice.at)), DAY_CAP))


def _ratio(weight: float, arrived: float) -> float:
    """weight / arrived, 0 when a voice is so old that nothing arrived."""
    return weight / arrived if arrived else 0.0


def joined(before: Evidence, last: Evidence) -> Evidence:
    """The evidence of a number's first voices and that of its last ones, as one.

    `last` began as Evidence(at=before.at), with the buckets that those before it left.
    """
    short, long, legitimate = decayed(before, last.at)
    first, final = before.first_unwanted, before.last_unwanted
    if last.first_unwanted is not None and last.last_unwanted is not None:
        first, final = _spell(first, final, last.first_unwanted, last.last_unwanted)
    return Evidence(
        at=last.at,
        unwanted_short=short + last.unwanted_short,
        unwanted_long=long + last.unwanted_long,
        legitimate=legitimate + last.legitimate,
        networks=before.networks + last.networks,
        established=before.established + last.established,
        newcomers=before.newcomers + last.newcomers,
        established_networks=before.established_networks + last.established_networks,
        supporters=before.supporters + last.supporters,
        imported=before.imported + last.imported,
        first_unwanted=first,
        last_unwanted=final,
        gathered=before.gathered + last.gathered,
        saturated=before.saturated + last.saturated,
    )


def goes_on(last: float, at: float) -> bool:
    """Whether a reporter who said something at `last` and says the same at `at` has said so all the
    time: people whom somebody calls day after day report the number again and again."""
    return at - last <= SILENT_DAYS


def _spell(
    first: float | None, last: float | None, begins: float, ends: float
) -> tuple[float, float]:
    """The first and the last day of the latest spell of reports, when more are heard from `begins`
    to `ends`. More than SILENT_DAYS without a report part spells."""
    if first is None or last is None or begins - last > SILENT_DAYS:
        return begins, ends
    if first - ends > SILENT_DAYS:
        return first, last
    return min(first, begins), max(last, ends)


def decayed(evidence: Evidence, now: float) -> tuple[float, float, float]:
    """(S_short, S_long, L) at `now`, each ≥ 0.

    A `now` before `evidence.at` is read as `evidence.at`: evidence does not grow into the past.
    """
    if now <= evidence.at:
        return evidence.unwanted_short, evidence.unwanted_long, evidence.legitimate
    age = now - evidence.at
    return (
        evidence.unwanted_short * math.exp2(-age / SHORT_HALF_LIFE),
        evidence.unwanted_long * math.exp2(-age / LONG_HALF_LIFE),
        evidence.legitimate * math.exp2(-age / LEGITIMATE_HALF_LIFE),
    )


def sums(evidence: Evidence, now: float) -> tuple[float, float]:
    """(S, L) at `now`: unwanted and legitimate log-odds after decay, both ≥ 0."""
    short, long, legitimate = decayed(evidence, now)
    return short + long, legitimate


def log_odds(probability: float) -> float:
    """Natural log-odds of a probability strictly between 0 and 1; ValueError outside."""
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability must lie strictly between 0 and 1, got {probability!r}")
    return math.log(probability / (1.0 - probability))


def expit(value: float) -> float:
    """The probability with these log-odds. Never raises, whatever the size."""
    if value >= 0.0:
        return 1.0 / (1.0 + math.exp(-value))
    grown = math.exp(value)
    return grown / (1.0 + grown)


def logit(evidence: Evidence, now: float, prior: float = PRIOR) -> float:
    """Log-odds that a call now is unwanted, before anybody's decision (policy.py adds those)."""
    unwanted, legitimate = sums(evidence, now)
    return log_odds(prior) + unwanted - legitimate
