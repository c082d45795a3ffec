"""Why a judgement is what it is. Each reason is true by construction: it holds fields, no opinions.

Log-odds add up, so "raises the odds 4.1 times" is e to the power of the evidence left today.
"""

import math
from functools import lru_cache
from typing import Final, NamedTuple

from reputation.scoring.curves import calibrated, curves_in_use
from reputation.scoring.evidence import NEWCOMERS_CAP, Evidence, expit, log_odds
from reputation.scoring.fitting import Curves
from reputation.scoring.policy import Action, Judgement, Standing, Status, percent
from reputation.scoring.sentences import KEPT, Code, Reason

PINNED: Final = {
    Action.ALLOW: Code.PINNED_TO_ALLOW,
    Action.FLAG: Code.PINNED_TO_FLAG,
    Action.BLOCK: Code.PINNED_TO_BLOCK,
}
# The same figures come again and again: a reason is made once, and its sentence written once.
kept = lru_cache(KEPT)
# By whether the networks are known.
REPORTED: Final = {False: Code.REPORTED, True: Code.REPORTED_FROM_NETWORKS}


class Campaign(NamedTuple):
    """What is told of the campaign whose words a number's reports use.

    `words`: a masked phrase, or empty.
    """

    key: str
    words: str
    reports: int
    numbers: int
    confirmed: bool


def explain(
    evidence: Evidence,
    standing: Standing,
    judgement: Judgement,
    now: float,
    campaign: Campaign | None = None,
) -> list[Reason]:
    """Why `judgement` (of `judge(evidence, standing, now, …)`) is what it is.

    `campaign`: the one that `standing.linked` is about.
    """
    reasons = decisions(standing, judgement, now)
    counted = evidence.established + evidence.newcomers
    if judgement.status is Status.UNKNOWN:
        reports = counted + evidence.supporters
        return [*reasons, *nothing_counts(reports, evidence.imported)]
    unwanted, legitimate = judgement.unwanted, judgement.legitimate
    if judgement.action is not Action.ALLOW and standing.link(now) and not standing.official:
        reasons += linked(standing, campaign)
    if counted or evidence.supporters or evidence.imported:
        reasons.append(before_any_report(judgement.prior))
    if counted:
        reasons.append(reported_by(evidence.established, evidence.newcomers, evidence.networks))
    if evidence.imported:
        reasons.append(imported(evidence.imported))
    if evidence.gathered > 0.0:
        reasons.append(raises(_times(unwanted)))
        taken = 1.0 - unwanted / evidence.gathered
        if taken >= 0.01:
            reasons.append(aged(round(100.0 * taken)))
    if evidence.supporters:
        reasons.append(supported_by(evidence.supporters, _times(legitimate)))
    if evidence.gathered > 0.0 or evidence.supporters:
        reasons.append(added_up(percent(judgement.before), percent(judgement.after)))
    if evidence.saturated >= 0.01:
        reasons.append(withheld_by(round(evidence.saturated, 2)))
    if evidence.newcomers and not evidence.established and not evidence.imported:
        reasons.append(ceiling(judgement.prior))
    if judgement.action is Action.FLAG and judgement.needs is not None:
        reasons.append(judgement.needs)
    return reasons


def decisions(standing: Standing, judgement: Judgement, now: float) -> list[Reason]:
    """What people decided about the number, as far as it bears on the judgement."""
    reasons = []
    if standing.pinned is not None:
        reasons.append(Reason(PINNED[standing.pinned]))
    if standing.never_calls:
        reasons.append(Reason(Code.NEVER_CALLS))
    if judgement.impersonation:
        reasons.append(Reason(Code.IMPERSONATION))
    elif standing.official and not standing.never_calls:
        reasons.append(Reason(Code.OFFICIAL))
    if standing.moderated > 0:
        reasons.append(Reason(Code.CONFIRMED))
    elif standing.moderated < 0:
        reasons.append(Reason(Code.CLEARED))
    if standing.holder_verified:
        reasons.append(Reason(Code.HOLDER_VERIFIED))
    if standing.immune_until is not None and standing.is_immune(now):
        reasons.append(immune_until(math.floor(standing.immune_until)))
    if standing.disputed:
        reasons.append(Reason(Code.DISPUTED))
    if standing.spoofed:
        reasons.append(Reason(Code.SPOOFED))
    if standing.reassigned:
        reasons.append(Reason(Code.REASSIGNED))
    return reasons


def immune_until(day: int) -> Reason:
    """`day`: since 1970."""
    return Reason(Code.IMMUNE, {"until": day})


def linked(standing: Standing, campaign: Campaign | None) -> list[Reason]:
    """What the words of its reports say of a number."""
    reasons = []
    if campaign is None:
        reasons.append(Reason(Code.SAME_AS_OTHERS))
    else:
        figures = {"reports": campaign.reports, "alike": campaign.numbers}
        if campaign.words:
            reasons.append(Reason(Code.SAME_WORDS, {"words": campaign.words, **figures}))
        else:
            reasons.append(Reason(Code.SAME_CAMPAIGN, figures))
        if campaign.confirmed:
            reasons.append(Reason(Code.CAMPAIGN_CONFIRMED))
    if standing.linked_until is not None:
        reasons.append(Reason(Code.LINKED_FOR_NOW))
    return reasons


def nothing_counts(reports: int, complaints: int) -> list[Reason]:
    """The reasons for a number whose evidence has all faded, or that has none."""
    reasons = [Reason(Code.NOTHING_COUNTS)]
    if reports and complaints:
        figures = {"reports": reports, "complaints": complaints}
        reasons.append(Reason(Code.BOTH_ON_RECORD, figures))
    elif reports:
        reasons.append(Reason(Code.REPORTS_ON_RECORD, {"reports": reports}))
    elif complaints:
        reasons.append(Reason(Code.COMPLAINTS_ON_RECORD, {"complaints": complaints}))
    return reasons


@kept
def before_any_report(prior: float) -> Reason:
    """How likely a number is to be unwanted before any report: `prior`, a probability."""
    return Reason(Code.PRIOR, {"percent": round(100.0 * prior)})


def ceiling(prior: float) -> Reason:
    """The most that new accounts alone may publish, from this prior, a probability."""
    return _ceiling(prior, curves_in_use())


@kept
def _ceiling(prior: float, _by: Curves) -> Reason:
    most = math.ceil(100.0 * expit(calibrated(log_odds(prior) + NEWCOMERS_CAP)))
    return Reason(Code.CEILING, {"percent": most})


@kept
def reported_by(established: int, newcomers: int, networks: int) -> Reason:
    """Unwanted reports by kind of reporter."""
    figures = {
        "unwanted": established + newcomers,
        "networks": networks,
        "established": established,
        "newcomers": newcomers,
    }
    return Reason(REPORTED[networks > 0], figures)


@kept
def imported(complaints: int) -> Reason:
    return Reason(Code.IMPORTED, {"imported": complaints})


@kept
def raises(times: float) -> Reason:
    """By how much the unwanted evidence raises the odds, to one decimal."""
    return Reason(Code.RAISES, {"times": times})


@kept
def aged(percent: int) -> Reason:
    return Reason(Code.AGED, {"percent": percent})


@kept
def supported_by(supporters: int, times: float) -> Reason:
    """Who spoke for the number, and by how much that lowers the odds, to one decimal."""
    return Reason(Code.SUPPORTED, {"supporters": supporters, "times": times})


@kept
def added_up(raw: int, published: int) -> Reason:
    """What the evidence comes to, in percent."""
    return Reason(Code.ADDED_UP, {"raw": raw, "published": published})


@kept
def withheld_by(log_odds: float) -> Reason:
    """What limits kept from counting, to two decimals."""
    return Reason(Code.WITHHELD, {"log_odds": log_odds})


def _times(log_factor: float) -> float:
    return round(math.exp(log_factor if log_factor < 50.0 else 50.0), 1)
