"""What changed in a feed since a cursor, and the checksum to arrive at."""

from dataclasses import dataclass

from reputation.feeds import checksums, log, snapshots
from reputation.feeds.log import Change

# Changes of the log read for one answer. Of a number that changed often, one remains.
MAX_CHANGES = log.MAX_PAGE


@dataclass(frozen=True, slots=True)
class Delta:
    """`changes` lead from the state at the cursor asked about to that at `cursor`.

    Each number once, sorted by action, category and number, which compresses best. `checksum` is
    that of the whole state at `cursor`. `more`: there are more changes already.
    """

    changes: list[Change]
    cursor: int
    checksum: str
    more: bool


def read(*, feed: str, since: int) -> Delta:
    """Raises FeedUnknown, CursorTooOld, CursorUnknown."""
    snapshots.known(feed)
    page = log.changes_since(since, limit=MAX_CHANGES)
    return Delta(
        changes=_ends(page.changes),
        cursor=page.cursor,
        checksum=checksums.written(checksums.at(page.cursor)),
        more=page.cursor < page.head,
    )


def _ends(changes: list[Change]) -> list[Change]:
    """Where each number ended up, without those that were not on the list and are not now."""
    first: dict[str, Change] = {}
    last: dict[str, Change] = {}
    for change in changes:
        first.setdefault(change.number, change)
        last[change.number] = change
    was_listed = {number for number, change in first.items() if change.previous != checksums.ALLOW}
    ended = [change for change in last.values() if change.listed or change.number in was_listed]
    return sorted(ended, key=lambda change: (change.action, change.category, change.number))
