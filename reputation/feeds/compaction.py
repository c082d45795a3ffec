"""What the log may forget: changes that later ones of the same number have overtaken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from reputation.feeds import log, snapshots
from reputation.models import FeedHead
from reputation.privacy import retention
from reputation.scoring import Action

# How long a client may stay away and still go on from its cursor. A month is a phone in a drawer
# for the holidays; a snapshot is the cheaper answer to anything longer.
KEEP = retention.CHANGES.kept

# The first change that is too young to go. Between the old horizon and it all are old, so this
# reads no more than has aged since the last time.
YOUNG = """
    SELECT cursor FROM reputation_feedchange
    WHERE cursor > %s AND changed_at >= %s ORDER BY cursor LIMIT 1
"""
# One statement, so that no snapshot can fall between a tombstone's going and what it covers.
FORGET = """
    DELETE FROM reputation_feedchange old USING (
        SELECT key, max(cursor) AS cursor FROM reputation_feedchange
        WHERE cursor IS NOT NULL GROUP BY key
    ) last
    WHERE old.key = last.key AND old.cursor <= %s AND (old.cursor < last.cursor OR old.action = %s)
"""


@dataclass(frozen=True, slots=True)
class Compaction:
    """Cursors before `horizon` are refused from now on; `forgotten` rows are gone.

    `held_at`: the published cursor that the horizon would have passed, None when it would not.
    """

    horizon: int
    forgotten: int
    held_at: int | None = None


def compact(*, now: datetime, keep: timedelta = KEEP) -> Compaction:
    """Moves the horizon past all changes older than `keep`, and forgets what nobody needs any more.

    Up to the horizon, only the last change of each listed number stays: what a snapshot is made of.
    Beyond it every change stays. The horizon never passes what is published: whoever took that
    snapshot goes on from its cursor. May be killed and run again at any point.
    """
    log.sequence()
    manifests = [snapshots.manifest(name) for name in snapshots.NAMES]
    published = min((each.current.cursor for each in manifests if each), default=None)
    horizon, held = _move_horizon(cutoff=now - keep, published=published)
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [horizon, Action.ALLOW.value])
        return Compaction(horizon, cursor.rowcount, published if held else None)


@transaction.atomic(durable=True)
def _move_horizon(*, cutoff: datetime, published: int | None) -> tuple[int, bool]:
    """The new horizon, and whether what is published held it."""
    # Committed before anything goes: a reader who could miss a change is refused already.
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
