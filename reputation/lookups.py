"""Looking numbers up: one row read, the arithmetic at the present moment, one answer.

The read path is plain SQL on a kept cursor, since Django's model and cursor layers cost more than
the query itself (`make bench` prints it). Whoever reads numbers for the public reads them here.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg
from django.db import connection
from psycopg import Cursor
from psycopg.types.json import set_json_loads

from reputation.advice import advise
from reputation.clock import to_days
from reputation.identity import Identity, line_type
from reputation.scoring.evidence import EMPTY, PRIOR, Evidence
from reputation.scoring.policy import Action, Standing, judge
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

# What an answer needs, in the order of Row. Moments arrive as days since the epoch.
_DAYS = "extract(epoch FROM n.{})::float8 / 86400"
_TEXT = """to_char(n.{} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
COLUMNS = ", ".join(
    (
        "n.key, n.country, n.line_type, n.name, n.prior",
        _DAYS.format("evidence_at"),
        "n.unwanted_short, n.unwanted_long, n.legitimate, n.networks, n.established, n.newcomers",
        "n.established_networks, n.supporters, n.imported",
        _DAYS.format("first_unwanted_at"),
        _DAYS.format("last_unwanted_at"),
        "n.gathered, n.saturated",
        "n.official, n.holder_verified, n.moderated",
        _DAYS.format("moderated_at"),
        "n.promoted, n.disputed, n.spoofed, n.reassigned, n.pinned",
        "n.action, n.category, n.reports, n.complaints",
        f"coalesce({_TEXT.format('first_reported_at')}, '')",
        f"coalesce({_TEXT.format('last_reported_at')}, '')",
        "n.reasons",
        _DAYS.format("reassess_at"),
    )
)
ONE = f"SELECT {COLUMNS} FROM reputation_number n WHERE n.key = %s"  # noqa: S608 -- constants
MANY = f"SELECT {COLUMNS} FROM reputation_number n WHERE n.key = ANY(%s)"  # noqa: S608 -- constants

type Row = tuple[Any, ...]


class UnknownAttestation(ValueError):
    """An attestation that no network sends."""

    field = "attestation"


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
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
    row = fetch_one(ONE, (identity.key,))
    return answer(row, identity, now=to_days(now), attestation=attestation_of(attestation))


def look_up_many(identities: Iterable[Identity], *, now: datetime) -> dict[str, Answer]:
    """Answers by key, in one query."""
    known = {row[0]: row for row in fetch_all(MANY, ([each.key for each in identities],))}
    at = to_days(now)
    return {each.key: answer(known.get(each.key), each, now=at) for each in identities}


def answer(row: Row | None, identity: Identity, *, now: float, attestation: str = "") -> Answer:
    """The answer from a row of COLUMNS, or for a number without one. `now` in days."""
    if row is None:
        row = _unknown(identity)
    (
        key, country, line, name, prior,
        *evidence_fields,
        official, verified, moderated, moderated_at, promoted, disputed, spoofed, reassigned,
        pinned, told, category, reports, complaints, first, last, reasons, reassess_at,
    ) = row  # fmt: skip
    evidence = Evidence(*evidence_fields)
    standing = Standing(
        official, verified, moderated, moderated_at, promoted, disputed, spoofed, reassigned,
        Action(pinned) if pinned else None,
    )  # fmt: skip
    judgement = judge(evidence, standing, now, prior=prior, attestation=attestation)
    if attestation or judgement.action != told:
        # The reasons on record belong to another call or to an action that has just decayed.
        reasons = explain(evidence, standing, judgement, now, prior=prior)
    return Answer(
        number=key,
        action=judgement.action.value,
        score=judgement.score,
        confidence=judgement.confidence,
        status=judgement.status.value,
        category=category,
        reports=reports + complaints,
        reporters=reports,
        first_reported_at=first,
        last_reported_at=last,
        name=name,
        country=country,
        line_type=line,
        reasons=reasons,
        advice=advise(judgement.action.value, category),
        ttl=TTL if reassess_at is None else max(0, min(TTL, int((reassess_at - now) * 86_400))),
    )


def fetch_one(query: str, parameters: Sequence[Any]) -> Row | None:
    """One row through a kept, prepared cursor. A connection that broke is opened anew, once."""
    return _with_cursor(lambda cursor: cursor.execute(query, parameters).fetchone())


def fetch_all(query: str, parameters: Sequence[Any]) -> list[Row]:
    return _with_cursor(lambda cursor: cursor.execute(query, parameters).fetchall())


def _with_cursor[T](read: Callable[[Cursor[Row]], T]) -> T:
    try:
        return read(_cursor())
    except (psycopg.OperationalError, psycopg.InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
    return read(_cursor())


def _cursor() -> Cursor[Row]:
    """This thread's cursor on Django's own connection, made anew when that connection is."""
    connection.ensure_connection()
    raw = connection.connection
    cursor: Cursor[Row] | None = getattr(_kept, "cursor", None)
    if cursor is None or cursor.connection is not raw:
        raw.prepare_threshold = 0
        # psycopg's plain cursor: Django's own binds parameters into the text and prepares nothing.
        cursor = Cursor(raw)
        cursor.format = psycopg.pq.Format.BINARY
        set_json_loads(orjson.loads, cursor)
        _kept.cursor = cursor
    return cursor


def _unknown(identity: Identity) -> Row:
    nothing = dataclasses.astuple(EMPTY)
    standing = (False, False, 0, None, False, False, False, False, "")
    told: Row = (Action.ALLOW.value, "", 0, 0, "", "", [], None)
    key = identity.key
    return (key, identity.country, line_type(key), "", PRIOR, *nothing, *standing, *told)


_kept = threading.local()
