"""How the decisions of each day hold, counted by the worker: `rates` adds the days up.

Each run counts the days anew that decisions since the run before concern: those of new decisions,
and of older ones that were taken back, disputed or judged again. Everything that changes the
figures of a day is on the record, so a run's cost depends on what is new, not on all decisions.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from reputation.decisions import BY_VERB, start_of_day
from reputation.models import COMMITS_LATE, QualityFigures, take_turn
from reputation.moderation import DECIDES_NOTHING, reasons

DAY: Final = timedelta(days=1)
# To leave a case is a judgement, too.
DECISIVE: Final = sorted(BY_VERB.keys() - DECIDES_NOTHING | {"leave"})

# The decisions whose figures the entries since a moment change.
_CONCERNED = """
    SELECT id FROM fresh
    UNION SELECT undoes_id FROM fresh WHERE undoes_id IS NOT NULL
    UNION SELECT s.entry_id FROM fresh JOIN reputation_secondreview s
        ON fresh.verb IN ('judge_again', 'settle_review')
        AND s.id = (fresh.after ->> 'second_review')::bigint
    UNION SELECT a.id FROM fresh JOIN reputation_auditentry a ON fresh.verb = 'uphold_dispute'
        AND a.number_id = fresh.number_id AND a.verb IN ('confirm_number', 'reject_dispute')
"""
# Their days. A batch is one decision, of the day on which it began.
_DAYS = f"""
WITH fresh AS MATERIALIZED (
    SELECT id, undoes_id, number_id, verb, after FROM reputation_auditentry
    WHERE %(since)s::timestamptz IS NULL OR at >= %(since)s
), concerned AS MATERIALIZED (
    SELECT a.id, a.at, a.batch_id FROM reputation_auditentry a
    WHERE a.id IN ({_CONCERNED}) AND a.verb = ANY(%(decisive)s)
)
SELECT (at AT TIME ZONE 'UTC')::date FROM concerned WHERE batch_id IS NULL
UNION SELECT (min(b.at) AT TIME ZONE 'UTC')::date
    FROM reputation_auditentry b
    WHERE b.batch_id IN (SELECT batch_id FROM concerned) AND b.verb = ANY(%(decisive)s)
    GROUP BY b.batch_id, b.actor_id, b.reason
"""  # noqa: S608 -- constants
# Counts consecutive days. Their bounds are constants, so that the planner reads only the pages of
# these days.
_COUNT = """
WITH decided AS MATERIALIZED (
    SELECT id, batch_id FROM reputation_auditentry
    WHERE at >= %(first)s AND at < %(end)s AND verb = ANY(%(decisive)s)
), chosen AS (
    SELECT id FROM decided WHERE batch_id IS NULL
    UNION ALL SELECT b.id FROM reputation_auditentry b
    WHERE b.batch_id IN (SELECT batch_id FROM decided) AND b.verb = ANY(%(decisive)s)
), taken AS (
    SELECT a.actor_id, a.at, coalesce(a.batch_id::text, a.id::text) AS act, a.reason,
        coalesce(u.actor_id <> a.actor_id, false)
        OR a.verb = 'confirm_number' AND EXISTS (
            SELECT FROM reputation_auditentry d
            JOIN reputation_dispute x ON x.public_id = (d.after ->> 'dispute')::uuid
            WHERE d.number_id = a.number_id AND d.verb = 'uphold_dispute'
                AND d.actor_id <> a.actor_id AND d.at > a.at AND x.grounds <> 'new_holder'
                AND NOT EXISTS (SELECT FROM reputation_auditentry b
                    WHERE b.number_id = a.number_id AND b.at > a.at AND b.at < d.at
                        AND (b.verb IN ('confirm_number', 'clear_number')
                            OR b.undoes_id = a.id)))
        OR a.verb = 'reject_dispute' AND EXISTS (
            SELECT FROM reputation_dispute x JOIN reputation_dispute y ON y.appeal_of_id = x.id
            WHERE x.public_id = (a.after ->> 'dispute')::uuid AND y.status = 'upheld')
        AS overturned,
        (s.judged_at IS NOT NULL)::int AS judged,
        (s.judged_at IS NOT NULL AND s.verdict = a.verb)::int AS agreed,
        (coalesce(s.outcome, '') = 'second')::int AS lost
    FROM chosen JOIN reputation_auditentry a USING (id)
    LEFT JOIN reputation_secondreview s ON s.entry_id = a.id
    LEFT JOIN reputation_auditentry u ON u.undoes_id = a.id
), acts AS (
    SELECT min(at) AS began, actor_id, reason, bool_or(overturned) AS overturned,
        sum(judged) AS judged, sum(agreed) AS agreed, sum(lost) AS lost
    FROM taken GROUP BY act, actor_id, reason
), coded AS (
    SELECT *, CASE WHEN reason LIKE '#%%' THEN split_part(substr(reason, 2), ' ', 1) END AS code
    FROM acts WHERE began >= %(first)s AND began < %(end)s
)
INSERT INTO reputation_qualityfigures
    (day, actor_id, code, decisions, overturned, judged, agreed, lost, counted_at)
SELECT (began AT TIME ZONE 'UTC')::date, actor_id,
    CASE WHEN code = ANY(%(codes)s) THEN code ELSE '' END,
    count(*), count(*) FILTER (WHERE overturned), sum(judged), sum(agreed), sum(lost), %(now)s
FROM coded GROUP BY 1, 2, 3
"""


@transaction.atomic
def count_up(*, now: datetime) -> int:
    """Counts the days anew that new decisions concern; returns how many. The first run counts all
    days. One run at a time: another waits."""
    take_turn("quality")
    with connection.cursor() as cursor:
        # Later ones were counted by a clock that was ahead: decisions since would be passed over.
        known = QualityFigures.objects.filter(counted_at__lte=now)
        newest = known.order_by("-counted_at").first()
        given: dict[str, Any] = {
            "since": newest and newest.counted_at - COMMITS_LATE,
            "decisive": DECISIVE,
            "codes": list(reasons.REASONS),
            "now": now,
        }
        cursor.execute(_DAYS, given)
        days = sorted(day for (day,) in cursor.fetchall())
        QualityFigures.objects.filter(day__in=days).delete()
        for first, last in _runs(days):
            bounds = {"first": start_of_day(first), "end": start_of_day(last + DAY)}
            cursor.execute(_COUNT, given | bounds)
    return len(days)


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """The first and last day of each run of days that follow one another, of sorted days."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and runs[-1][1] + DAY == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
