"""Numbers by their SHA-1, and by that of their ranges: a small table that follows the change log.

PhoneBlock's clients ask by the hash of +E164, and of +E164 without its last one and two digits.
Only numbers that are or were listed have a row, and numbers that a client rated. A row only means
that the number may be asked for; the answer comes from the number itself, so an outdated row never
blocks a caller (docs/adr/0013-hashes-of-listed-numbers.md).
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from itertools import batched

from django.db import transaction

from api.models import HashCursor, HashedNumber
from reputation.feeds import log
from reputation.scoring import Action

MIN_HEX, MAX_HEX = 4, 40
BATCH = 5_000


def sha1(text: str) -> bytes:
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()


def catch_up() -> None:
    """Adds numbers listed since the last call. Never inside a transaction (feeds.log.sequence)."""
    at = _position()
    if log.head() == at:
        return
    try:
        while True:
            page = log.changes_since(at, limit=log.MAX_PAGE)
            _add(page.changes)
            _advance(page.cursor)
            at = page.cursor
            if at == page.head:
                return
    except log.CursorError:
        # The cursor is older than the log, or belongs to another database.
        with log.snapshot() as snapshot:
            for changes in batched(snapshot.changes, BATCH):
                _add(changes)
        HashCursor.objects.update_or_create(id=1, defaults={"cursor": snapshot.cursor})


def remember(key: str) -> None:
    """Adds an unlisted number to the table, so that its rater can see their own opinion."""
    if key.startswith("+"):
        HashedNumber.objects.bulk_create([_row(key)], ignore_conflicts=True)


def note_call(key: str, *, now: datetime) -> None:
    """Notes that a client blocked a call from a listed number. Used to order short lists; no
    evidence."""
    HashedNumber.objects.filter(key=key).update(called_at=now)


def last_calls() -> dict[str, datetime]:
    """The latest calls that clients reported, by key."""
    called = HashedNumber.objects.filter(called_at__isnull=False).values_list("key", "called_at")
    return {key: at for key, at in called if at is not None}


def once_blocked() -> Iterable[str]:
    """Every number that a client may hold as blocked, also former ones."""
    return HashedNumber.objects.filter(blocked=True).values_list("key", flat=True).iterator()


def keys_of(column: str, prefix: str) -> list[str]:
    """Keys whose hash in `column` (sha1, tens, hundreds) starts with `prefix`, hex of 4 to 40."""
    low, high = bytes.fromhex(prefix.ljust(40, "0")), bytes.fromhex(prefix.ljust(40, "f"))
    rows = HashedNumber.objects.filter(**{f"{column}__gte": low, f"{column}__lte": high})
    return list(rows.order_by("key").values_list("key", flat=True))


def _add(changes: Iterable[log.Change]) -> None:
    listed: dict[str, bool] = {}
    for change in changes:
        if change.listed and change.number.startswith("+"):
            blocked = change.action == Action.BLOCK.value
            listed[change.number] = listed.get(change.number, False) or blocked
    # In the order of keys, so that simultaneous runs do not deadlock.
    rows = [_row(key, blocked=listed[key]) for key in sorted(listed)]
    HashedNumber.objects.bulk_create(
        [row for row in rows if not row.blocked], batch_size=BATCH, ignore_conflicts=True
    )
    HashedNumber.objects.bulk_create(
        [row for row in rows if row.blocked],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["blocked"],
    )


def _row(key: str, *, blocked: bool = False) -> HashedNumber:
    return HashedNumber(
        key=key, sha1=sha1(key), tens=sha1(key[:-1]), hundreds=sha1(key[:-2]), blocked=blocked
    )


def _position() -> int:
    row = HashCursor.objects.first()
    return 0 if row is None else row.cursor


def _advance(cursor: int) -> None:
    """Moves the cursor forward only: a simultaneous run may be ahead."""
    with transaction.atomic():
        HashCursor.objects.bulk_create([HashCursor()], ignore_conflicts=True)
        HashCursor.objects.filter(cursor__lt=cursor).update(cursor=cursor)
