"""Rates of decisions: agreement in a second judgement, and overturns.

A decision is overturned once another moderator takes it back, a dispute about it is upheld by
another (a confirmation while no later decision about the number replaced it; not for a new holder),
or the appeal against it is upheld. Taking one's own back is no overturn. A batch is one decision.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection

from reputation.models import SecondReview

SHOWN: Final = 50
# Two-sided, 95 %.
_Z: Final = 1.959964

_RATES = """
SELECT grouping(actor_id), actor_id, code,
    sum(decisions), sum(overturned), sum(judged), sum(agreed), sum(lost)
FROM reputation_qualityfigures
WHERE day >= %(first)s AND day < %(end)s AND (%(actor)s::int IS NULL OR actor_id = %(actor)s)
GROUP BY GROUPING SETS ((actor_id), (code), ())
"""
_BACKLOG = """
SELECT kind, count(*), min(found_at),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY %(now)s - found_at)
FROM reputation_queueitem WHERE rests_until IS NULL OR rests_until <= %(now)s
GROUP BY kind ORDER BY 3, 1
"""
_ANSWERED = """
SELECT count(*), count(*) FILTER (WHERE decided_at <= deadline_at),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY decided_at - verified_at)
FROM reputation_dispute WHERE decided_at >= %(since)s AND decided_at < %(until)s
"""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, and where the true share lies with 95 % confidence, 0 to 1: the interval of
    Wilson (1927, JASA 22:209), which also holds for few and for none.
    """

    hits: int
    of: int

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        n, p, square = self.of, self.share, _Z * _Z
        middle = (p + square / (2 * n)) / (1 + square / n)
        half = _Z / (1 + square / n) * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class RatesOf:
    """The rates of a moderator, of a reason's code ("": own words) or of all. `lost`: disagreements
    that a senior settled for the second.
    """

    name: str
    decisions: int
    overturned: Share
    agreed: Share
    lost: int


@dataclass(frozen=True, slots=True)
class Rates:
    total: RatesOf
    moderators: Sequence[RatesOf]
    reasons: Sequence[RatesOf]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Items of one kind that wait: since when the oldest, and the median of their ages."""

    kind: str
    items: int
    oldest: datetime
    median: timedelta


@dataclass(frozen=True, slots=True)
class Answered:
    """Disputes decided in a period: in time, and the median from the code to the decision."""

    in_time: Share
    median: timedelta | None


def rates(*, since: datetime, until: datetime, of: User | None = None) -> Rates:
    """The rates of the decisions of whole days (UTC), from `since` to before `until`, as last
    counted (tallies), in two queries. `of`: only those of this moderator.
    """
    first, end = (moment.astimezone(UTC).date() for moment in (since, until))
    given: dict[str, Any] = {"first": first, "end": end, "actor": of and of.pk}
    with connection.cursor() as cursor:
        cursor.execute(_RATES, given)
        rows = cursor.fetchall()
    names = User.objects.in_bulk([row[1] for row in rows if row[1] is not None])
    total = RatesOf("", 0, Share(0, 0), Share(0, 0), 0)
    moderators: list[RatesOf] = []
    codes: dict[str, Sequence[int]] = {}
    for grouping, actor, code, *sums in rows:
        counts = [int(each or 0) for each in sums]
        if actor is not None:
            moderators.append(_rates_of(names[actor].get_username(), counts))
        elif grouping and code is not None:
            codes[code] = counts
        else:
            total = _rates_of("", counts)
    return Rates(
        total,
        sorted(moderators, key=lambda line: line.name),
        sorted(
            (_rates_of(code, counts) for code, counts in codes.items()),
            key=lambda line: (-line.decisions, line.name),
        ),
    )


def _rates_of(name: str, counts: Sequence[int]) -> RatesOf:
    decisions, overturned, judged, agreed, lost = counts
    return RatesOf(name, decisions, Share(overturned, decisions), Share(agreed, judged), lost)


def judged(*, since: datetime, until: datetime) -> list[SecondReview]:
    """The newest SHOWN second reviews, judged, of decisions of the period."""
    reviews = SecondReview.objects.filter(
        judged_at__isnull=False, entry__at__gte=since, entry__at__lt=until
    )
    related = ("entry__actor", "entry__number", "entry__reporter", "reviewer", "settled_by")
    return list(reviews.select_related(*related).order_by("-judged_at", "-id")[:SHOWN])


def backlog(*, now: datetime) -> list[Waiting]:
    """The waiting items of the queue by kind, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOG, {"now": now})
        return [Waiting(*row) for row in cursor.fetchall()]


def answered(*, since: datetime, until: datetime) -> Answered:
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, {"since": since, "until": until})
        row: Any = cursor.fetchone()
    return Answered(Share(row[1], row[0]), row[2])
