"""Counts how often numbers are looked up: the cost of a wrong answer about one.

A thread of the serving process counts in memory, by number and nothing else, and adds the counts to
the database once a minute; a killed process loses its last counts. They order the moderators' queue
and bill no client. Only lookups with a key count, and of each key few: others cost nothing, and so
could put any number before the moderators.
"""

import logging
import math
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from edge import is_outage
from reputation.models import Number, Traffic

logger = logging.getLogger(__name__)

# A count halves in this many days, so lookups of last month hardly count.
HALF_LIFE: Final = 7.0
# Factor from a count to the lookups a day that would keep it constant.
A_DAY: Final = math.log(2) / HALF_LIFE
# The lookups a day of a row `t` of Traffic, which may be missing, at %(now)s: `a_day` in SQL.
A_DAY_NOW: Final = f"""coalesce(t.count * {A_DAY}
    * 2 ^ (-greatest(0, date_part('epoch', %(now)s - t.at)) / 86400 / {HALF_LIFE}), 0)"""
FLUSH_SECONDS: Final = 60.0
# The most lookups of one number by one key that count between two flushes.
OF_ONE_KEY: Final = 10
# The most lookups by all keys of a person that count in an hour. Anybody gets such keys, and could
# otherwise keep numbers of their choice at the head of the queue; no phone rings so often.
OF_A_PERSON: Final = 5
HOUR: Final = timedelta(hours=1)
# Keys and numbers held between two flushes; a client with more is not reacting to ringing phones.
MOST: Final = 50_000

# Both summands are discounted to the later of the two moments.
ADD = f"""
INSERT INTO reputation_traffic AS t (number_id, count, at)
SELECT n.id, heard.count, %s
FROM unnest(%s::text[], %s::float8[]) AS heard(key, count)
JOIN reputation_number n ON n.key = heard.key ORDER BY n.id
ON CONFLICT (number_id) DO UPDATE SET
    count = excluded.count + t.count * 2 ^ (
        -greatest(0, date_part('epoch', excluded.at - t.at)) / 86400 / {HALF_LIFE}),
    at = greatest(t.at, excluded.at)
"""  # noqa: S608 -- constants

_counts: dict[tuple[str, int], int] = {}
_of_persons: dict[int, int] = {}
_hour = datetime.min.replace(tzinfo=UTC)
_started = threading.Lock()


def note(key: str, *, by: int, personal: bool) -> None:
    """Counts a lookup of a stored number by the keys of a voice, or of a person. Costs it a
    fraction of a microsecond.

    Two simultaneous lookups of one number in two threads may count as one.
    """
    if personal:
        of_person = _of_persons.get(by, 0)
        if of_person >= OF_A_PERSON:
            return
        _of_persons[by] = of_person + 1
    counts = _counts
    pair = key, by
    count = counts.get(pair, 0)
    if count < OF_ONE_KEY and (count or len(counts) < MOST):
        counts[pair] = count + 1


def a_day(number: Number, *, now: datetime) -> float:
    """How often the number is looked up in a day at present."""
    row = Traffic.objects.filter(number=number).first()
    if row is None:
        return 0.0
    age = max(0.0, (now - row.at) / timedelta(days=1))
    return row.count * A_DAY * 2 ** (-age / HALF_LIFE)


def flush(*, now: datetime) -> int:
    """Adds the counts since the last flush to the database; returns how many numbers had any."""
    global _counts, _of_persons, _hour
    counts, _counts = _counts, {}
    if not timedelta(0) <= now - _hour < HOUR:  # a clock that was ahead may be set back
        _of_persons, _hour = {}, now
    sums: Counter[str] = Counter()
    for (key, _by), count in counts.items():
        sums[key] += count
    if sums:
        keys = sorted(sums)
        with connection.cursor() as cursor:
            cursor.execute(ADD, [now, keys, [sums[key] for key in keys]])
    return len(sums)


def start() -> None:
    """Starts a thread that flushes every FLUSH_SECONDS; once per process."""
    if _started.acquire(blocking=False):
        threading.Thread(target=run, args=[threading.Event()], name="traffic", daemon=True).start()


def run(stop: threading.Event) -> None:
    """Flushes every FLUSH_SECONDS until `stop` is set. A database error loses one minute."""
    while not stop.wait(FLUSH_SECONDS):
        close_old_connections()
        try:
            flush(now=timezone.now())
        except DatabaseError as error:
            is_outage(error)  # a connection that leads to a standby by now is left
            logger.warning("lookups of the last minute were not counted", exc_info=True)
