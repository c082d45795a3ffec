"""Locks on numbers' rows: code that changes a number's evidence holds its lock.

No lock on a number is stronger than NO KEY UPDATE: rows that name numbers, such as the items of the
queue, are inserted without their locks and in other orders, and must not wait for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from reputation.identity import Identity, line_type
from reputation.models import Number, Prepared, Reading, Table, read_together
from reputation.scoring import EPOCH, prior_for

NUMBERS = Table(Number)
# No key contains a line break.
LOCK = Prepared(
    f"SELECT {NUMBERS.columns('n')} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE key = ANY(string_to_array(%s, E'\\n')) ORDER BY key FOR NO KEY UPDATE"
)
# `LOCK` for many numbers whose rows are compared: see `Seen`.
OWN = ("id", "key", "country")
SEE = Prepared(
    f"SELECT n.id, n.key, {NUMBERS.record('n', but=OWN)} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE key = ANY(string_to_array(%s, E'\\n')) ORDER BY key FOR NO KEY UPDATE"
)
KNOWN = Prepared("SELECT key FROM reputation_number WHERE key = ANY(string_to_array(%s, E'\\n'))")


class Seen(NamedTuple):
    """A locked number, and the bytes of its row without the columns OWN, to be compared."""

    pk: int
    key: str
    row: bytes


def lock_number(identity: Identity, *, now: datetime, then: Sequence[Reading] = ()) -> Number:
    """The number's row, created when it is new, locked until the transaction ends.

    `then` is read in the same round trip, under the lock.
    """
    locked = _lock([identity.key], *then)
    if not locked:
        NUMBERS.insert_missing([new_number(identity, line=line_type(identity.key), now=now)])
        locked = _lock([identity.key], *then)
    return locked[identity.key]


def lock_numbers(identities: Iterable[Identity], *, now: datetime) -> dict[str, Number]:
    """The numbers' rows by key, created where new, locked until the transaction ends.

    New rows are inserted before any lock is taken, and both happen in the order of keys, so two
    callers at the same time cannot wait for each other.
    """
    wanted = {identity.key: identity for identity in identities}
    if len(wanted) == 1 and (locked := _lock(wanted)):
        return locked  # one number alone cannot deadlock
    _create_missing(wanted, now)
    return _lock(wanted)


def see_numbers(identities: Iterable[Identity], *, now: datetime) -> list[Seen]:
    """`lock_numbers` for callers that only compare most of the rows."""
    wanted = {identity.key: identity for identity in identities}
    _create_missing(wanted, now)
    return [Seen(*row) for row in SEE.all("\n".join(wanted))]


def known_keys(keys: Iterable[str]) -> set[str]:
    """Those of the keys that belong to a stored number."""
    return {key for (key,) in KNOWN.all("\n".join(keys))}


def _create_missing(wanted: Mapping[str, Identity], now: datetime) -> None:
    NUMBERS.insert_missing(
        [
            new_number(wanted[key], line=line_type(key), now=now)
            for key in sorted(wanted.keys() - known_keys(wanted))
        ]
    )


def new_number(identity: Identity, *, line: str, now: datetime) -> Number:
    """The row of a number of which nothing is known; not stored. `line`: its line type."""
    return NUMBERS.new(
        key=identity.key,
        country=identity.country,
        line_type=line,
        created_at=now,
        evidence_at=EPOCH,  # as in scoring.evidence.EMPTY: nothing folded yet
        prior=prior_for(line),
    )


def _lock(keys: Iterable[str], *then: Reading) -> dict[str, Number]:
    locking = Reading(LOCK, ("\n".join(keys),))
    read_together(locking, *then)
    return {number.key: number for number in map(NUMBERS.load, locking.rows)}
