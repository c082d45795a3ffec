"""The arithmetic in plain sentences. Each is true by construction: it prints fields, no opinions.

Log-odds add up, so "raises the odds 4.1 times" is e to the power of the evidence left today.
"""

import math
from collections.abc import Mapping
from datetime import date

from reputation.scoring.categories import CATEGORIES
from reputation.scoring.evidence import NEWCOMERS_CAP, PRIOR, Evidence, expit, log_odds, sums
from reputation.scoring.policy import Action, Judgement, Standing, Status, calibrated


def explain(
    evidence: Evidence,
    standing: Standing,
    judgement: Judgement,
    now: float,
    *,
    prior: float = PRIOR,
    category_mix: Mapping[str, float] | None = None,
) -> list[str]:
    """Why `judgement` (of `judge(evidence, standing, now, prior=prior, …)`) is what it is.

    `category_mix`: decayed weight per category (mix.fold_mix), if the mix is to be told.
    """
    sentences = decisions(standing, judgement, now)
    if judgement.status is Status.UNKNOWN:
        said = evidence.established + evidence.newcomers + evidence.supporters
        return [*sentences, *nothing_counts(said, evidence.imported)]
    unwanted, legitimate = sums(evidence, now)
    reported = evidence.established + evidence.newcomers
    if reported or evidence.supporters or evidence.imported:
        sentences.append(f"Before any report: {prior:.0%} likely to be unwanted.")
    if reported:
        sentences.append(_reports(evidence))
    if evidence.imported:
        count = _count(evidence.imported, "imported complaint")
        sentences.append(f"{count} from public sources, each source counted as one limited voice.")
    if evidence.gathered > 0.0:
        sentences.append(f"This evidence raises the odds {_times(unwanted)} today.")
        taken = 1.0 - unwanted / evidence.gathered
        if taken >= 0.01:
            sentences.append(f"Age has taken {taken:.0%} of its weight.")
    if evidence.supporters:
        sentences.append(
            f"{_count(evidence.supporters, 'report')} to the contrary (legitimate): "
            f"this lowers the odds {_times(legitimate)} today."
        )
    if evidence.gathered > 0.0 or evidence.supporters:
        together = log_odds(prior) + unwanted - legitimate
        sentences.append(
            f"Added up: {expit(together):.0%}; after calibration: "
            f"{expit(calibrated(together)):.0%}."
        )
    if evidence.saturated >= 0.01:
        sentences.append(
            "Limits on one network, one day and all new accounts together withheld "
            f"{evidence.saturated:.2f} of log-odds."
        )
    if evidence.newcomers and not evidence.established and not evidence.imported:
        ceiling = math.ceil(100.0 * expit(calibrated(log_odds(prior) + NEWCOMERS_CAP)))
        sentences.append(f"New accounts alone cannot lift this number above {ceiling}%.")
    if category_mix:
        sentences.extend(_mix(category_mix))
    if judgement.action is Action.FLAG and judgement.gates:
        sentences.append(f"Blocking needs {'; '.join(judgement.gates)}.")
    return sentences


def decisions(standing: Standing, judgement: Judgement, now: float) -> list[str]:
    """What people decided about the number, as far as it bears on the judgement."""
    told = []
    if standing.pinned is not None:
        told.append(f"A moderator fixed the action to {standing.pinned.value}.")
    if judgement.impersonation:
        told.append("This call claims an official number but failed attestation: impersonation.")
    elif standing.official:
        told.append("This is a verified official number: reports alone neither flag nor block it.")
    if standing.moderated > 0:
        told.append("A moderator confirmed that calls from this number are unwanted.")
    elif standing.moderated < 0:
        told.append("A moderator judged this number legitimate.")
    if standing.holder_verified:
        told.append("The holder has proved control of the number.")
    if standing.immune_until is not None and standing.is_immune(now):
        told.append(
            "The holder's dispute was upheld: reports alone do not list the number before "
            f"{_date(standing.immune_until)}."
        )
    if standing.disputed:
        told.append("The holder disputes the listing; it is not blocked until that is decided.")
    if standing.spoofed:
        told.append("Others appear to call under this number; it is not blocked for that.")
    if standing.reassigned:
        told.append("The number has a new holder; earlier reports no longer count.")
    return told


def _reports(evidence: Evidence) -> str:
    # Both are set with the first counted unwanted voice.
    first, last = evidence.first_unwanted or 0.0, evidence.last_unwanted or 0.0
    reported = _count(evidence.established + evidence.newcomers, "unwanted report")
    networks = f" from {_count(evidence.networks, 'network')}" if evidence.networks else ""
    if math.floor(first) == math.floor(last):
        days = f"on {_date(first)}"
    else:
        days = f"between {_date(first)} and {_date(last)}"
    return (
        f"{reported}{networks} {days}: {evidence.established} by established reporters, "
        f"{evidence.newcomers} by new accounts."
    )


def _mix(category_mix: Mapping[str, float]) -> list[str]:
    unwanted = {
        name: weight
        for name, weight in category_mix.items()
        if name != "legitimate" and weight > 0.0
    }
    total = sum(unwanted.values())
    if not total:
        return []
    top = max(unwanted, key=lambda name: (unwanted[name], name))
    share, label = unwanted[top] / total, CATEGORIES[top].label
    if share < 0.5:
        return [f"Reports disagree on what it is: {label} leads with {share:.0%} of the weight."]
    return [f"{share:.0%} of the reported weight says {label}."]


def nothing_counts(reports: int, complaints: int) -> list[str]:
    """What to tell of a number of which all has faded, or of which nothing was ever said."""
    told = ["Nothing that still counts is known about this number."]
    found = ((reports, "report"), (complaints, "imported complaint"))
    if on_record := [_count(count, noun) for count, noun in found if count]:
        told.append(f"On record, but too old to count: {' and '.join(on_record)}.")
    return told


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _times(log_factor: float) -> str:
    return f"{math.exp(min(log_factor, 50.0)):.1f} times"


def _date(days: float) -> str:
    return date.fromordinal(date(1970, 1, 1).toordinal() + math.floor(days)).isoformat()
