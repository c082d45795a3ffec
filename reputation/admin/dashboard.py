"""The panel's first page: incoming reports, attacks, deadlines, and the state of the lists."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from edge import shares
from reputation.admin import dashboard_charts as charts
from reputation.admin.forms import actor_of
from reputation.counting import crowd
from reputation.models import DayFigures, IntakeMessage, Report
from reputation.moderation import attacks, figures, permissions, queue
from reputation.scoring import CATEGORIES

HOURS = 48
CATEGORY_DAYS = 7
DAYS = 90
# The worker counts every five minutes. Older figures mean that it does not run.
STALE = timedelta(minutes=20)


def context(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """The parts of the dashboard that this user may see; every role may see all of them."""
    shown: dict[str, Any] = {"now": now}
    if request.user.has_perm(permissions.VIEW_REPORT):
        shown |= _incoming(now)
    if request.user.has_perm("reputation.view_number"):
        shown |= _standing(now)
    if request.user.has_perm("reputation.view_reporter"):
        shown["crowd_notice"] = crowd.notice()
        shown["attacks"] = [
            (attack, _label(attack.category), f"{attack.passed:.0%}")
            for attack in attacks.lately(now=now)
        ]
    if request.user.has_perm(permissions.VIEW_QUEUE):
        shown["waiting"] = queue.waiting(now=now, user=actor_of(request)).count()
    if request.user.has_perm("reputation.view_intakemessage"):
        shown["messages_waiting"] = IntakeMessage.objects.waiting(now).count()
    if request.user.has_perm("reputation.view_dispute"):
        shown["deadlines"] = figures.deadlines(now=now)
    counted = figures.counted_at()
    return shown | {"counted_at": counted, "stale": counted is None or now - counted > STALE}


def _incoming(now: datetime) -> dict[str, Any]:
    channels = Report.Channel.values
    hours = figures.by_hour(now=now, hours=HOURS)
    totals = [sum(counts.values()) for _, counts in hours]
    by_category = figures.by_category(now=now, days=CATEGORY_DAYS)
    return {
        "hours": charts.columns(
            [[counts.get(channel, 0) for channel in channels] for _, counts in hours],
            [_hour_label(hour) for hour, _ in hours],
        ),
        "hour_rows": [
            (hour, [counts.get(channel, 0) for channel in channels])
            for hour, counts in reversed(hours)
            if counts
        ],
        "channels": [pgettext("channel", "calls"), pgettext("channel", "messages")],
        "last_day": sum(totals[-24:]),
        "day_before": sum(totals[:-24]),
        "categories": shares([(_label(name), count) for name, count in by_category]),
        "category_days": CATEGORY_DAYS,
    }


def _standing(now: datetime) -> dict[str, Any]:
    days = figures.by_day(now=now, days=DAYS)
    weeks = _weeks(days)
    return {
        "listed": charts.lines(
            [
                (gettext("flag"), [day.flagged for day in days]),
                (gettext("block"), [day.blocked for day in days]),
            ],
            _month_labels(days),
        ),
        "day_rows": list(reversed(days)),
        "listed_now": figures.listed(days),
        "false_blocks": charts.columns(
            [[wrong] for _, wrong, _ in weeks],
            [_day(day) if n % 3 == 0 else "" for n, (day, _, _) in enumerate(weeks)],
        ),
        "week_rows": list(reversed(weeks)),
        "false_block_total": sum(wrong for _, wrong, _ in weeks),
        "decision_total": sum(decisions for _, _, decisions in weeks),
    }


def _weeks(days: list[DayFigures]) -> list[tuple[Any, int, int]]:
    """(Monday, false blocks, decisions) of each week."""
    weeks: dict[Any, list[int]] = {}
    for day in days:
        week = weeks.setdefault(day.day - timedelta(days=day.day.weekday()), [0, 0])
        week[0] += day.false_blocks
        week[1] += day.decisions
    return [(monday, wrong, decisions) for monday, (wrong, decisions) in weeks.items()]


def _hour_label(hour: datetime) -> str:
    local = timezone.localtime(hour)
    if local.hour == 0:
        return _day(local)
    return f"{local.hour}:00" if local.hour % 12 == 0 else ""


def _month_labels(days: list[DayFigures]) -> list[str]:
    return [_day(day.day) if day.day.day in (1, 15) else "" for day in days]


def _day(day: date) -> str:
    """A date in the short form for charts."""
    return date_format(day, pgettext("format of a date in a chart", "j M"))


def _label(category: str) -> str:
    return gettext(CATEGORIES[category].label)
