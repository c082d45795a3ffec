"""How often numbers are looked up: what it costs to be wrong about one of them.

Counted in memory, by the number looked up and by nothing else, and added to the database once a
minute by a thread of the process that serves; what a killed process had not yet added is lost. It
ranks the moderators' queue and bills nobody.
"""

import logging
import math
import threading
from datetime import datetime
from typing import Final

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

logger = logging.getLogger(__name__)

# A count halves in this many days, so what was asked about last month hardly counts.
HALF_LIFE: Final = 7.0
# Of a count to the lookups a day that keep it where it is.
A_DAY: Final = math.log(2) / HALF_LIFE
FLUSH_SECONDS: Final = 60.0
# Numbers held between two flushes; whoever asks for more is not ringing telephones.
MOST: Final = 50_000

# Both sides of a sum are valued at the later of the two moments.
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

_heard: dict[str, int] = {}
_started = threading.Lock()


def note(key: str) -> None:
    """A number that is on record was looked up. Costs a lookup a fraction of a microsecond.

    Two threads at the same number at once may count one instead of two.
    """
    heard = _heard
    if key in heard:
        heard[key] += 1
    elif len(heard) < MOST:
        heard[key] = 1


def flush(*, now: datetime) -> int:
    """Adds what was noted since the last time; returns how many numbers that were."""
    global _heard
    heard, _heard = _heard, {}
    if heard:
        keys = sorted(heard)
        with connection.cursor() as cursor:
            cursor.execute(ADD, [now, keys, [heard[key] for key in keys]])
    return len(heard)


def start() -> None:
    """Flushes every FLUSH_SECONDS from now on, in a thread of its own; once a process."""
    if _started.acquire(blocking=False):
        threading.Thread(target=run, args=[threading.Event()], name="traffic", daemon=True).start()


def run(stop: threading.Event) -> None:
    """Flushes every FLUSH_SECONDS until told to stop; a database that is away costs a minute."""
    while not stop.wait(FLUSH_SECONDS):
        close_old_connections()
        try:
            flush(now=timezone.now())
        except DatabaseError:
            logger.warning("lookups of the last minute were not counted", exc_info=True)
