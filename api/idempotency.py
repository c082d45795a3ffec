"""Performs a write with an `Idempotency-Key` once, however often it is sent."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from api.models import IdempotencyRecord
from api.rendering import dump
from reputation.models import Prepared, Reading, Table, read_together, short_transaction
from reputation.privacy import retention

KEPT_FOR = retention.IDEMPOTENCY.kept
MAX_LENGTH = 255
RECORDS = Table(IdempotencyRecord)
FORGET = Prepared(
    "DELETE FROM api_idempotencyrecord"
    " WHERE api_key_id = %s::bigint AND created_at < %s::timestamptz"
)
CLAIM = Prepared(
    "INSERT INTO api_idempotencyrecord (api_key_id, key, fingerprint, created_at, status, body)"
    " VALUES (%s::bigint, %s, %s, %s::timestamptz, 0, '') ON CONFLICT DO NOTHING"
)
HOLD = Prepared(
    f"SELECT {RECORDS.columns('r')} FROM api_idempotencyrecord r"  # noqa: S608 -- constants
    " WHERE api_key_id = %s::bigint AND key = %s FOR UPDATE"
)
# The header that marks an answer as repeated.
REPLAYED: Final = "Idempotent-Replayed"
REUSED = "This Idempotency-Key was already used for another request. Send a new key."


class IdempotencyError(Exception):
    field = "Idempotency-Key"


class KeyReused(IdempotencyError):
    """The same key came with another request."""


class MalformedKey(IdempotencyError):
    """The key is too long or contains characters that are not allowed."""


class Answered(NamedTuple):
    """An answer. `repeated`: its Idempotency-Key got it before."""

    status: int
    body: dict[str, Any]
    repeated: bool

    @property
    def headers(self) -> dict[str, str]:
        return headers_of(self.repeated)


def headers_of(repeated: bool) -> dict[str, str]:
    """The headers of an answer that is repeated or not."""
    return {REPLAYED: "true"} if repeated else {}


def forget_old(*, now: datetime) -> int:
    """Deletes expired records, also of keys no longer in use; returns how many."""
    forgotten, _ = IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return forgotten


def fingerprint(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def claim(*, api_key_id: int, key: str, fingerprint: str, now: datetime) -> IdempotencyRecord:
    """The record under this key, new if there is none, locked until the transaction ends.

    The second of two simultaneous claims waits for the first's transaction. Raises KeyReused,
    MalformedKey.
    """
    if len(key) > MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise MalformedKey(
            f"An Idempotency-Key is up to {MAX_LENGTH} printable ASCII characters, e.g. a UUID."
        )
    forgetting = Reading(FORGET, (str(api_key_id), (now - KEPT_FOR).isoformat()))
    # ON CONFLICT DO NOTHING waits for a concurrent holder of the key to commit or roll back.
    given = (str(api_key_id), key, fingerprint, now.isoformat())
    claiming, found = Reading(CLAIM, given), Reading(HOLD, given[:2])
    read_together(forgetting, claiming, found)
    record = RECORDS.load(found.rows[0])
    if record.fingerprint != fingerprint:
        raise KeyReused(REUSED)
    return record


def once(
    *,
    api_key_id: int,
    key: str,
    fingerprint: str,
    write: Callable[[], tuple[int, dict[str, Any]]],
    now: datetime,
) -> Answered:
    """Runs `write` in one transaction with the record of its answer; a repetition gets that answer.

    Without a key there is no record, and `write` manages its own transaction.

    A failed write leaves no record, so the client can correct and resend it. Raises KeyReused,
    MalformedKey, and all errors of `write`.
    """
    if not key:
        return Answered(*write(), repeated=False)
    with short_transaction():
        record = claim(api_key_id=api_key_id, key=key, fingerprint=fingerprint, now=now)
        if record.status:
            return Answered(record.status, orjson.loads(record.body), repeated=True)
        record.status, answer = write()
        record.body = dump(answer).decode()
        RECORDS.update([record], ("status", "body"))
        return Answered(record.status, answer, repeated=False)
