"""What a reporter's word weighs, and how settled truth changes that.

A reporter's record is two-sided, four soft counts of settled reports:

                         truth unwanted    truth legitimate
    reported unwanted    tp                fp
    reported legitimate  fn                tn

    sensitivity = (7 + tp) / (8.5 + tp + fn)        specificity = (6 + tn) / (7.2 + tn + fp)
    weight of an unwanted report   = min(ln(sens / f), 1.6),  f = 1 − spec + .2·sd(spec)
    weight of a legitimate report  = min(ln(spec / m), 1.8),  m = 1 − sens + .2·sd(sens)

never below 0; sd is that of the Beta posterior. One-sided models ("accuracy") collapse when errors
lean one way, as they do here; who only ever votes along gains sensitivity but no specificity.

Settlement. When a number's logit leaves (SETTLE_LOW, SETTLE_HIGH), every report filed *before* that
moment is credited by what the others alone say (`settle`). Reports filed later earn nothing:
agreeing with what is already known buys no trust. The moment is the first exit in an epoch; callers
remember it (settled_seq) and may settle the same early reports again when evidence changes, by the
difference (`credited`). Should the number later leave the band on the *other* side, that exit is a
new moment and the reports filed before it take part. Coming back inside the band is no new moment.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reputation.scoring.categories import CATEGORIES, Side
from reputation.scoring.evidence import Evidence, expit, log_odds, sums

# Prior counts, set by hand: a stranger is right about 82 % of the time on unwanted calls and 83 %
# on legitimate ones, held firmly enough that a few settled reports move it little.
SENSITIVITY_HITS: Final = 7.0
SENSITIVITY_TOTAL: Final = 8.5
SPECIFICITY_HITS: Final = 6.0
SPECIFICITY_TOTAL: Final = 7.2
# Share of the posterior's standard deviation added to the error rate: doubt costs weight.
DOUBT: Final = 0.2
# Upper bounds of one voice in log-odds. A stranger weighs 1.45 and 1.42 (the formulas above with an
# empty record), so a good record makes a voice little louder: it opens gates instead.
UNWANTED_CAP: Final = 1.6
LEGITIMATE_CAP: Final = 1.8
# The same in a closed panel, where neither time nor network is known: its members are no strangers.
PANEL_CAP: Final = 4.0

# An account is established after 7 days, with 1.5 settled agreements, and three times more
# agreements than disagreements. The pass counts support of the same reporters only once, so a group
# that confirms itself ends at about one agreement each: 1.5 is out of its reach (docs/adr/0008).
ESTABLISHED_DAYS: Final = 7.0
ESTABLISHED_AGREEMENTS: Final = 1.5
ESTABLISHED_RATIO: Final = 3.0
# Trust from outside (anchors.py) that makes an account an anchor for others: as much as a
# moderator's decision about a number that it reported first gives, or three anchored accounts
# together. Two accounts of one person make no third.
ANCHORED_FIRSTS: Final = 2.25
# A report is a first if the faded log-odds of other reports on its side are below this.
FIRST_BELOW: Final = 0.1

# A number settles when its logit leaves this band (p .20 and .90).
SETTLE_LOW: Final = -1.4
SETTLE_HIGH: Final = 2.2
# Leave-one-out probabilities between which the credit ramps from 0 to 1, towards "unwanted" and
# towards "legitimate". Hard cut-offs never bootstrap, or oscillate.
UNWANTED_RAMP: Final = (0.80, 0.88)
LEGITIMATE_RAMP: Final = (0.25, 0.20)
# A report is settled by other reports within this many days, since numbers change hands: a report
# on a past holder is not judged by the calls of the next.
SETTLE_WINDOW: Final = 60.0
# A moderator's decision, in settled reports.
MODERATOR_CREDIT: Final = 3.0
# A report that contributes no more cannot keep a number inside the band: however far outside of it
# the number is on this side (1 unwanted, -1 legitimate), the report has the full credit. A little
# below the distance from the band to the end of the ramp, which is .2076 and .0137.
QUIET: Final = {1: 0.2, -1: 0.013}
# Margin for rounding: log-odds by which `sure` stays on the safe side.
ROUNDING: Final = 1e-6

# What a report says about the number's holder, given the call's attestation (provenance). "" means
# that nobody looked; "none" that the call carried none. A failed one most likely was somebody else.
ATTESTATION_FACTORS: Final[dict[str, float]] = {
    "": 1.0,
    "A": 1.0,
    "B": 1.0,
    "C": 0.8,
    "none": 0.95,
    "failed": 0.4,
}


# Attestations by which a carrier vouches for the call's number.
ATTESTED: Final = frozenset({"A", "B"})


@dataclass(frozen=True, slots=True)
class Record:
    """Soft counts (≥ 0) of a reporter's settled reports; all 0 for a new account.

    `firsts`: trust from outside in the reporter (scoring.anchors): unwanted reports filed when
    nobody else's word on that side still counted (`is_first`), and confirmed by a moderator or by
    anchored accounts. Repeating others costs nothing; being first needs knowledge of one's own.
    """

    tp: float = 0.0
    fn: float = 0.0
    tn: float = 0.0
    fp: float = 0.0
    firsts: float = 0.0

    @property
    def agreements(self) -> float:
        return self.tp + self.tn

    @property
    def disagreements(self) -> float:
        return self.fp + self.fn


# What a moderator who vouches for a reporter adds to the record: about the record of an account
# that was often right, on both sides, and first. Later mistakes of the account reduce it again.
VOUCHED: Final = Record(tp=5.0, tn=5.0, firsts=3.0)


def unvouched(record: Record) -> Record:
    """The record without what a moderator's vouching added to it."""
    return Record(
        max(0.0, record.tp - VOUCHED.tp),
        record.fn,
        max(0.0, record.tn - VOUCHED.tn),
        record.fp,
        max(0.0, record.firsts - VOUCHED.firsts),
    )


def sensitivity(record: Record) -> float:
    """Posterior mean that the reporter calls an unwanted call unwanted, in (0, 1)."""
    return (SENSITIVITY_HITS + record.tp) / (SENSITIVITY_TOTAL + record.tp + record.fn)


def specificity(record: Record) -> float:
    """Posterior mean that the reporter calls a legitimate call legitimate, in (0, 1)."""
    return (SPECIFICITY_HITS + record.tn) / (SPECIFICITY_TOTAL + record.tn + record.fp)


def weight(record: Record, side: Side, *, cap: float | None = None) -> float:
    """Log-likelihood ratio of one report on `side` before provenance and caps: 0 to 1.6 or 1.8.

    `cap` instead of 1.6 or 1.8: for closed panels, where nobody is a stranger (PANEL_CAP).
    """
    sens, spec = sensitivity(record), specificity(record)
    if side is Side.UNWANTED:
        total = SPECIFICITY_TOTAL + record.tn + record.fp
        doubt = DOUBT * math.sqrt(spec * (1.0 - spec) / (total + 1.0))
        return max(0.0, min(math.log(sens / (1.0 - spec + doubt)), cap or UNWANTED_CAP))
    total = SENSITIVITY_TOTAL + record.tp + record.fn
    doubt = DOUBT * math.sqrt(sens * (1.0 - sens) / (total + 1.0))
    return max(0.0, min(math.log(spec / (1.0 - sens + doubt)), cap or LEGITIMATE_CAP))


def provenance(attestation: str = "", was_warned: bool = False) -> float:
    """Factor (0 to 1) on a report's weight for how its call came in.

    `attestation`: A, B, C, failed, none, or "" when not known. 0 when the caller was already shown
    as suspicious: such a report copies our own score. ValueError for any other attestation.
    """
    if was_warned:
        return 0.0
    require_attestation(attestation)
    return ATTESTATION_FACTORS[attestation]


def require_attestation(attestation: str) -> None:
    """Raises ValueError for a word that is no attestation."""
    if attestation not in ATTESTATION_FACTORS:
        known = ", ".join(repr(name) for name in ATTESTATION_FACTORS)
        raise ValueError(f"attestation must be one of {known}, got {attestation!r}")


def is_established(record: Record, age_days: float) -> bool:
    """Whether the account counts as established: `age_days` since it was created."""
    return (
        age_days >= ESTABLISHED_DAYS
        and record.agreements >= ESTABLISHED_AGREEMENTS
        and record.agreements >= ESTABLISHED_RATIO * record.disagreements
    )


def raises_false_alarms(record: Record) -> bool:
    """Whether the account called wanted calls unwanted too often for numbers to rest on it.

    Bad numbers that it called legitimate do not count here: they block nobody.
    """
    return record.fp >= 1.0 and record.agreements < ESTABLISHED_RATIO * record.fp


def is_anchored(record: Record) -> bool:
    """Whether trust from outside reaches this account, so that numbers may rest on it.

    Agreement alone never gives that: see scoring.anchors.
    """
    return record.firsts >= ANCHORED_FIRSTS and not raises_false_alarms(record)


def rests_on(record: Record, reporter: int, backers: tuple[int, ...]) -> tuple[int, ...]:
    """The anchored accounts on which the reporter's word rests: itself, its backers, or nobody."""
    if raises_false_alarms(record):
        return ()
    return (reporter,) if is_anchored(record) else backers


def decayed_contribution(
    category: str, contribution: float, at: float, now: float
) -> tuple[Side, float]:
    """The side of a report of this category, and what it still contributes at `now`, given what the
    fold said it added at `at`."""
    said = CATEGORIES[category]
    return said.side, contribution * math.exp2(-max(0.0, now - at) / said.half_life)


def is_settled(total_logit: float) -> bool:
    """Whether a number with these log-odds has left the band in which nothing is known."""
    return total_logit <= SETTLE_LOW or total_logit >= SETTLE_HIGH


def credit(others_logit: float) -> float:
    """Signed soft credit in [−1, 1] from the log-odds that all the others alone give.

    Above 0: the truth is unwanted; below 0: it is legitimate; 0: not plain without this report.
    """
    p = expit(others_logit)
    low, high = UNWANTED_RAMP
    if p > low:
        return min(1.0, (p - low) / (high - low))
    low, high = LEGITIMATE_RAMP
    if p < low:
        return -min(1.0, (low - p) / (low - high))
    return 0.0


def settle(total_logit: float, contributions: Sequence[tuple[Side, float]]) -> list[float]:
    """Leave-one-out credits for the reports that were filed before the number settled.

    `total_logit`: the number's log-odds now. `contributions`: side and decayed contribution (≥ 0,
    log-odds) of each such report, now. Returns one signed credit (see `credit`) per report, all 0
    while the number is not settled.
    """
    if not is_settled(total_logit):
        return [0.0] * len(contributions)
    return [
        credit(total_logit - amount if side is Side.UNWANTED else total_logit + amount)
        for side, amount in contributions
    ]


def sure(total_logit: float) -> float:
    """The contribution up to which `settle` gives a report the full credit, whichever its side.

    `total_logit` lies outside the band. Log-odds, at least QUIET of that side.
    """
    if total_logit > 0.0:
        return total_logit - log_odds(UNWANTED_RAMP[1]) - ROUNDING
    return log_odds(LEGITIMATE_RAMP[1]) - total_logit - ROUNDING


def full_side(credit: float, contribution: float) -> int:
    """The truth, 1 or -1, by which settling cannot change this credit any more; 0: by neither.

    `contribution`: what the report added when it was counted, in log-odds.
    """
    side = 1 if credit > 0.0 else -1
    if abs(credit) >= MODERATOR_CREDIT or (credit == side and contribution <= QUIET[side]):
        return side
    return 0


def is_first(evidence: Evidence, side: Side, at: float) -> bool:
    """Whether a report on `side` at `at` is the first on that side, or the first in a long time.

    `evidence`: the number's, before the report is folded.
    """
    unwanted, legitimate = sums(evidence, at)
    return (unwanted if side is Side.UNWANTED else legitimate) < FIRST_BELOW


def credited(
    record: Record, side: Side, old_credit: float, new_credit: float, *, first: bool = False
) -> Record:
    """The record after a report on `side` has its credit changed from old to new (signed).

    `first`: what `is_first` said when the report was filed. It counts once a moderator has
    confirmed the number; only the trust pass can weigh firsts that the crowd confirms.
    """
    unwanted = max(0.0, new_credit) - max(0.0, old_credit)
    legitimate = max(0.0, -new_credit) - max(0.0, -old_credit)
    # Positional arguments: keywords would double the cost of a record.
    if side is Side.UNWANTED:
        anchor = MODERATOR_CREDIT * (
            (new_credit >= MODERATOR_CREDIT) - (old_credit >= MODERATOR_CREDIT)
        )
        return Record(
            max(0.0, record.tp + unwanted),
            record.fn,
            record.tn,
            max(0.0, record.fp + legitimate),
            max(0.0, record.firsts + first * anchor),
        )
    return Record(
        record.tp,
        max(0.0, record.fn + unwanted),
        max(0.0, record.tn + legitimate),
        record.fp,
        record.firsts,
    )
