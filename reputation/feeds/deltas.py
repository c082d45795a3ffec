"""The changes of a feed since a cursor, with the checksum of the resulting state."""

from dataclasses import dataclass

from reputation.feeds import checksums, log, snapshots
from reputation.feeds.log import Change

# Changes of the log read for one answer. A number that changed often leaves one of them.
MAX_CHANGES = log.MAX_PAGE


@dataclass(frozen=True, slots=True)
class Delta:
    """`changes` lead from the state at the cursor of the request to the state at `cursor`.

    Each number occurs once; the order, by action, category and number, compresses best. `checksum`
    covers the whole state at `cursor`. `more`: the log already holds further changes.
    """

    changes: list[Change]
    cursor: int
    checksum: str
    more: bool


def read(*, feed: str, since: int) -> Delta:
    """The delta after cursor `since`. Raises FeedUnknown, CursorTooOld, CursorUnknown."""
    snapshots.known(feed)
    page = log.changes_since(since, limit=MAX_CHANGES)
    return Delta(
        changes=_ends(page.changes),
        cursor=page.cursor,
        checksum=checksums.written(checksums.at(page.cursor)),
        more=page.cursor < page.head,
    )


def _ends(changes: list[Change]) -> list[Change]:
    """The last change of each number, without numbers that are unlisted before and after."""
    first: dict[str, Change] = {}
    last: dict[str, Change] = {}
    for change in changes:
        first.setdefault(change.number, change)
        last[change.number] = change
    was_listed = {number for number, change in first.items() if change.previous != checksums.ALLOW}
    ended = [change for change in last.values() if change.listed or change.number in was_listed]
    return sorted(ended, key=lambda change: (change.action, change.category, change.number))
