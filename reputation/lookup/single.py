"""Looks up one number: reads its row and computes the answer as of now.

Score, action and the figures in the reasons are computed at the time of the request: evidence
fades, and a stored result may no longer hold. Everything public reads numbers here, or many at
once in reputation.lookup.many.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson

from reputation.identity import Identity, line_type
from reputation.lookup.advice import advise
from reputation.models import Prepared, Row
from reputation.privacy import SHOWN
from reputation.scoring import (
    ATTESTATION_FACTORS,
    EMPTY,
    NOBODY,
    PRIOR,
    Action,
    Campaign,
    Code,
    Evidence,
    Reason,
    Standing,
    Status,
    explain,
    in_english,
    judge,
    to_days,
)

# How long clients may keep an answer, in seconds, unless its action is due to change before.
TTL = 300

# The values of `verstat` in SIP networks, and the attestation that each stands for.
VERSTAT = {
    "TN-Validation-Passed": "A",
    "TN-Validation-Passed-A": "A",
    "TN-Validation-Passed-B": "B",
    "TN-Validation-Passed-C": "C",
    "TN-Validation-Failed": "failed",
    "TN-Validation-Failed-A": "failed",
    "TN-Validation-Failed-B": "failed",
    "TN-Validation-Failed-C": "failed",
    "No-TN-Validation": "none",
}
# The words by which Asterisk's STIR_SHAKEN(…,verify_result) and others say the same of a call.
_WORDS = {
    **{value.casefold(): value for value in ATTESTATION_FACTORS},
    **{verstat.casefold(): attestation for verstat, attestation in VERSTAT.items()},
    **dict.fromkeys(
        ("mismatch", "signature_failed", "signature failed", "verification mismatch"), "failed"
    ),
}

# The columns that an answer needs, in the order in which `of_row` unpacks them. Moments for the
# arithmetic arrive as days since the epoch, moments for display as text.
_DAYS = "date_part('epoch', n.{}) / 86400"
# Whether anybody but the pass decided a thing about it: nearly nowhere.
DECIDED = """(n.official OR n.holder_verified OR n.moderated <> 0 OR n.disputed OR n.spoofed
    OR n.reassigned OR n.pinned <> '' OR n.immune_until IS NOT NULL OR n.never_calls
    OR n.linked <> 0)"""
# The numeric fields of scoring.policy.Standing: one array costs less than eight columns. Without
# nulls, which would be shorter than the other elements.
DECISIONS = f"""ARRAY[n.official::int, n.holder_verified::int, n.moderated,
    coalesce({_DAYS.format("moderated_at")}, 'NaN'), n.disputed::int, n.spoofed::int,
    n.reassigned::int, coalesce({_DAYS.format("immune_until")}, 'NaN'), n.never_calls::int,
    n.linked, coalesce({_DAYS.format("linked_until")}, 'NaN')]::float8[]"""
COLUMNS = ", ".join(
    (
        "n.key, n.country, n.line_type, n.name, n.category, n.reports, n.complaints",
        SHOWN.format("first_reported_at"),
        SHOWN.format("last_reported_at"),
        _DAYS.format("reassess_at"),
        f"CASE WHEN {DECIDED} THEN {DECISIONS} END, n.pinned, n.told",
        # The last of them are the fields of scoring.evidence.Evidence.
        "n.prior, n.promoted",
        _DAYS.format("evidence_at"),
        "n.unwanted_short, n.unwanted_long, n.legitimate, n.networks, n.established, n.newcomers",
        "n.established_networks, n.supporters, n.imported",
        _DAYS.format("first_unwanted_at"),
        _DAYS.format("last_unwanted_at"),
        "n.gathered, n.saturated",
    )
)
ONE = Prepared(f"SELECT {COLUMNS} FROM reputation_number n WHERE n.key = %s")  # noqa: S608
PROMOTED = Standing(promoted=True)

# Renders a reason as a sentence: in the API's English, or in the reader's language.
type Say = Callable[[Reason], str]


class Answer(NamedTuple):
    """The public answer about one number at one moment. Fields as in the HTTP contract.

    `campaign`: the key of the campaign whose words its reports use; empty where no answer has it.
    `own_rule`: the pattern of the asker's own list that decides; empty where none does.
    """

    number: str
    action: str
    score: int
    confidence: float
    status: str
    category: str
    reports: int
    reporters: int
    first_reported_at: str
    last_reported_at: str
    name: str
    country: str
    line_type: str
    reasons: list[str]
    advice: str
    ttl: int
    campaign: str = ""
    own_rule: str = ""


def attestation_of(value: str) -> str:
    """The attestation (A, B, C, failed, none or "") for `value`, itself one or a SIP verstat value.

    Case and blanks around it do not matter. Any other text is "none": it vouches for nothing. It is
    no error, because callers can write it, and an error would connect a blocked caller.
    """
    return _WORDS.get(value.strip().casefold(), "none")


def look_up(
    identity: Identity, *, now: datetime, attestation: str = "", say: Say = in_english
) -> Answer:
    """The answer about a call from `identity` now."""
    attested = attestation_of(attestation)
    row = ONE.one(identity.key)
    return answer(row, identity, now=to_days(now), attestation=attested, say=say)


def answer(
    row: Row | None,
    identity: Identity,
    *,
    now: float,
    attestation: str = "",
    say: Say = in_english,
) -> Answer:
    """The answer from a row of COLUMNS, or for a number without one. `now` in days."""
    if row is None:
        return unknown(identity.key, identity.country, say)
    return of_row(row, now=now, attestation=attestation, say=say)


def of_row(row: Row, *, now: float, attestation: str = "", say: Say = in_english) -> Answer:
    """The answer from a row of COLUMNS. `now` in days."""
    (
        key, country, line, name, category, reports, complaints, first, last, reassess_at, decided,
        pinned, campaign, prior, promoted, *evidence_fields,
    ) = row  # fmt: skip
    standing = PROMOTED if promoted else NOBODY
    if decided is not None:
        standing = standing_of(decided, pinned, promoted)
    shown_campaign = campaign_of(campaign, standing, now)
    action, status, score, confidence, reasons = read(
        Evidence(*evidence_fields), standing, prior, now, attestation, say, shown_campaign
    )
    if status == Status.UNKNOWN:
        category = ""  # the reported category no longer counts
    left = TTL if reassess_at is None else (reassess_at - now) * 86_400
    return Answer(
        key,
        action,
        score,
        confidence,
        status,
        category,
        reports + complaints,
        reports,
        first,
        last,
        name,
        country,
        line,
        reasons,
        advise(action, category),
        TTL if left >= TTL else max(0, int(left)),
        shown_campaign.key if shown_campaign else "",
    )


def unknown(key: str, country: str, say: Say = in_english) -> Answer:
    """The answer for a number without a row: independent of moment and call."""
    action, status, score, confidence, _ = _UNKNOWN
    return Answer(
        key,
        action,
        score,
        confidence,
        status,
        category="",
        reports=0,
        reporters=0,
        first_reported_at="",
        last_reported_at="",
        name="",
        country=country,
        line_type=line_type(key),
        reasons=[say(_NOTHING)],
        advice="",
        ttl=TTL,
    )


def standing_of(decided: Sequence[float], pinned: str, promoted: bool) -> Standing:
    """The standing from the values of DECISIONS, the pinned action and the promotion."""
    (
        official, verified, moderated, moderated_at, disputed, spoofed, reassigned, immune,
        never_calls, linked, linked_until,
    ) = decided  # fmt: skip
    return Standing(
        official=bool(official),
        holder_verified=bool(verified),
        moderated=int(moderated),
        moderated_at=None if math.isnan(moderated_at) else moderated_at,
        promoted=promoted,
        disputed=bool(disputed),
        spoofed=bool(spoofed),
        reassigned=bool(reassigned),
        pinned=Action(pinned) if pinned else None,
        immune_until=None if math.isnan(immune) else immune,
        never_calls=bool(never_calls),
        linked=int(linked),
        linked_until=None if math.isnan(linked_until) else linked_until,
    )


def campaign_of(written: str, standing: Standing, now: float) -> Campaign | None:
    """The campaign from what the number's row has of it, while it links it at `now` (days)."""
    return Campaign(*orjson.loads(written)) if written and standing.link(now) else None


def read(
    evidence: Evidence,
    standing: Standing,
    prior: float,
    now: float,
    attestation: str = "",
    say: Say = in_english,
    campaign: Campaign | None = None,
) -> tuple[str, str, int, float, list[str]]:
    """The public part of a judgement: action, status, score, confidence and reasons."""
    judgement = judge(evidence, standing, now, prior=prior, attestation=attestation)
    return (
        judgement.action.value,
        judgement.status.value,
        judgement.score,
        judgement.confidence,
        list(map(say, explain(evidence, standing, judgement, now, campaign))),
    )


_NOTHING = Reason(Code.NOTHING_COUNTS)
_UNKNOWN = read(EMPTY, NOBODY, PRIOR, 0.0)
