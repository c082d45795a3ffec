"""Evidence and people's decisions become allow, flag or block, with the probability to publish.

The published probability always agrees with the action: allow means p < FLAG_AT, flag means
FLAG_AT ≤ p < BLOCK_AT, block means p ≥ BLOCK_AT. Where a gate or a decision holds the action down
(or a pin holds it up), the published probability is moved just inside that action's range.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from reputation.scoring.campaigns.links import BLOCKS, UNLINKED
from reputation.scoring.categories import LEGITIMATE_HALF_LIFE
from reputation.scoring.curves import BLOCK_AT, FLAG_AT, calibrated
from reputation.scoring.evidence import (
    PRIOR,
    SILENT_DAYS,
    Evidence,
    decayed,
    expit,
    log_odds,
)
from reputation.scoring.sentences import KEPT, Code, Reason
from reputation.scoring.trust import LEGITIMATE_CAP, require_attestation

# A score is a whole percent, so "just under" is one point.
JUST_UNDER: Final = 0.01

# So many voices, imported complaints being one, speak for several (is_alone).
LISTED_BY: Final = 2

# Gates for block: distinct networks, established reporters, days between the first and the last
# unwanted report. Together they keep out a few networks, new accounts alone, and what is over
# within a day; the trust pass recognises storms of several days (promotion.STORM_DAYS).
GATE_NETWORKS: Final = 3
GATE_ESTABLISHED: Final = 2
GATE_DAYS: Final = 1.0
# After so many days without an unwanted report, or a moderator's confirmation, a block rests:
# numbers change hands within months, and a number that goes on calling is reported again.
GATE_FRESH_DAYS: Final = SILENT_DAYS

# A moderator's decision in log-odds, fading like legitimate evidence: published p above .98 or
# below .01 on the day.
MODERATION_WEIGHT: Final = 5.0
# A verified holder's own word: one full legitimate voice, and it does not fade while the holder
# stays.
HOLDER_WEIGHT: Final = LEGITIMATE_CAP
# The information at which confidence is .5: about what one network can say.
CONFIDENCE_UNIT: Final = 1.0


class Action(StrEnum):
    ALLOW = "allow"
    FLAG = "flag"
    BLOCK = "block"


class Status(StrEnum):
    UNKNOWN = "unknown"
    CLEAR = "clear"
    LISTED = "listed"
    OFFICIAL = "official"
    DISPUTED = "disputed"
    SPOOFED = "spoofed"
    REASSIGNED = "reassigned"


@dataclass(frozen=True, slots=True)
class Standing:
    """What people and passes decided about a number.

    `moderated`: +1 confirmed unwanted, −1 judged legitimate, 0 not judged; `moderated_at`: when
    (days), from which the decision fades; None: it does not. `promoted`: the pass opened block.
    `holder_verified`: the holder proved control: legitimate evidence, and a stay of block.
    `reassigned`: a new holder's number (its evidence starts anew; shown until it is listed again).
    `pinned`: a moderator's fixed action, above all else. `immune_until`: the holder's dispute was
    upheld; before that moment (days) reports alone do not list the number. `never_calls`: whose it
    is calls nobody from it. `linked`: what the words of a campaign do (campaigns.links), until
    `linked_until` (days).
    """

    official: bool = False
    holder_verified: bool = False
    moderated: int = 0
    moderated_at: float | None = None
    promoted: bool = False
    disputed: bool = False
    spoofed: bool = False
    reassigned: bool = False
    pinned: Action | None = None
    immune_until: float | None = None
    never_calls: bool = False
    linked: int = UNLINKED
    linked_until: float | None = None

    def __post_init__(self) -> None:
        if self.moderated not in (-1, 0, 1):
            raise ValueError(f"moderated must be -1, 0 or 1, got {self.moderated!r}")

    def is_immune(self, now: float) -> bool:
        """Whether reports alone do not list the number at `now` (days)."""
        return self.immune_until is not None and now < self.immune_until and self.moderated <= 0

    @property
    def is_guarded(self) -> bool:
        """Whether somebody vouches for the number: a moderator, the directory, or its holder."""
        return self.moderated < 0 or self.official or self.holder_verified

    def link(self, now: float) -> int:
        """The effect of the campaign's words at `now` (days); people's decisions override it."""
        if self.linked_until is None or now >= self.linked_until:
            return UNLINKED
        return UNLINKED if self.moderated < 0 or self.holder_verified else self.linked


NOBODY: Final = Standing()


class Judgement(NamedTuple):
    """What the public is told. `score` = floor of percent; `confidence` 0 to 1, two decimals.

    `probability`: as published: calibrated, and agreeing with `action`. `raw`: what the evidence
    and moderators' decisions add up to, before calibration.
    `needs`: what is missing before block, as Code.NEEDS says it; None when nothing is.
    `impersonation`: this call claims an official number and failed attestation.

    The parts of the evidence alone: `prior`, a probability; `unwanted` and `legitimate`, the
    log-odds left at that moment. Its result: the probabilities `before` and `after` calibration.
    """

    action: Action
    status: Status
    score: int
    probability: float
    raw: float
    confidence: float
    needs: Reason | None
    prior: float
    unwanted: float
    legitimate: float
    before: float
    after: float
    impersonation: bool = False

    @property
    def gates(self) -> tuple[Reason, ...]:
        """What is missing before block, one by one."""
        return gates_of(self.needs)


CONFIRMATION: Final = Reason(Code.CONFIRMATION_BY_PASS)
LACKING: Final = (Code.MORE_NETWORKS, Code.MORE_ESTABLISHED, Code.MORE_DAYS)
RECENT_REPORT: Final = Reason(Code.RECENT_REPORT, {"days": int(GATE_FRESH_DAYS)})


def is_alone(evidence: Evidence) -> bool:
    """Whether at most one counted voice calls the number unwanted; imported complaints are one."""
    return evidence.established + evidence.newcomers + bool(evidence.imported) < LISTED_BY


def confirmed_until(evidence: Evidence, standing: Standing) -> float:
    """Until when a decision opens the gates, whatever was reported (days); -inf without one.

    A moderator's confirmation opens them for GATE_FRESH_DAYS from the later of the decision and the
    last report. Reports after a longer silence do not prolong it: somebody else may have the number
    by then. A confirmation of no day lasts for ever; so does a decision that a number never calls.
    """
    if standing.never_calls:
        return math.inf
    if standing.moderated <= 0:
        return -math.inf
    if (decided := standing.moderated_at) is None:
        return math.inf
    first, last = evidence.first_unwanted, evidence.last_unwanted
    if first is None or last is None or first - decided > GATE_FRESH_DAYS:
        last = decided
    return max(decided, last) + GATE_FRESH_DAYS


def rests_at(evidence: Evidence) -> float:
    """From when the reports so far are too old to open a block (days); inf if there are none."""
    last = evidence.last_unwanted
    return math.inf if last is None else last + GATE_FRESH_DAYS


def closed_gates(evidence: Evidence, standing: Standing, now: float) -> tuple[Reason, ...]:
    """What is missing before this number may be blocked at `now` (days); empty when nothing is.

    A moderator's confirmation opens every gate but a pending dispute and a suspicion of spoofing,
    as long as it lasts (`confirmed_until`).
    """
    return gates_of(_lacking(evidence, standing, now))


def gates_of(needs: Reason | None) -> tuple[Reason, ...]:
    gates: tuple[Reason, ...] = () if needs is None else needs.figures["gates"]
    return gates


def _lacking(evidence: Evidence, standing: Standing, now: float) -> Reason | None:
    first, last, days = evidence.first_unwanted, evidence.last_unwanted, GATE_DAYS
    if first is not None and last is not None:
        days -= last - first
    networks, established = evidence.networks, evidence.established_networks
    return needs(
        standing.disputed,
        standing.spoofed,
        now < confirmed_until(evidence, standing),
        standing.is_guarded,
        GATE_NETWORKS - networks if networks < GATE_NETWORKS else 0,
        GATE_ESTABLISHED - established if established < GATE_ESTABLISHED else 0,
        math.ceil(days) if days > 0.0 else 0,
        now >= rests_at(evidence),
        standing.promoted,
    )


@lru_cache(KEPT)
def needs(
    disputed: bool, spoofed: bool, confirmed: bool, guarded: bool, networks: int, established: int,
    days: int, rests: bool, promoted: bool,
) -> Reason | None:  # fmt: skip
    """What a number needs before it may be blocked, by what `closed_gates` asks of it: decisions,
    how many networks, established reporters and days are missing, and whether its last report is
    too old."""
    gates = []
    if disputed:
        gates.append(Reason(Code.DECISION_ON_DISPUTE))
    if spoofed:
        gates.append(Reason(Code.DECISION_ON_SPOOFING))
    if guarded and not confirmed:
        gates.append(Reason(Code.CONFIRMATION_BY_MODERATOR))
    elif not confirmed:
        lacking = zip(LACKING, (networks, established, days), strict=True)
        gates += [Reason(code, {"missing": missing}) for code, missing in lacking if missing]
        if rests:
            gates.append(RECENT_REPORT)
        if not (gates or promoted):
            gates.append(CONFIRMATION)
    return Reason(Code.NEEDS, {"gates": tuple(gates)}) if gates else None


def moderation(standing: Standing, now: float) -> float:
    """The moderator's decision in signed log-odds at `now`."""
    if not standing.moderated:
        return 0.0
    age = 0.0 if standing.moderated_at is None else max(0.0, now - standing.moderated_at)
    return standing.moderated * MODERATION_WEIGHT * math.exp2(-age / LEGITIMATE_HALF_LIFE)


def percent(probability: float) -> int:
    """A probability as a score: whole percent, rounded down, so that only a probability that blocks
    has a score that does."""
    return math.floor(100.0 * probability + 1e-9)


def confidence(information: float) -> float:
    """Bühlmann's credibility n / (n + k): 1 − variance left / variance of the prior, 0 to 1.

    `information`: decayed log-odds on both sides after caps, so of independent voices only. It says
    how far the credible interval has shrunk, not on which side the number lies.
    """
    return information / (information + CONFIDENCE_UNIT)


def judge(
    evidence: Evidence,
    standing: Standing,
    now: float,
    *,
    prior: float = PRIOR,
    attestation: str = "",
) -> Judgement:
    """The judgement of a call from this number at `now` (days).

    `attestation` of the call being judged: A, B, C, failed, none, or "" when not known; ValueError
    otherwise. A failed one inherits nothing good: legitimate evidence, a moderator's clearance and
    immunity are left out. None lifts a block: a bad number stays bad, attested or not.
    """
    require_attestation(attestation)
    short, long, supported = decayed(evidence, now)
    unwanted = short + long
    odds, alone = log_odds(prior) + unwanted, is_alone(evidence)
    together = odds - supported
    before, after = expit(together), expit(calibrated(together, alone=alone))

    decision = moderation(standing, now)
    legitimate = supported + HOLDER_WEIGHT * standing.holder_verified
    if attestation == "failed":
        legitimate, decision = 0.0, max(0.0, decision)
    # A campaign's words count only if reports speak more against the number than for it.
    linked = standing.link(now) if unwanted > legitimate else UNLINKED
    raw, p = before, after
    if decision or linked or legitimate != supported:
        logit = odds - legitimate + decision
        # A decision, and words that are known from other numbers, are a further voice.
        alone = alone and decision <= 0.0 and not linked
        raw, p = expit(logit), expit(calibrated(logit, alone=alone))
    information = unwanted + legitimate + abs(decision)
    known_share = round(confidence(information), 2)
    missing = _lacking(evidence, standing, now)
    shielded = (standing.official and standing.moderated <= 0) or (
        standing.is_immune(now) and attestation != "failed"
    )
    impersonation = standing.official and attestation == "failed"
    if (action := _decided(standing, p, impersonation)) is None:
        if known_share == 0.0 or shielded:
            action = Action.ALLOW
        else:
            action = _by_evidence(p, missing is None, linked, standing)

    probability = _within(p, action)
    unknown = known_share == 0.0 and action is Action.ALLOW
    status = _status(standing, action, unknown, impersonation)
    score = 0 if unknown else percent(probability)
    # Positional arguments: keywords would double the cost.
    return Judgement(
        action, status, score, probability, raw, known_share, missing, prior, unwanted, supported,
        before, after, impersonation,
    )  # fmt: skip


def _decided(standing: Standing, p: float, impersonation: bool) -> Action | None:
    """The action that a decision or a failed attestation settles, whatever the evidence is."""
    if standing.pinned is not None:
        return standing.pinned
    if standing.never_calls:
        return Action.BLOCK
    if impersonation:
        return Action.BLOCK if standing.moderated > 0 and p >= BLOCK_AT else Action.FLAG
    return None


def _by_evidence(p: float, may_block: bool, linked: int, standing: Standing) -> Action:
    """The action where no decision on the number has settled it. `may_block`: no gate is closed."""
    if p >= BLOCK_AT and may_block:
        return Action.BLOCK
    if linked == BLOCKS and p >= FLAG_AT and not (standing.disputed or standing.spoofed):
        return Action.BLOCK
    return Action.FLAG if p >= FLAG_AT or linked else Action.ALLOW


def _within(p: float, action: Action) -> float:
    """p moved just inside the range that `action` stands for."""
    if action is Action.BLOCK:
        return max(p, BLOCK_AT)
    if action is Action.FLAG:
        if p >= BLOCK_AT:
            return BLOCK_AT - JUST_UNDER
        return max(p, FLAG_AT)
    return p if p < FLAG_AT else FLAG_AT - JUST_UNDER


def _status(standing: Standing, action: Action, unknown: bool, impersonation: bool) -> Status:
    if impersonation or standing.never_calls:
        return Status.SPOOFED
    if standing.official:
        return Status.OFFICIAL
    if standing.disputed:
        return Status.DISPUTED
    if standing.spoofed:
        return Status.SPOOFED
    if action is not Action.ALLOW:
        return Status.LISTED
    if standing.reassigned:
        return Status.REASSIGNED
    return Status.UNKNOWN if unknown else Status.CLEAR
