"""What a number's page shows besides the lookup: reports by kind and over time, the newest
texts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Func, Q, QuerySet, TextField
from django.db.models.functions import TruncWeek

from edge import Share, shares
from reputation.models import ImportedComplaint, Report
from reputation.reports import PublicReport, public_reports
from reputation.scoring import is_unwanted
from web import wording
from web.charts import Chart, weekly
from web.counts import cached

SHOWN = 5  # other people's texts on the page of a number
PAGE = 50
WEEKS = 26
LATELY = timedelta(days=90)
# From this many reports on, counts are cached for KEPT seconds.
MANY = 500
KEPT = 60


@dataclass(frozen=True, slots=True)
class PublicWords:
    """A PublicReport in the reader's language."""

    category: object
    conduct: list[object]
    comment: str
    claimed_name: str
    transcript: str
    day: date

    @property
    def lang(self) -> str:
        """The language tag of the text: Chinese, or unknown, which HTML writes as ""."""
        return "zh" if any("一" <= char <= "龥" for char in self.comment) else ""


@dataclass(frozen=True, slots=True)
class Story:
    categories: list[Share]
    conduct: list[Share]
    newest: list[PublicWords]
    more: str
    chart: Chart
    complaints: int


@dataclass(frozen=True, slots=True)
class _Counts:
    """Counts by category, by act, and by week and category."""

    categories: dict[str, int]
    conduct: dict[str, int]
    weeks: list[tuple[datetime, str, int]]
    complaints: int


def story(key: str, *, now: datetime) -> Story:
    newest = public_reports(key, count=SHOWN, now=now)
    if newest.total > MANY:
        name = f"web-number:{key}:{newest.several}"
        counts = cached(name, lambda: _count(key, newest.several), seconds=KEPT)
    else:
        counts = _count(key, newest.several)
    return Story(
        categories=shares(
            (wording.CATEGORIES[name][0], count)
            for name, count in Counter(counts.categories).most_common()
        ),
        conduct=shares(
            (wording.CONDUCT[act], count) for act, count in Counter(counts.conduct).most_common()
        ),
        newest=[in_language(report) for report in newest.reports],
        more=newest.more,
        chart=weekly(by_week(counts.weeks), until=now.astimezone(UTC).date(), weeks=WEEKS),
        complaints=counts.complaints,
    )


def _count(key: str, several: bool) -> _Counts:
    standing = Report.objects.public_of(key)
    reports = _by_week(standing, "counted_at")
    of_holder = Q(number__epoch_at=None) | Q(filed_at__gte=F("number__epoch_at"))
    complaints = _by_week(ImportedComplaint.objects.filter(of_holder, number__key=key), "filed_at")
    weeks = [*reports, *complaints]
    categories: Counter[str] = Counter()
    for _, category, count in weeks:
        categories[category] += count
    # With few reports, an act would reveal a reporter.
    act = Func(F("conduct"), function="unnest", output_field=TextField())
    acts = standing.exclude(conduct=[]).values_list(act).annotate(Count("pk"))
    return _Counts(
        categories=dict(categories),
        conduct=dict(acts.order_by()) if several else {},
        weeks=weeks,
        complaints=sum(count for _, _, count in complaints),
    )


def _by_week(rows: QuerySet[Any], moment: str) -> list[tuple[datetime, str, int]]:
    weekly = rows.annotate(week=TruncWeek(moment, tzinfo=UTC)).values_list("week", "category")
    return list(weekly.annotate(Count("pk")).order_by())


def attacked(key: str, *, now: datetime) -> bool:
    """Whether people in several networks lately reported faked calls with this number."""
    lately = Report.objects.public_of(key).filter(counted_at__gte=now - LATELY)
    networks = lately.exclude(category="legitimate").values_list("network", flat=True)
    return any(networks.exclude(network=one).exists() for one in networks[:1])


def words_of(key: str, *, after: str, now: datetime) -> tuple[list[PublicWords], str]:
    """Public texts about a number, newest first, and the cursor for the next page; "" at the end.

    Raises privacy.SealBroken for a cursor that is not ours.
    """
    page = public_reports(key, after=after, count=PAGE, now=now)
    return [in_language(report) for report in page.reports], page.more


def in_language(public: PublicReport) -> PublicWords:
    return PublicWords(
        category=wording.CATEGORIES[public.category][0],
        conduct=[wording.CONDUCT[act] for act in public.conduct if act in wording.CONDUCT],
        comment=public.comment,
        claimed_name=public.claimed_name,
        transcript=public.transcript,
        day=public.day,
    )


def by_week(rows: Iterable[tuple[datetime, str, int]]) -> dict[date, tuple[int, int]]:
    """(unwanted, legitimate) by Monday, from (week, category, count)."""
    found: dict[date, tuple[int, int]] = {}
    for week, category, count in rows:
        unwanted, legitimate = found.get(week.date(), (0, 0))
        if is_unwanted(category):
            unwanted += count
        else:
            legitimate += count
        found[week.date()] = (unwanted, legitimate)
    return found
