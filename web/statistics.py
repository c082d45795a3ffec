"""Statistics of all reports. Everybody may request them, so they are cached."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.utils import timezone

from edge import Share, shares
from reputation.models import Number, Report
from web import wording
from web.charts import Chart, weekly
from web.counts import cached
from web.numbers import WEEKS, by_week

KEPT = 600  # seconds


@dataclass(frozen=True, slots=True)
class Overview:
    blocked: int
    flagged: int
    reports: int
    month: int
    categories: list[Share]
    chart: Chart


def overview(*, now: datetime) -> Overview:
    # Without texts, which depend on the reader.
    figures = cached("web-statistics", lambda: _count(now), seconds=KEPT)
    return Overview(
        blocked=figures["actions"].get("block", 0),
        flagged=figures["actions"].get("flag", 0),
        reports=figures["reports"],
        month=sum(figures["categories"].values()),
        categories=shares(
            (wording.CATEGORIES[name][0], count)
            for name, count in Counter(figures["categories"]).most_common()
        ),
        chart=weekly(by_week(figures["weeks"]), until=timezone.localdate(now), weeks=WEEKS),
    )


def _count(now: datetime) -> dict[str, Any]:
    live = Report.objects.live()
    month = live.filter(counted_at__gte=now - timedelta(days=30))
    return {
        "actions": dict(
            Number.objects.listed().values_list("action").annotate(Count("pk")).order_by()
        ),
        "reports": live.count(),
        "categories": dict(month.values_list("category").annotate(Count("pk")).order_by()),
        "weeks": list(
            live.filter(counted_at__gte=now - timedelta(weeks=WEEKS + 1))
            .annotate(week=TruncWeek("counted_at"))
            .values_list("week", "category")
            .annotate(Count("pk"))
            .order_by()
        ),
    }
