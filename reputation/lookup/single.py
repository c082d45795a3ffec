"""Looks up one number: reads its row and computes the answer as of now.

Score, action and the figures in the reasons are computed at the time of the request: evidence
fades, and a stored result may no longer hold. Everything public reads numbers here, or many at
once in reputation.lookup.many.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from reputation.identity import Identity, line_type
from reputation.lookup.advice import advise
from reputation.lookup.moments import day_of, days_of, midnight, monday_of
from reputation.models import STANDING, Prepared, Row
from reputation.privacy import FEW
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
# The results of Asterisk's STIR_SHAKEN(…,verify_result) and others, with the attestation that each
# stands for.
_WORDS = {
    **{value.casefold(): value for value in ATTESTATION_FACTORS},
    **{verstat.casefold(): attestation for verstat, attestation in VERSTAT.items()},
    **dict.fromkeys(
        ("mismatch", "signature_failed", "signature failed", "verification mismatch"), "failed"
    ),
}

# The columns that an answer needs, as they are stored and in the order of `of_row`. Decoding them
# here costs less than letting PostgreSQL do it.
_SHOWN = (
    *("key", "country", "line_type", "name", "category", "reports", "complaints"),
    *("first_reported_at", "last_reported_at", "reassess_at", "told", "prior"),
)
# The fields of scoring.evidence.Evidence.
_EVIDENCE = (
    *("evidence_at", "unwanted_short", "unwanted_long", "legitimate", "networks", "established"),
    *("newcomers", "established_networks", "supporters", "imported"),
    *("first_unwanted_at", "last_unwanted_at", "gathered", "saturated"),
)
_STANDING_AT = len(_SHOWN)
_EVIDENCE_AT = _STANDING_AT + len(STANDING)
COLUMNS = ", ".join(f"n.{name}" for name in (*_SHOWN, *STANDING, *_EVIDENCE))
ONE = Prepared(
    f"SELECT {COLUMNS} FROM reputation_number n WHERE n.key = %s",  # noqa: S608 -- constants
    counted_from=0,
)

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

    Case and blanks around it do not matter, nor does what Twilio appends of forwarded calls. Any
    other text is "none": it vouches for nothing. It is no error, because callers can write it, and
    an error would connect a blocked caller.
    """
    word = value.strip().casefold()
    return _WORDS.get(word.removesuffix("-diverted").removesuffix("-passthrough"), "none")


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
        key, country, line, name, category, reports, complaints, first, last, reassess_at,
        campaign, prior,
    ) = row[:_STANDING_AT]  # fmt: skip
    standing = _standing_of(row[_STANDING_AT:_EVIDENCE_AT])
    evidence = _evidence_of(*row[_EVIDENCE_AT:])
    shown_campaign = campaign_of(campaign, standing, now)
    action, status, score, confidence, reasons = read(
        evidence, standing, prior, now, attestation, say, shown_campaign
    )
    category = told_category(category, status, action)
    left = TTL if reassess_at is None else (days_of(reassess_at) - now) * 86_400
    return Answer(
        key,
        action,
        score,
        confidence,
        status,
        category,
        reports + complaints,
        reports,
        _written(first, reports),
        _written(last, reports),
        name,
        country,
        line,
        reasons,
        advise(action, category),
        TTL if left >= TTL else max(0, int(left)),
        shown_campaign.key if shown_campaign else "",
    )


def told_category(category: str, status: str, action: str) -> str:
    """The stored category as an answer tells it: none where the reports have faded, and no warning
    is named "legitimate", such as that of an official number which somebody else shows."""
    if status == Status.UNKNOWN or (category == "legitimate" and action != Action.ALLOW):
        return ""
    return category


def _written(moment: int | None, reporters: int) -> str:
    """The moment as privacy.day_shown shows it; empty for None."""
    if moment is None:
        return ""
    day = day_of(moment)
    return midnight(monday_of(day) if reporters < FEW else day)


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


@lru_cache(256)
def _standing_of(columns: Row) -> Standing:
    """The Standing in the columns of STANDING, cached, since most numbers have one of a few."""
    values: dict[str, Any] = dict(zip(STANDING, columns, strict=True))
    for name in ("moderated_at", "immune_until", "linked_until"):
        values[name] = None if values[name] is None else days_of(values[name])
    values["pinned"] = Action(values["pinned"]) if values["pinned"] else None
    return Standing(**values)


def _evidence_of(
    at: int, short: float, long: float, legitimate: float, networks: int, established: int,
    newcomers: int, established_networks: int, supporters: int, imported: int, first: int | None,
    last: int | None, gathered: float, saturated: float,
) -> Evidence:  # fmt: skip
    """The evidence from the columns of _EVIDENCE."""
    return Evidence(
        days_of(at), short, long, legitimate, networks, established, newcomers,
        established_networks, supporters, imported,
        None if first is None else days_of(first), None if last is None else days_of(last),
        gathered, saturated,
    )  # fmt: skip


def campaign_of(written: str, standing: Standing, now: float) -> Campaign | None:
    """The campaign that links the number at `now` (days), from the number's row; None if none
    does."""
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
