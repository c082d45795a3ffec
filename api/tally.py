"""How often actions changed, for good: the change log is forgotten in part, these counts are not.

Counted from the log rather than where changes are made, so that none is missed or counted twice,
whichever process made it.
"""

from collections import Counter

from api.models import ChangeTally
from reputation.feeds import log

type Counts = dict[tuple[str, str], int]


def action_changes() -> Counts:
    """Changes by (action before, action after), since this was first asked. Follows the log first.

    Outside of any transaction only.
    """
    ChangeTally.objects.bulk_create([ChangeTally()], ignore_conflicts=True)
    row = ChangeTally.objects.get()
    cursor, fresh = _read_on(row.cursor)
    counts = Counter(row.counts) + fresh
    # Whoever else is at it has read the same. The first to write is right, and so is the other's
    # answer; only writing both would count twice.
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
            # Nobody asked for longer than the log goes back, or it is another database's.
            return log.head(), counts
        for change in page.changes:
            if change.previous != change.action:
                counts[f"{change.previous} {change.action}"] += 1
        cursor = page.cursor
        if cursor == page.head:
            return cursor, counts
