"""Bounds what our messages cost: to which countries they go, and how many an hour and a day.

A fraudster who makes us call a number can earn by it: carriers share the price of calls to
satellites, premium lines and some countries. So messages go only to countries where people use the
service, and budgets bound the loss in these. Codes of disputes and answers to text messages share
both bounds, but answers leave a part of each budget to codes: anybody makes us answer by texts in
many names, and must not shut holders out of disputing.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from reputation.disputes.senders import NotSent
from reputation.identity import country_of
from reputation.models import PaidMessage, take_turn
from reputation.privacy import retention

logger = logging.getLogger(__name__)

# To these nothing is sent, wherever they are: a stranger could make us pay for each call.
COSTLY: Final = frozenset({"premium_rate", "shared_cost"})
# Without CODE_COUNTRIES: a country counts when more established reporters than this live there.
ESTABLISHED_REPORTERS: Final = 5
# This part of each budget is for codes alone.
CODES_ALONE: Final = 4  # a quarter
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
KEPT_FOR: Final = retention.PAID_MESSAGES.kept

# We do not ask where a reporter lives. People are mostly called from their own country, and the
# foreign numbers that they report are those that we must not pay calls to: so we take the country
# that they report most often.
HOMES: Final = """
    SELECT country FROM (
        SELECT DISTINCT ON (reporter_id) reporter_id, country
        FROM (
            SELECT report.reporter_id, number.country, count(*) AS times
            FROM reputation_report AS report
            JOIN reputation_number AS number ON number.id = report.number_id
            WHERE report.status = 'live' AND report.reporter_id IN (
                SELECT reporter_id FROM reputation_report WHERE established AND status = 'live'
            )
            GROUP BY report.reporter_id, number.country
        ) AS reported
        ORDER BY reporter_id, times DESC, country
    ) AS home
    WHERE country <> '' GROUP BY country HAVING count(*) > %s
"""


class BudgetSpent(NotSent):
    """The settings allow no more paid messages now."""


def may_send_to(key: str, *, line_type: str, now: datetime) -> bool:
    """Whether messages that cost money go to this number at all.

    Never to numbers of no country (satellites, +870 to +979), short codes and premium lines.
    """
    country = country_of(key)
    if not key.startswith("+") or not country or line_type in COSTLY:
        return False
    allowed: tuple[str, ...] = settings.CODE_COUNTRIES
    return "*" in allowed or country in (allowed or _home_countries(now.date()))


@lru_cache(maxsize=1)
def _home_countries(day: date) -> frozenset[str]:
    """The countries of established reporters and of our own numbers, read once a day."""
    with connection.cursor() as cursor:
        cursor.execute(HOMES, [ESTABLISHED_REPORTERS])
        homes = {country for (country,) in cursor.fetchall()}
    return frozenset(homes | {country_of(own) for own in settings.INTAKE_OWN_NUMBERS})


@transaction.atomic
def spend(key: str, purpose: PaidMessage.Purpose, *, now: datetime) -> PaidMessage:
    """Counts a message that is about to be sent; `refund` undoes it. Raises BudgetSpent."""
    country = country_of(key)
    take_turn("paid messages")
    for name, used, limit in _used(country, now):
        # The alarms: somebody is at it, or the budget is too small for the honest.
        if used >= limit:
            logger.error("%s is used up: %d messages. No code or answer goes out.", name, used)
            raise BudgetSpent(f"{name} is used up")
        if purpose == PaidMessage.Purpose.ANSWER and used >= limit - limit // CODES_ALONE:
            logger.error(
                "The rest of %s is for codes: %d messages. No answer goes out.", name, used
            )
            raise BudgetSpent(f"the rest of {name} is for codes")
    return PaidMessage.objects.create(sent_at=now, country=country, purpose=purpose)


def refund(message: PaidMessage) -> None:
    message.delete()


def _used(country: str, now: datetime) -> Iterator[tuple[str, int, int]]:
    """Each budget that a message to this country needs: the setting, what is used, the limit."""
    own, hour = Q(country=country), Q(sent_at__gt=now - HOUR)
    used = PaidMessage.objects.filter(sent_at__gt=now - DAY).aggregate(
        day=Count("pk"),
        hour=Count("pk", filter=hour),
        own_day=Count("pk", filter=own),
        own_hour=Count("pk", filter=own & hour),
    )
    yield "CODES_PER_HOUR", used["hour"], settings.CODES_PER_HOUR
    yield "CODES_PER_DAY", used["day"], settings.CODES_PER_DAY
    yield f"CODES_PER_COUNTRY_HOUR ({country})", used["own_hour"], settings.CODES_PER_COUNTRY_HOUR
    yield f"CODES_PER_COUNTRY_DAY ({country})", used["own_day"], settings.CODES_PER_COUNTRY_DAY


def paid(*, now: datetime) -> dict[str, tuple[int, int]]:
    """How many paid messages went to each country within the last hour, and the last day."""
    rows = (
        PaidMessage.objects.filter(sent_at__gt=now - DAY)
        .values("country")
        .annotate(day=Count("pk"), hour=Count("pk", filter=Q(sent_at__gt=now - HOUR)))
        .order_by("country")
    )
    return {row["country"]: (row["hour"], row["day"]) for row in rows}


def forget_paid(*, now: datetime) -> None:
    """Forgets what no budget counts any more."""
    PaidMessage.objects.filter(sent_at__lte=now - KEPT_FOR).delete()
