"""What a worker keeps to answer lookups without the database: docs/adr/0038.

Keys for less than a second, so that a revocation holds within one; rows of numbers for less than
two seconds, except for who has just written; and which numbers have a row at all. Answers are
worked out anew each time: what is old is the evidence, not the arithmetic.

Only the server's event loop and its threads for lookups use it (edge.AT_ONCE); everything else
reads the database.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from api import keys
from api.admission import WRITES
from api.keys import Caller, KeyRefused
from edge import AT_ONCE
from reputation.lookup import ONE, Known, Missing, Recent, wrote
from reputation.models import Row, replicas

# Seconds; a tenth below what is promised, which the way to the client may take.
KEY_SECONDS: Final = 0.9
ROW_SECONDS: Final = 1.9 - (replicas.LATE if settings.REPLICAS else 0)
# Seconds between two looks at the database, and after one that failed.
EVERY, PAUSE = 0.4, 1.0
# Seconds for which a key that is not used is still read.
USED_SECONDS: Final = 10.0
# Bytes that a kept row, key and known number take at most, about.
ROW, KEY, NUMBER = 3_000, 2_000, 24


type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Memory:
    """Of one process. `megabytes`: what it takes at most, about."""

    def __init__(self, *, megabytes: int) -> None:
        share = megabytes * 1_000_000 // 8
        self.callers: Recent[bytes, Caller] = Recent(seconds=KEY_SECONDS, most=share // KEY)
        self.rows: Recent[str, Row | None] = Recent(seconds=ROW_SECONDS, most=share // ROW)
        self.known = Known(most=6 * share // NUMBER)
        # When each key was last used, by its prefix.
        self.used: dict[str, float] = {}
        self.stopped = Event()

    def caller(self, token: str) -> Caller | None:
        """The caller whose key was read less than a second ago."""
        caller = self.callers.get(keys.digest_of(token))
        if isinstance(caller, Missing) or wrote.lately(caller.reporter_id):
            return None
        self.used[caller.prefix] = monotonic()
        return caller

    def keep_caller(self, digest: bytes, caller: Caller, *, since: float, now: datetime) -> None:
        # Without a late note of its use the key's next request would write one: not for the loop.
        if keys.lately_noted(caller, now=now):
            self.callers.keep(digest, caller, since=since)

    def row(self, key: str) -> Row | Missing | None:
        """The number's row, or None for a number without one."""
        return None if self.known.lacks(key) else self.rows.get(key)

    def read(self, key: str) -> Row | None:
        """The row from the database. Raises django.db.Error."""
        since = monotonic()
        row = ONE.one(key)
        self.rows.keep(key, row, since=since)
        return row

    def run(self) -> None:
        """Keeps keys in use and the known numbers up to date, until `stopped`."""
        while not self.stopped.is_set():
            pause = EVERY
            try:
                self.known.follow()
                self.read_keys(now=timezone.now())
            except Error:
                self.known.doubt()
                connection.close()
                pause = PAUSE
            self.stopped.wait(pause)
        connection.close()

    def read_keys(self, *, now: datetime) -> None:
        """Reads the keys that were used lately. Raises django.db.Error."""
        since = monotonic()
        used = [prefix for prefix, at in list(self.used.items()) if at > since - USED_SECONDS]
        for prefix in self.used.keys() - set(used):
            self.used.pop(prefix, None)
        for row in keys.MANY.all("\n".join(used)) if used else ():
            with suppress(KeyRefused):  # and forgotten within KEY_SECONDS
                caller = keys.caller_of(row, now=now)
                self.keep_caller(bytes(row[2]), caller, since=since, now=now)


_memory: Memory | None = None
_started = Lock()


def start(megabytes: int) -> None:
    """Lets this process remember, from now on; once per process. 0 megabytes: it remembers
    nothing."""
    global _memory
    if not _started.acquire(blocking=False):
        return
    _memory = Memory(megabytes=megabytes) if megabytes else None
    if _memory is not None:
        Thread(target=_memory.run, name="memory", daemon=True).start()


def of(environ: Mapping[str, Any]) -> Memory | None:
    """The memory for a request that the server may answer from it."""
    return _memory if AT_ONCE in environ else None


def noting_who_writes(application: Application) -> Application:
    """`application`, which lets who has written read their own words at once: it notes them when
    the writing is done, before the client hears of it.
    """

    def outer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and AT_ONCE in environ:
            return application(environ, start_response)  # lookups

        def start(*answer: Any) -> Any:
            if (reporter_id := environ.get(WRITES)) is not None:
                wrote.note(reporter_id, seconds=ROW_SECONDS)
            return start_response(*answer)

        return application(environ, start)

    return outer
