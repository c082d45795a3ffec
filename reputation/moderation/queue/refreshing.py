"""Derives the items from the stored rows.

`refresh` runs one statement (harm.REFRESH) every few minutes. It reads the newest reports, the
waiting items, and a slice of the rest. If there are thousands of items, it reads the first ones and
those that it has not read for longest.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max, Q

from reputation.models import (
    COMMITS_LATE,
    LAPSES,
    SLICES,
    IntakeMessage,
    QueueItem,
    QueueItemQuerySet,
)
from reputation.moderation.queue.harm import MESSAGES, MOST, REFRESH
from reputation.moderation.queue.items import Kind, waiting

LATELY: Final = timedelta(days=30)
SPOKE_LATELY: Final = timedelta(days=7)
DAY: Final = 86_400.0  # seconds
# The most slices that a refresh reads after missed runs: those of four hours.
MISSED: Final = SLICES // 6
# A report filed this long before the last refresh may have been committed after it. Reports that a
# long import commits later are found by their slice.
COMMITTED: Final = timedelta(minutes=10)
# The key of the lock that a refresh holds.
REFRESHING: Final = "hashtext('ringscore queue')"
# Kinds that may have thousands of items. A refresh reads this many of the first, which moderators
# see now, and this many of those not read for longest. So it reads each within half an hour.
MANY: Final = (Kind.NUMBER, Kind.REPORT, Kind.REPORTER, Kind.CAMPAIGN)
FIRST: Final = 200
SEEN_LONG_AGO: Final = 1_000


@transaction.atomic
def refresh(*, now: datetime) -> int:
    """Rebuilds the queue; returns the number of waiting items. Simultaneous calls take turns."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({REFRESHING})")
        lately: dict[str, Any] = {
            "lately": now - LATELY,
            "spoke_lately": now - SPOKE_LATELY,
            "lapsed": now - LAPSES,
            **_since_the_last(now),
            "due": _due(now),
            "least": _least(now),
        }
        waiting_messages = IntakeMessage.objects.waiting(now).order_by("received_at", "id")
        messages = list(waiting_messages.values_list("pk", flat=True)[:MESSAGES])
        cursor.execute(REFRESH, {"now": now, **lately, "messages": messages})
    free = waiting(now=now).exclude(claimed_until__gt=now)
    looked_at = ~Q(kind__in=MANY) | Q(pk__in=lately["due"])
    # Also what a clock that was ahead saw later than now.
    free.filter(looked_at).exclude(seen_at=now).drop()
    too_many = _of_most(now)[MOST:]
    free.filter(pk__in=too_many.values("pk")).drop()
    return waiting(now=now).count()


def _due(now: datetime) -> list[int]:
    """The ids of items of MANY that a refresh reads."""
    items = waiting(now=now).filter(kind__in=MANY).values_list("pk", flat=True)
    return list({*items[:FIRST], *items.order_by("seen_at", "id")[:SEEN_LONG_AGO]})


def _least(now: datetime) -> float:
    """The harm that a new item must exceed: that of the last of MOST waiting items; -1 while fewer
    wait."""
    return max(_of_most(now).values_list("harm", flat=True)[MOST - 1 : MOST], default=-1.0)


def _of_most(now: datetime) -> QueueItemQuerySet:
    """The waiting items that count against MOST."""
    return waiting(now=now).exclude(kind__in=(Kind.DISPUTE, Kind.AUDIT, *QueueItem.REVIEWS))


def _since_the_last(now: datetime) -> dict[str, Any]:
    """The turns since the last refresh, at most the last MISSED; each slice has one turn a day, so
    slices missed in a longer gap are read within a day. Also the moments from which reports may not
    have been read, for one number and for all."""
    # A clock that was ahead has seen nothing of what comes until it is passed.
    seen = QueueItem.objects.filter(seen_at__lte=now)
    before = seen.aggregate(last=Max("seen_at"))["last"] or now
    last = _turn(now)
    first = max(last - MISSED, min(last - 1, _turn(before))) + 1
    return {
        "turns": list(range(first, last + 1)),
        "since": max(before - COMMITS_LATE, now - LATELY),
        "news": before - COMMITTED,
    }


def _turn(at: datetime) -> int:
    """How many turns have passed since the Unix epoch; a day has SLICES."""
    return int(at.timestamp() * SLICES // DAY)
