"""Measures how established reporters agree about the same numbers, for the calibration curves.

scoring.agreement turns the measurement into curves. The worker measures seldom, since new curves
make all numbers due.
"""

from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction

from reputation.models import Agreement
from reputation.scoring import UNWANTED, agreement, to_days

# A report whose reporter had been warned of the number does not count, since it may repeat the
# warning. Reporters of one cluster count as one voice.
_WORDS = """
SELECT r.number_id, coalesce(-p.cluster, p.id), r.category = ANY(%s),
    date_part('epoch', r.counted_at) / 86400
FROM reputation_report r
JOIN reputation_reporter p ON p.id = r.reporter_id
JOIN reputation_number n ON n.id = r.number_id
WHERE r.established AND r.status = 'live' AND NOT r.was_warned AND r.counted_at > %s
    AND (n.epoch_at IS NULL OR r.counted_at >= n.epoch_at)
"""
# Rows fetched at a time.
_READ = 50_000


def measure(*, now: datetime) -> int:
    """Stores how established reporters agree; returns how many numbers they reported."""
    since = now - timedelta(days=agreement.RECENT)
    parts = [np.empty((0, 4))]
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_WORDS, [UNWANTED, since])
        while rows := cursor.fetchmany(_READ):
            parts.append(np.array(rows, np.float64))  # ids are exact up to 2^53
    number, voice, unwanted, at = np.concatenate(parts).T
    found = agreement.agreement(
        number=number.astype(np.int64),
        voice=voice.astype(np.int64),
        unwanted=unwanted.astype(np.bool_),
        at=at,
        now=to_days(now),
    )
    Agreement.objects.create(measured_at=now, counts=found.counts, lasting=found.lasting)
    return found.numbers


def newest() -> Agreement | None:
    """The newest measurement; None before the first."""
    return Agreement.objects.order_by("-pk").first()
