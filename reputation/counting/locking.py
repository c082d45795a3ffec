"""Locks on numbers' rows: whoever changes what counts about a number holds its lock."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from reputation.identity import Identity, line_type
from reputation.models import Number, Prepared, Reading, Table, read_together
from reputation.scoring import EPOCH, prior_for

NUMBERS = Table(Number)
# No key contains a line break.
LOCK = Prepared(
    f"SELECT {NUMBERS.columns('n')} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE key = ANY(string_to_array(%s, E'\\n')) ORDER BY key FOR UPDATE"
)


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

    New rows are inserted before any lock is taken, and both happen in the order of keys: two
    callers at once may wait for each other, but never in a circle.
    """
    wanted = {identity.key: identity for identity in identities}
    if len(wanted) == 1 and (locked := _lock(wanted)):
        return locked  # no circle without a second number
    here = Number.objects.filter(key__in=wanted)
    missing = sorted(set(wanted) - set(here.values_list("key", flat=True)))
    NUMBERS.insert_missing(
        [new_number(wanted[key], line=line_type(key), now=now) for key in missing]
    )
    return _lock(wanted)


def new_number(identity: Identity, *, line: str, now: datetime) -> Number:
    """The row of a number of which nothing is known, not yet stored. `line`: its line type."""
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
