"""Looking numbers up: one row read, the arithmetic at the present moment, one answer.

The score, the action and each figure in the reasons are worked out when somebody asks: evidence
fades, and what was true when it was stored need not be true now. Whoever reads numbers for the
public reads them here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from reputation.advice import advise
from reputation.clock import to_days
from reputation.identity import Identity, line_type
from reputation.prepared import Prepared, Row
from reputation.scoring.evidence import EMPTY, Evidence
from reputation.scoring.policy import NOBODY, Action, Standing, Status, judge
from reputation.scoring.reasons import explain
from reputation.scoring.trust import ATTESTATION_FACTORS

# How long an answer may be kept, in seconds, unless its action is due to change before.
TTL = 300

# What SIP networks write into `verstat`, and what it says about who is calling.
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

# What an answer needs, in the order in which `answer` takes it apart. Moments of the arithmetic
# arrive as days since the epoch, those to be shown as text.
_DAYS = "date_part('epoch', n.{}) / 86400"
_TEXT = """coalesce(to_char(n.{} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')"""
COLUMNS = ", ".join(
    (
        "n.key, n.country, n.line_type, n.name, n.category, n.reports, n.complaints",
        _TEXT.format("first_reported_at"),
        _TEXT.format("last_reported_at"),
        _DAYS.format("reassess_at"),
        "n.prior",
        # scoring.policy.Standing; most numbers have the usual one, of which nobody decided a thing.
        "n.official, n.holder_verified, n.moderated",
        _DAYS.format("moderated_at"),
        "n.promoted, n.disputed, n.spoofed, n.reassigned, n.pinned",
        # scoring.evidence.Evidence
        _DAYS.format("evidence_at"),
        "n.unwanted_short, n.unwanted_long, n.legitimate, n.networks, n.established, n.newcomers",
        "n.established_networks, n.supporters, n.imported",
        _DAYS.format("first_unwanted_at"),
        _DAYS.format("last_unwanted_at"),
        "n.gathered, n.saturated",
    )
)
ONE = Prepared(f"SELECT {COLUMNS} FROM reputation_number n WHERE n.key = %s")  # noqa: S608
# No key holds a line break, and one text is cheaper to pass than an array.
MANY = Prepared(
    f"SELECT {COLUMNS} FROM reputation_number n WHERE n.key = ANY(string_to_array(%s, E'\\n'))"  # noqa: S608
)


class UnknownAttestation(ValueError):
    """An attestation that no network sends."""

    field = "attestation"


class Answer(NamedTuple):
    """What the public is told of one number at one moment. Fields as in the HTTP contract."""

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


def attestation_of(value: str) -> str:
    """A, B, C, failed or none, from that or from a SIP verstat value; "" of "".

    Raises UnknownAttestation.
    """
    if value in ATTESTATION_FACTORS:
        return value
    try:
        return VERSTAT[value]
    except KeyError:
        raise UnknownAttestation(
            f"attestation is A, B, C, failed, none, or one of {', '.join(VERSTAT)}."
        ) from None


def look_up(identity: Identity, *, now: datetime, attestation: str = "") -> Answer:
    """What to tell about a call from `identity` now. Raises UnknownAttestation."""
    row = ONE.one(identity.key)
    return answer(row, identity, now=to_days(now), attestation=attestation_of(attestation))


def look_up_many(identities: Sequence[Identity], *, now: datetime) -> dict[str, Answer]:
    """Answers by key, in one query."""
    rows = {row[0]: row for row in MANY.all("\n".join([each.key for each in identities]))}
    at = to_days(now)
    return {each.key: answer(rows.get(each.key), each, now=at) for each in identities}


def answer(row: Row | None, identity: Identity, *, now: float, attestation: str = "") -> Answer:
    """The answer from a row of COLUMNS, or for a number without one. `now` in days."""
    if row is None:
        return _unknown(identity, now, attestation)
    (
        key, country, line, name, category, reports, complaints, first, last, reassess_at, prior,
        official, verified, moderated, moderated_at, promoted, disputed, spoofed, reassigned,
        pinned, *evidence_fields,
    ) = row  # fmt: skip
    evidence = Evidence(*evidence_fields)
    standing = Standing(
        official, verified, moderated, moderated_at, promoted, disputed, spoofed, reassigned,
        Action(pinned) if pinned else None,
    )  # fmt: skip
    judgement = judge(evidence, standing, now, prior=prior, attestation=attestation)
    action = judgement.action.value
    if judgement.status is Status.UNKNOWN:
        category = ""  # what it was reported for counts no more
    return Answer(
        key,
        action,
        judgement.score,
        judgement.confidence,
        judgement.status.value,
        category,
        reports + complaints,
        reports,
        first,
        last,
        name,
        country,
        line,
        explain(evidence, standing, judgement, now, prior=prior),
        advise(action, category),
        TTL if reassess_at is None else max(0, min(TTL, int((reassess_at - now) * 86_400))),
    )


def _unknown(identity: Identity, now: float, attestation: str) -> Answer:
    judgement = judge(EMPTY, NOBODY, now, attestation=attestation)
    return Answer(
        number=identity.key,
        action=judgement.action.value,
        score=judgement.score,
        confidence=judgement.confidence,
        status=judgement.status.value,
        category="",
        reports=0,
        reporters=0,
        first_reported_at="",
        last_reported_at="",
        name="",
        country=identity.country,
        line_type=line_type(identity.key),
        reasons=explain(EMPTY, NOBODY, judgement, now),
        advice="",
        ttl=TTL,
    )
