"""The dashboard's figures of the whole service, counted in advance where counting takes long.

`count_up` keeps the tables of reports by hour and of each day's end; a worker calls it every few
minutes. It adds the reports filed since its last call, and once an hour counts the last hours anew,
so its cost depends on what is new, not on the total. It counts the listed numbers once a day, and
then follows their changes. Reading takes equally long with a thousand reports and a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from reputation.feeds import log
from reputation.models import (
    COMMITS_LATE,
    DayFigures,
    Dispute,
    FeedHead,
    HourFigures,
    take_turn,
)
from reputation.moderation.attacks import FILED, count_clusters, hour_of
from reputation.moderation.attacks import find as find_attacks
from reputation.scoring import Action

# How far back the first count of reports by hour goes.
FIRST = timedelta(days=90)
# Decisions that found the calls legitimate. On a blocked number, such a decision reveals a false
# block.
ACQUITTALS = ("clear_number", "mark_official")
VERDICTS = (*ACQUITTALS, "confirm_number", "uphold_dispute", "reject_dispute")
SOON = timedelta(days=3)
SHOWN = 10  # of the nearest deadlines

HOURS = f"""
    INSERT INTO reputation_hourfigures AS known (hour, category, channel, reports)
    SELECT date_trunc('hour', filed_at, 'UTC'), category, channel, count(*)
    FROM reputation_report WHERE {FILED} GROUP BY 1, 2, 3
    ON CONFLICT (hour, category, channel)
        DO UPDATE SET reports = known.reports + excluded.reports
"""  # noqa: S608 -- constants
# The change of the counts of flagged and blocked numbers.
_MOVED = ", ".join(
    f"coalesce(sum((action = '{action}')::int - (previous = '{action}')::int), 0) AS {name}"
    for name, action in (("flagged", Action.FLAG), ("blocked", Action.BLOCK))
)
# The last cursor of the change log, and how many numbers were flagged and blocked at it. Changes
# that have no cursor yet are left out.
LISTED = f"""
    SELECT (SELECT coalesce(max(cursor), 0) FROM reputation_feedhead),
        listed.flagged - fresh.flagged, listed.blocked - fresh.blocked
    FROM (
        SELECT count(*) FILTER (WHERE action = 'flag') AS flagged,
            count(*) FILTER (WHERE action = 'block') AS blocked
        FROM reputation_number WHERE action <> 'allow'
    ) listed, (SELECT {_MOVED} FROM reputation_feedchange WHERE cursor IS NULL) fresh
"""  # noqa: S608 -- constants
# `LISTED` for changes after a cursor, and whether all of these are still in the log.
CHANGED = f"""
    SELECT (SELECT horizon FROM reputation_feedhead) <= %(cursor)s,
        coalesce(max(cursor), %(cursor)s), {_MOVED}
    FROM reputation_feedchange WHERE cursor > %(cursor)s
"""  # noqa: S608 -- constants
# For each day since the first: decisions on numbers that stand, and how many of them acquitted a
# blocked number. A hold may have turned the block into flag before the dispute was decided.
DECISIONS = """
    WITH decided AS MATERIALIZED (
        SELECT a.id, a.at, a.verb, a.number_id, CASE WHEN a.verb = 'uphold_dispute' THEN (
            SELECT max(d.verified_at) FROM reputation_dispute d
            WHERE d.number_id = a.number_id AND d.decided_at = a.at
        ) END AS verified_at
        FROM reputation_auditentry a
        WHERE a.at >= %(since)s AND a.number_id IS NOT NULL AND a.verb = ANY(%(verdicts)s)
            AND NOT EXISTS (SELECT FROM reputation_auditentry u WHERE u.undoes_id = a.id)
    ), unblocked AS MATERIALIZED (
        SELECT n.id, changed_at FROM reputation_feedchange JOIN reputation_number n USING (key)
        WHERE previous = 'block'
            AND changed_at >= (SELECT least(min(at), min(verified_at)) FROM decided)
    ), wrong AS (
        SELECT DISTINCT decided.id FROM decided JOIN unblocked ON unblocked.id = number_id
        WHERE verb = ANY(%(acquittals)s) AND changed_at = at
            OR changed_at BETWEEN verified_at AND at
    )
    SELECT (at AT TIME ZONE 'UTC')::date, count(DISTINCT decided.id), count(DISTINCT wrong.id)
    FROM decided LEFT JOIN wrong USING (id) GROUP BY 1
"""
# Flagged and blocked numbers at the end of each day with changes, from a change log that has not
# been compacted.
HISTORY = """
    SELECT day::date, sum(flagged) OVER days, sum(blocked) OVER days FROM (
        SELECT date_trunc('day', changed_at, 'UTC') AT TIME ZONE 'UTC' AS day,
            sum((action = 'flag')::int - (previous = 'flag')::int) AS flagged,
            sum((action = 'block')::int - (previous = 'block')::int) AS blocked
        FROM reputation_feedchange GROUP BY 1
    ) changed WINDOW days AS (ORDER BY day)
"""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Open disputes: all, overdue ones, those due within SOON, and the nearest deadlines."""

    open: int
    overdue: int
    soon: int
    nearest: Sequence[Dispute]


def count_up(*, now: datetime) -> int:
    """Counts reports and decisions since the last call. Returns the number of hours and days."""
    log.sequence()
    with transaction.atomic(), connection.cursor() as cursor:
        take_turn("figures")  # else two callers count the same hours
        newest = DayFigures.objects.order_by("-day").first()
        counted = _count_hours(cursor, newest.counted_at if newest else None, now)
        counted += _count_days(cursor, newest, now)
    find_attacks(now=now)
    return counted


def _count_hours(cursor: Any, after: datetime | None, now: datetime) -> int:
    """Adds the reports filed since `after`, the last call. The first call in an hour counts the
    last hours anew, since some reports are committed late."""
    # Later hours were counted by a clock that was ahead. When it was set back, they were deleted.
    hours = HourFigures.objects.filter(hour__lte=now).order_by("-hour")
    last = hours.values_list("hour", flat=True).first()
    if after is None or not hour_of(after) == hour_of(now) == last:
        since = hour_of(last - COMMITS_LATE if last else now - FIRST)
        after = since - timedelta(microseconds=1)
        HourFigures.objects.filter(hour__gt=after).delete()
    cursor.execute(HOURS, {"after": after, "now": now})
    count_clusters(cursor, after, now)
    return HourFigures.objects.filter(hour__gte=hour_of(after)).values("hour").distinct().count()


def _count_days(cursor: Any, newest: DayFigures | None, now: datetime) -> int:
    """Recounts today, and completes the last counted day with later events."""
    today = now.date()
    if newest is None:
        past = _each_day(_history(cursor), today, now)
        since = past[0].day if past else today
    else:
        since = min(newest.day, today)
        past = _each_day([(since, newest.flagged, newest.blocked)], today, now)[1:]
    now_listed = _count_list(cursor, newest if newest and newest.day == today else None)
    # If the clock is behind, the same reports are not counted twice.
    counted_at = max(now, newest.counted_at) if newest else now
    DayFigures.objects.bulk_create(past)
    DayFigures.objects.update_or_create(
        day=today,
        defaults=now_listed | {"counted_at": counted_at},
        create_defaults=now_listed | {"counted_at": counted_at, "decisions": 0, "false_blocks": 0},
    )
    midnight = datetime(since.year, since.month, since.day, tzinfo=UTC)
    verdicts = {"acquittals": list(ACQUITTALS), "verdicts": list(VERDICTS), "since": midnight}
    cursor.execute(DECISIONS, verdicts)
    decided = {day: (decisions, false_blocks) for day, decisions, false_blocks in cursor.fetchall()}
    rows = list(DayFigures.objects.filter(day__in=decided))
    for row in rows:
        row.decisions, row.false_blocks = decided[row.day]
    DayFigures.objects.bulk_update(rows, ["decisions", "false_blocks"])
    return 1 + len(past)


def _count_list(cursor: Any, before: DayFigures | None) -> dict[str, int]:
    """The numbers of flagged and blocked numbers, and the log's cursor at which they hold.

    `before`: the figures counted earlier on the same day.
    """
    names = ("cursor", "flagged", "blocked")
    if before is not None and before.cursor is not None:
        cursor.execute(CHANGED, {"cursor": before.cursor})
        is_whole, at, flagged, blocked = cursor.fetchone()
        counts = (at, before.flagged + flagged, before.blocked + blocked)
        if is_whole and min(counts) >= 0:
            return dict(zip(names, counts, strict=True))
    cursor.execute(LISTED)
    return dict(zip(names, cursor.fetchone(), strict=True))


def _each_day(
    known: Sequence[tuple[date, int, int]], today: date, now: datetime
) -> list[DayFigures]:
    """Every day from the first known to yesterday. Days without changes repeat the day before."""
    states = {day: state for day, *state in known if day < today}
    if not states:
        return []
    first, state = min(states.items())
    rows = []
    for n in range((today - first).days):
        day = first + timedelta(days=n)
        state = states.get(day, state)
        flagged, blocked = state
        rows.append(
            DayFigures(
                day=day,
                flagged=flagged,
                blocked=blocked,
                decisions=0,
                false_blocks=0,
                counted_at=now,
            )
        )
    return rows


def _history(cursor: Any) -> list[tuple[date, int, int]]:
    if FeedHead.objects.filter(horizon__gt=0).exists():
        return []
    cursor.execute(HISTORY)
    return [(day, max(flagged, 0), max(blocked, 0)) for day, flagged, blocked in cursor.fetchall()]


def counted_at() -> datetime | None:
    """The time of the last `count_up`."""
    return DayFigures.objects.order_by("-day").values_list("counted_at", flat=True).first()


def by_hour(*, now: datetime, hours: int) -> list[tuple[datetime, dict[str, int]]]:
    """Reports by channel in each of the last `hours` hours, with the current one. Oldest first."""
    this = hour_of(now)
    first = this - timedelta(hours=hours - 1)
    counts: dict[datetime, dict[str, int]] = {}
    rows = HourFigures.objects.filter(hour__gte=first, hour__lte=this)
    for hour, channel, reports in rows.values_list("hour", "channel", "reports"):
        channels = counts.setdefault(hour, {})
        channels[channel] = channels.get(channel, 0) + reports
    every = (first + timedelta(hours=n) for n in range(hours))
    return [(hour, counts.get(hour, {})) for hour in every]


def by_category(*, now: datetime, days: int) -> list[tuple[str, int]]:
    """Reports of the last `days` days by category, most first."""
    counts: dict[str, int] = {}
    rows = HourFigures.objects.filter(hour__gte=now - timedelta(days=days), hour__lte=now)
    for category, reports in rows.values_list("category", "reports"):
        counts[category] = counts.get(category, 0) + reports
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def by_day(*, now: datetime, days: int) -> list[DayFigures]:
    """The counted days among the last `days`, oldest first, as counted at the time."""
    first = now.date() - timedelta(days=days - 1)
    return list(DayFigures.objects.filter(day__gte=first, day__lte=now.date()).order_by("day"))


def deadlines(*, now: datetime) -> Deadlines:
    waiting = Dispute.objects.open()
    due = waiting.filter(deadline_at__lte=now + SOON).count()
    overdue = waiting.overdue(now).count()
    nearest = waiting.nearest_deadline_first().select_related("number")[:SHOWN]
    return Deadlines(waiting.count(), overdue, due - overdue, list(nearest))


def listed(figures: Sequence[DayFigures]) -> dict[str, int]:
    """The counts of flagged and blocked numbers in the newest of `figures`."""
    newest = figures[-1] if figures else None
    return {
        Action.FLAG.value: newest.flagged if newest else 0,
        Action.BLOCK.value: newest.blocked if newest else 0,
    }
