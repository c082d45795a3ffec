"""Locks on numbers' rows: whoever changes what counts about a number holds its lock."""

from collections.abc import Iterable
from datetime import datetime

from reputation.identity import Identity, line_type
from reputation.models import Number
from reputation.scoring import EPOCH, prior_for


def lock_number(identity: Identity, *, now: datetime) -> Number:
    """The number's row, created when it is new, locked until the transaction ends."""
    locked = Number.objects.select_for_update().filter(key=identity.key).first()
    return locked or lock_numbers([identity], now=now)[identity.key]


def lock_numbers(identities: Iterable[Identity], *, now: datetime) -> dict[str, Number]:
    """The numbers' rows by key, created where new, locked until the transaction ends.

    New rows are inserted before any lock is taken, and both happen in the order of keys: two
    callers at once may wait for each other, but never in a circle.
    """
    wanted = {identity.key: identity for identity in identities}
    here = Number.objects.filter(key__in=wanted)
    missing = sorted(set(wanted) - set(here.values_list("key", flat=True)))
    Number.objects.bulk_create(
        [
            Number(
                key=key,
                country=wanted[key].country,
                line_type=line_type(key),
                created_at=now,
                evidence_at=EPOCH,  # as in scoring.evidence.EMPTY: nothing folded yet
                prior=prior_for(line_type(key)),
            )
            for key in missing
        ],
        ignore_conflicts=True,
    )
    return {number.key: number for number in here.select_for_update().order_by("key")}
