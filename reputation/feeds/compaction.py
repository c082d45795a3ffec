"""Compaction of the log: it drops changes that later changes of the same number have replaced."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from reputation.feeds import log, snapshots
from reputation.models import FeedHead
from reputation.privacy import retention
from reputation.scoring import Action

# How long a client may stay away and still continue from its cursor. A month covers a phone left
# in a drawer over the holidays; after a longer absence a snapshot is cheaper.
KEEP = retention.CHANGES.kept

# The first change that is too young to drop. All changes between the old horizon and it are old,
# so the query reads only the changes that aged since the last compaction.
YOUNG = """
    SELECT cursor FROM reputation_feedchange
    WHERE cursor > %s AND changed_at >= %s ORDER BY cursor LIMIT 1
"""
# One statement, so that no snapshot can be read after a tombstone is deleted and before the
# changes that it covers are.
FORGET = """
    DELETE FROM reputation_feedchange old USING (
        SELECT key, max(cursor) AS cursor FROM reputation_feedchange
        WHERE cursor IS NOT NULL GROUP BY key
    ) last
    WHERE old.key = last.key AND old.cursor <= %s AND (old.cursor < last.cursor OR old.action = %s)
"""


@dataclass(frozen=True, slots=True)
class Compaction:
    """Cursors before `horizon` are refused from now on; `forgotten` rows were deleted.

    `held_at`: the published cursor that kept the horizon back, or None if none did.
    """

    horizon: int
    forgotten: int
    held_at: int | None = None


def compact(*, now: datetime, keep: timedelta = KEEP) -> Compaction:
    """Moves the horizon past all changes older than `keep`, and deletes the obsolete changes.

    Up to the horizon, only the last change of each listed number stays: a snapshot needs only
    those. Beyond it every change stays. The horizon never passes the published cursor: clients that
    load the published snapshot continue from there. May be killed and run again at any point.
    """
    log.sequence()
    manifests = [snapshots.manifest(name) for name in snapshots.NAMES]
    published = min((known.current.cursor for known in manifests if known), default=None)
    horizon, held = _move_horizon(cutoff=now - keep, published=published)
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [horizon, Action.ALLOW.value])
        return Compaction(horizon, cursor.rowcount, published if held else None)


@transaction.atomic(durable=True)
def _move_horizon(*, cutoff: datetime, published: int | None) -> tuple[int, bool]:
    """The new horizon, and whether the published cursor kept it back."""
    # Committed before any row is deleted: readers who could miss a change are already refused.
    head = FeedHead.objects.select_for_update().first()
    if head is None:
        return 0, False
    with connection.cursor() as cursor:
        cursor.execute(YOUNG, [head.horizon, cutoff])
        young = cursor.fetchone()
    aged = young[0] - 1 if young else head.cursor
    held = published is not None and published < aged
    head.horizon = max(head.horizon, published) if published is not None and held else aged
    head.save(update_fields=["horizon"])
    return head.horizon, held
