"""The checksum of a feed's state at any cursor that the log reaches back to.

It is a sum over the entries (docs/guide/feeds-format.md), and each change holds the action before
it. So the checksum at one cursor follows from the checksum at another and the changes between them.
About one checksum per thousand changes is stored; losing one costs time and nothing else.
"""

import hashlib
from collections.abc import Iterable

from reputation.feeds import log
from reputation.models import FeedChecksum, FeedHead
from reputation.scoring import Action

MODULUS = 1 << 256
# Changes between two stored checksums: a request walks as many in a few milliseconds.
SPACING = 1000

ALLOW = Action.ALLOW.value


def of_entry(action: str, key: str) -> int:
    """The summand of one entry; 0 for an entry that is not on the list."""
    if action == ALLOW:
        return 0
    return int.from_bytes(hashlib.sha256(f"{action} {key}".encode()).digest())


def of_state(entries: Iterable[tuple[str, str]]) -> int:
    """The checksum of a whole state, given as actions and keys."""
    return sum(of_entry(action, key) for action, key in entries) % MODULUS


def written(checksum: int) -> str:
    """The checksum as clients see it: 64 hexadecimal digits."""
    return f"{checksum:064x}"


def at(cursor: int) -> int:
    """The checksum of the state at `cursor`. Raises CursorTooOld, CursorUnknown."""
    for known, checksum in _around(cursor):
        try:
            return _follow(known, checksum, cursor)
        except log.CursorTooOld:
            continue
    # Compaction has removed the changes next to every stored checksum: compute one from the state.
    with log.snapshot() as taken:
        known = taken.cursor
        checksum = of_state((change.action, change.number) for change in taken.changes)
    remember(known, checksum)
    return _follow(known, checksum, cursor)


def remember(cursor: int, checksum: int) -> None:
    FeedChecksum.objects.bulk_create(
        [FeedChecksum(cursor=cursor, checksum=checksum.to_bytes(32))], ignore_conflicts=True
    )


def tidy() -> None:
    """Deletes the checksums before the horizon: no walk can start from them any more."""
    horizon = FeedHead.objects.values_list("horizon", flat=True).first() or 0
    FeedChecksum.objects.filter(cursor__lt=horizon).delete()


def _around(cursor: int) -> list[tuple[int, int]]:
    """The stored checksums just before and just after `cursor`, the nearer first."""
    rows = FeedChecksum.objects.values_list("cursor", "checksum")
    before = rows.filter(cursor__lte=cursor).order_by("-cursor").first() or (0, b"")
    after = rows.filter(cursor__gt=cursor).order_by("cursor").first()
    nearest = sorted({before, after or before}, key=lambda row: abs(row[0] - cursor))
    return [(known, int.from_bytes(bytes(checksum))) for known, checksum in nearest]


def _follow(known: int, checksum: int, cursor: int) -> int:
    forward = known <= cursor
    at, end = sorted((known, cursor))
    walked = end - at
    total = 0
    while True:
        page = log.changes_since(at, limit=max(1, min(end - at, log.MAX_PAGE)))
        if at == end:
            break
        if page.cursor == at:  # the log ends before `end`, whatever is stored
            raise log.CursorUnknown(f"The cursor {end} is not one of ours: the last is {at}.")
        total += sum(
            of_entry(change.action, change.number) - of_entry(change.previous, change.number)
            for change in page.changes
        )
        at = page.cursor
        if forward and at < end:
            remember(at, (checksum + total) % MODULUS)
    result = (checksum + total if forward else checksum - total) % MODULUS
    if walked >= SPACING:
        remember(cursor, result)
    return result
