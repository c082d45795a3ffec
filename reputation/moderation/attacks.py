"""Suspected attacks: reporters who act as one, and reported in the last day.

The worker counts the reports of each cluster by hour as it counts the figures, so that only the
clusters with the most are looked at.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import connection
from django.db.models import Q

from reputation.models import ClusterFigures

# How far back reports are searched for accounts that act as one.
LATELY = timedelta(days=1)
SHOWN = 10
# Twice as many, since some reports may be withdrawn or older than a day by now.
LOOKED_AT: Final = 2 * SHOWN
# The worker looks every five minutes.
KEY: Final = "attacks"
KEPT: Final = timedelta(minutes=10)

FILED = "filed_at > %(after)s AND filed_at <= %(now)s"
_CLUSTERS = f"""
    SELECT date_trunc('hour', filed_at, 'UTC') AS hour, p.cluster, count(*) AS reports,
        min(p.id) AS first, max(p.id) AS last
    FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id
    WHERE {FILED} AND p.cluster IS NOT NULL AND r.status = 'live' GROUP BY 1, 2
"""  # noqa: S608 -- constants
CLUSTERS = f"""
    INSERT INTO reputation_clusterfigures AS known (hour, cluster, reports, first, last)
    {_CLUSTERS} ON CONFLICT (hour, cluster) DO UPDATE SET
        reports = known.reports + excluded.reports,
        first = least(known.first, excluded.first), last = greatest(known.last, excluded.last)
"""
# Clusters with reports by several accounts, most reports first: from the counted table, or, while
# that is empty, from the reports of the last day.
_LOUDEST = """
    SELECT cluster FROM {} WHERE hour >= %(hour)s GROUP BY cluster
    HAVING min(first) < max(last) ORDER BY sum(reports) DESC, cluster LIMIT %(most)s
"""
LOUDEST = _LOUDEST.format("reputation_clusterfigures")
LOUDEST_READ = _LOUDEST.format(f"({_CLUSTERS}) counted")
ATTACKS = """
    SELECT r.cluster, count(DISTINCT p.reporter_id), count(*), count(DISTINCT p.number_id),
        count(DISTINCT p.network), mode() WITHIN GROUP (ORDER BY p.category),
        coalesce(sum(p.contribution) / nullif(sum(p.weight), 0), 0), max(p.filed_at)
    FROM reputation_reporter r CROSS JOIN LATERAL (
        SELECT * FROM reputation_report
        WHERE reporter_id = r.id AND counted_at > %(since)s AND filed_at > %(since)s
            AND status = 'live' OFFSET 0
    ) p WHERE r.cluster = ANY(%(clusters)s)
    GROUP BY r.cluster HAVING count(DISTINCT p.reporter_id) > 1
    ORDER BY count(*) DESC, r.cluster LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Attack:
    """Reporters who act as one and reported lately.

    `reporter`: the account whose id is the cluster's. `passed`: the share of their reports' weight
    that the caps let through, 0 to 1.
    """

    reporter: int
    reporters: int
    reports: int
    numbers: int
    networks: int
    category: str
    passed: float
    last: datetime


def count_clusters(cursor: Any, after: datetime, now: datetime) -> None:
    """Counts the reports of clusters filed since `after`; the whole day if none is counted yet."""
    day = now - LATELY
    after = max(after, day) if ClusterFigures.objects.exists() else day
    ClusterFigures.objects.filter(Q(hour__gt=after) | Q(hour__lt=hour_of(day))).delete()
    cursor.execute(CLUSTERS, {"after": after, "now": now})


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def lately(*, now: datetime) -> list[Attack]:
    """Clusters with counted reports in the last day, most reports first, at most SHOWN.

    As the worker last found them, if that was at most KEPT ago; otherwise computed now.
    """
    with suppress(Exception):  # the cache cannot be reached
        if (kept := cache.get(KEY)) is not None:
            return list(kept)
    return find(now=now, loudest=LOUDEST if ClusterFigures.objects.exists() else LOUDEST_READ)


def find(*, now: datetime, loudest: str = LOUDEST) -> list[Attack]:
    """Reads the reports of the clusters that reported most, and caches the result for `lately`."""
    day = now - LATELY
    with connection.cursor() as cursor:
        cursor.execute(loudest, {"hour": hour_of(day), "after": day, "now": now, "most": LOOKED_AT})
        clusters = [cluster for (cluster,) in cursor.fetchall()]
        cursor.execute(ATTACKS, {"since": day, "clusters": clusters, "most": SHOWN})
        found = [Attack(*row) for row in cursor.fetchall()]
    with suppress(Exception):
        cache.set(KEY, found, KEPT.total_seconds())
    return found
