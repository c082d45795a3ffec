"""What a number's page tells beyond the lookup: reports by kind, over time, the newest words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncWeek

from edge import Share, shares
from reputation.models import ImportedComplaint, Report
from reputation.reports import PublicReport, public_reports
from reputation.scoring import CATEGORIES, Side
from web import wording
from web.charts import Chart, weekly

SHOWN = 5  # words of others on the page of a number
PAGE = 50
WEEKS = 26
LATELY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Said:
    """A PublicReport in the reader's language."""

    category: object
    conduct: list[object]
    comment: str
    claimed_name: str
    transcript: str
    day: date

    @property
    def lang(self) -> str:
        """The language tag of the words: Chinese, or unknown, which HTML writes as empty."""
        return "zh" if any("一" <= char <= "龥" for char in self.comment) else ""


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
    newest = public_reports(key, count=SHOWN, now=now)
    # Of few reports each act could be laid at one reporter's door.
    acts: Counter[str] = Counter()
    if newest.several:
        said_done = standing.exclude(conduct=[]).values_list("conduct", flat=True)
        acts.update(act for conduct in said_done for act in conduct)
    return Story(
        categories=shares(
            (wording.CATEGORIES[name][0], count)
            for name, count in (kinds + Counter(imported)).most_common()
        ),
        conduct=shares((wording.CONDUCT[act], count) for act, count in acts.most_common()),
        newest=[said(report) for report in newest.reports],
        more=newest.more,
        chart=weekly(_weeks(key, now), until=now.astimezone(UTC).date(), weeks=WEEKS),
        complaints=sum(imported.values()),
    )


def attacked(key: str, *, now: datetime) -> bool:
    """Whether people in several networks lately reported calls that showed this number."""
    lately = Report.objects.live().filter(number__key=key, counted_at__gte=now - LATELY)
    return lately.exclude(category="legitimate").values("network").distinct().count() > 1


def words_of(key: str, *, after: str, now: datetime) -> tuple[list[Said], str]:
    """Public words about a number, newest first, and the mark to go on from; "" at the end.

    Raises privacy.SealBroken for a mark that is none of ours.
    """
    page = public_reports(key, after=after, count=PAGE, now=now)
    return [said(report) for report in page.reports], page.more


def said(public: PublicReport) -> Said:
    return Said(
        category=wording.CATEGORIES[public.category][0],
        conduct=[wording.CONDUCT[act] for act in public.conduct if act in wording.CONDUCT],
        comment=public.comment,
        claimed_name=public.claimed_name,
        transcript=public.transcript,
        day=public.day,
    )


def _weeks(key: str, now: datetime) -> dict[date, tuple[int, int]]:
    since = now - timedelta(weeks=WEEKS + 1)
    reports = (
        Report.objects.live()
        .filter(number__key=key, counted_at__gte=since)
        .annotate(week=TruncWeek("counted_at", tzinfo=UTC))
        .values_list("week", "category")
        .annotate(Count("pk"))
        .order_by()
    )
    complaints = (
        ImportedComplaint.objects.filter(number__key=key, filed_at__gte=since)
        .annotate(week=TruncWeek("filed_at", tzinfo=UTC))
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
