"""What a number's page tells beyond the lookup: reports by kind, over time, the newest words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.utils import timezone

from edge import Share, shares
from reputation.models import ImportedComplaint, Report
from reputation.reports import public_part
from reputation.scoring import CATEGORIES, EPOCH, Side
from web import wording
from web.charts import Chart, weekly

SHOWN = 10  # words of others on the page of a number
PAGE = 50
WEEKS = 26


@dataclass(frozen=True, slots=True)
class Said:
    """A PublicReport in the reader's language."""

    category: object
    conduct: list[object]
    comment: str
    claimed_name: str
    day: date


@dataclass(frozen=True, slots=True)
class Story:
    categories: list[Share]
    conduct: list[Share]
    newest: list[Said]
    more: str
    chart: Chart
    complaints: int


def story(key: str, *, now: datetime) -> Story:
    standing = Report.objects.live().filter(number__key=key)
    kinds = Counter(dict(standing.values_list("category").annotate(Count("pk")).order_by()))
    complained = ImportedComplaint.objects.filter(number__key=key)
    imported = dict(complained.values_list("category").annotate(Count("pk")).order_by())
    acts = Counter(
        act
        for conduct in standing.exclude(conduct=[]).values_list("conduct", flat=True)
        for act in conduct
    )
    newest, more = words_of(key)
    return Story(
        categories=shares(
            (wording.CATEGORIES[name][0], count)
            for name, count in (kinds + Counter(imported)).most_common()
        ),
        conduct=shares((wording.CONDUCT[act], count) for act, count in acts.most_common()),
        newest=newest,
        more=more,
        chart=weekly(_weeks(key, now), until=timezone.localdate(now), weeks=WEEKS),
        complaints=sum(imported.values()),
    )


def words_of(key: str, *, after: str = "", count: int = SHOWN) -> tuple[list[Said], str]:
    """Public words about a number, newest first, and the mark to go on from; "" at the end.

    ValueError for a mark that is none of ours.
    """
    since = None
    if after:
        moment, _, pk = after.partition(".")
        since = EPOCH + timedelta(microseconds=int(moment)), int(pk)
    found = list(Report.objects.public_of(key, after=since)[: count + 1])
    more = ""
    if len(found) > count:
        last = found[count - 1]
        more = f"{(last.counted_at - EPOCH) // timedelta(microseconds=1)}.{last.pk}"
    return [said(report) for report in found[:count]], more


def said(report: Report) -> Said:
    public = public_part(report)
    return Said(
        category=wording.CATEGORIES[public.category][0],
        conduct=[wording.CONDUCT[act] for act in public.conduct if act in wording.CONDUCT],
        comment=public.comment,
        claimed_name=public.claimed_name,
        day=public.day,
    )


def _weeks(key: str, now: datetime) -> dict[date, tuple[int, int]]:
    since = now - timedelta(weeks=WEEKS + 1)
    reports = (
        Report.objects.live()
        .filter(number__key=key, counted_at__gte=since)
        .annotate(week=TruncWeek("counted_at"))
        .values_list("week", "category")
        .annotate(Count("pk"))
        .order_by()
    )
    complaints = (
        ImportedComplaint.objects.filter(number__key=key, filed_at__gte=since)
        .annotate(week=TruncWeek("filed_at"))
        .values_list("week", "category")
        .annotate(Count("pk"))
        .order_by()
    )
    return by_week([*reports, *complaints])


def by_week(rows: Iterable[tuple[datetime, str, int]]) -> dict[date, tuple[int, int]]:
    """(unwanted, legitimate) by Monday, from (week, category, count)."""
    found: dict[date, tuple[int, int]] = {}
    for week, category, count in rows:
        unwanted, legitimate = found.get(week.date(), (0, 0))
        if CATEGORIES[category].side is Side.UNWANTED:
            unwanted += count
        else:
            legitimate += count
        found[week.date()] = (unwanted, legitimate)
    return found
