"""The monthly transparency report: reports, lists, decisions, disputes, authorities' requests.

The worker counts each month once, after it has ended. Counts from 1 to 4 are suppressed: they could
point at a person. Nothing else that is published lets them be worked out: small kinds are counted
together as the rest, with the next larger one if the rest would still be small.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Min, Sum

from reputation.counting import calibrating
from reputation.models import (
    AuditEntry,
    DayFigures,
    Dispute,
    Erasure,
    HourFigures,
    TransparencyMonth,
)
from reputation.moderation import reasons
from reputation.privacy import FEW
from reputation.quality.tallies import DECISIVE
from reputation.scoring import fitting

REST: Final = "rest"
# Imports and figures of a month's last hours are complete by then.
SETTLES: Final = timedelta(days=1)
# Months that one run catches up with.
AT_ONCE: Final = 24
AUTHORITIES: Final = ("order_of_authority", "authority_asked")
DECIDED: Final = frozenset(DECISIVE) - {"leave"}

_BY_REASON = """
SELECT coalesce(substring(reason FROM '^#([a-z_]+)(?:\\s|$)'), ''), count(*)
FROM reputation_auditentry WHERE at >= %s AND at < %s AND verb = ANY(%s) GROUP BY 1
"""
_MEDIAN = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY decided_at - verified_at)
FROM reputation_dispute WHERE decided_at >= %s AND decided_at < %s AND appeal_of_id IS NULL
"""

type Lines = list[dict[str, Any]]


def count_up(*, now: datetime) -> int:
    """Counts the months that have ended and were not counted yet; returns how many. What a clock
    that was ahead has counted is forgotten: the month may not have ended."""
    TransparencyMonth.objects.filter(counted_at__gt=now).delete()
    first, last = _first_month(), _month_before((now - SETTLES).astimezone(UTC).date())
    if first is None:
        return 0
    counted = set(TransparencyMonth.objects.values_list("month", flat=True))
    ended = takewhile(lambda month: month <= last, _months(first))
    due = [month for month in ended if month not in counted][:AT_ONCE]
    for month in due:
        TransparencyMonth.objects.get_or_create(
            month=month, defaults={"figures": figures_of(month), "counted_at": now}
        )
    return len(due)


def published() -> list[TransparencyMonth]:
    """All counted months, the newest first."""
    return list(TransparencyMonth.objects.order_by("-month"))


def figures_of(month: date) -> dict[str, Any]:
    """The figures of a month, suppressed as they are published. None: suppressed, or not known."""
    since, until = _start(month), _start(_month_after(month))
    within = (since, until - timedelta(microseconds=1))
    categories = HourFigures.objects.filter(hour__range=within).values_list("category")
    reports = dict(categories.annotate(Sum("reports")).order_by())
    last_day = DayFigures.objects.filter(day=_month_after(month) - timedelta(days=1)).first()
    entries = AuditEntry.objects.filter(at__range=within)
    decided = entries.filter(verb__in=DECIDED)
    verbs = dict(decided.values_list("verb").annotate(Count("pk")).order_by())
    kinds = folded(verbs)
    asked = entries.filter(reason__regex=rf"^#({'|'.join(AUTHORITIES)})(\s|$)")
    return {
        "reports": _total(reports.values()),
        "reports_by_category": folded(reports),
        "flagged": few(last_day.flagged) if last_day else None,
        "blocked": few(last_day.blocked) if last_day else None,
        "decisions": _total(verbs.values()),
        "decisions_by_kind": kinds,
        "decisions_by_reason": folded(_by_reason(since, until)),
        "taken_back": few(entries.filter(verb="undo").count()),
        **_disputes(within),
        # As in the lines: else one that went into the rest would tell the other that did.
        "hidden": _line(kinds, "hide_report", verbs),
        "rejected": _line(kinds, "reject_report", verbs),
        "erased": few(Erasure.objects.filter(erased_at__range=within).count()),
        "authority_requests": few(asked.count()),
        "calibration": _calibration(until),
    }


def few(count: int | None) -> int | None:
    """The count, or None where it is from 1 to below FEW."""
    return None if count is not None and 0 < count < FEW else count


def folded(counts: Mapping[str, int]) -> Lines:
    """The counts, most first, with small ones in one line REST; none if they are few altogether."""
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    large = [(name, count) for name, count in order if count >= FEW and name != REST]
    rest = sum(counts.values()) - sum(count for _name, count in large)
    while large and 0 < rest < FEW:
        rest += large.pop()[1]
    lines: Lines = [{"name": name, "count": count} for name, count in large]
    if rest >= FEW:
        lines.append({"name": REST, "count": rest})
    return lines


def _line(lines: Lines, name: str, counts: Mapping[str, int]) -> int | None:
    shown = {line["name"]: line["count"] for line in lines}
    return shown.get(name, None if counts.get(name) else 0)


def _total(counts: Iterable[int]) -> int | None:
    return few(sum(counts))


def _by_reason(since: datetime, until: datetime) -> dict[str, int]:
    """How many decisions had each reason's code. Free words count as REST, and so do reasons of
    authorities, which have a figure of their own.
    """
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_REASON, [since, until, sorted(DECIDED)])
        for code, count in cursor.fetchall():
            known = code in reasons.REASONS and code not in AUTHORITIES
            name = code if known else REST
            found[name] = found.get(name, 0) + count
    return found


def _disputes(within: tuple[datetime, datetime]) -> dict[str, Any]:
    first = Dispute.objects.filter(appeal_of=None)
    appeals = Dispute.objects.filter(appeal_of__isnull=False)
    decided = first.filter(decided_at__range=within)
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN, [within[0], within[1]])
        row: Any = cursor.fetchone()
    many = decided.count() >= FEW
    return {
        "disputes": few(first.filter(verified_at__range=within).count()),
        "disputes_decided": few(decided.count()),
        "disputes_by_outcome": folded(_outcomes(decided)),
        "median_days": round(row[0] / timedelta(days=1), 1) if many else None,
        "appeals": few(appeals.filter(opened_at__range=within).count()),
        "appeals_by_outcome": folded(_outcomes(appeals.filter(decided_at__range=within))),
    }


def _calibration(at: datetime) -> dict[str, Any]:
    """How far percentages could be believed then; shares once there are enough draws to tell."""
    state = calibrating.state(now=at)
    enough = state.answered >= fitting.ENOUGH_DRAWN
    return {
        "drawn_and_decided": few(state.answered),
        "drawn_and_missing": few(state.missing),
        "unwanted_percent": round(100.0 * state.unwanted / state.answered) if enough else None,
        "expected_percent": state.used_percent if enough else None,
        "fitted": state.fitted_at is not None,
    }


def _outcomes(disputes: Any) -> dict[str, int]:
    return dict(disputes.values_list("status").annotate(Count("pk")).order_by())


# --- months ---


def _first_month() -> date | None:
    """The month of the first report, decision or dispute."""
    firsts = (
        HourFigures.objects.aggregate(first=Min("hour"))["first"],
        AuditEntry.objects.aggregate(first=Min("at"))["first"],
        Dispute.objects.aggregate(first=Min("opened_at"))["first"],
    )
    known = [each for each in firsts if each is not None]
    return min(known).astimezone(UTC).date().replace(day=1) if known else None


def _months(first: date) -> Iterator[date]:
    month = first
    while True:
        yield month
        month = _month_after(month)


def _month_after(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)
