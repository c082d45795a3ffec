"""Counts how often actions changed, permanently: compaction of the change log keeps these counts.

The counts come from the log rather than from the code that makes changes, so that none is missed or
counted twice, whichever process made it.
"""

from collections import Counter

from api.models import ChangeTally
from reputation.feeds import log

type Counts = dict[tuple[str, str], int]


def action_changes() -> Counts:
    """Changes by (action before, action after) since the first call. Reads the log first.

    Must not be called in a transaction.
    """
    ChangeTally.objects.bulk_create([ChangeTally()], ignore_conflicts=True)
    row = ChangeTally.objects.get()
    cursor, fresh = _read_on(row.cursor)
    counts = Counter(row.counts) + fresh
    # A simultaneous call has read the same changes. The first to write is right, and so is the
    # answer of the other; only two writes would count twice.
    ChangeTally.objects.filter(cursor=row.cursor).update(cursor=cursor, counts=counts)
    return {
        (before, after): counts[name] for name in sorted(counts) for before, after in [name.split()]
    }


def _read_on(cursor: int) -> tuple[int, Counter[str]]:
    counts: Counter[str] = Counter()
    while True:
        try:
            page = log.changes_since(cursor, limit=log.MAX_PAGE)
        except log.CursorError:
            # The last call is older than the log, or the cursor belongs to another database.
            return log.head(), counts
        for change in page.changes:
            if change.previous != change.action:
                counts[f"{change.previous} {change.action}"] += 1
        cursor = page.cursor
        if cursor == page.head:
            return cursor, counts
