"""The memory of a worker for answering lookups without the database: docs/adr/0038.

It holds keys for less than a second, so that a revocation takes effect within one; rows of numbers
for less than two seconds, except for callers who have just written; and which numbers have a row.

Only the server's event loop answers from it (api.at_once); everything else reads the database, and
lookups in threads store what they read.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic, time
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from api import callers, limits
from api.admission import WRITES
from api.callers import Caller, KeyRefused
from edge import Application, Count, refill
from reputation.lookup import (
    MISSING,
    Awaited,
    Known,
    Missing,
    NotFoundOut,
    Recent,
    RowPlaces,
    wrote,
)
from reputation.models import Row, replicas

# Seconds; a tenth less than promised, for the time of transmission.
KEY_SECONDS: Final = 0.9
OWN_SECONDS: Final = 1.9
# A replica's answer may lack the last LATE seconds.
ROW_SECONDS: Final = OWN_SECONDS - (replicas.LATE if settings.REPLICAS else 0)
# Seconds between two reads of the database, and after one that failed.
EVERY, PAUSE = 0.4, 1.0
# Seconds for which an unused key is still read.
USED_SECONDS: Final = 10.0
# Bytes that a kept row, key, known number and place of a row take at most, about.
ROW, KEY, NUMBER, PLACE = 4_000, 2_000, 24, 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Guest:
    """A caller whose key was read less than a second ago, with the facts for all their lookups.

    count: the counter of the limit; None: without a limit. noted_until: see callers.noted_until, in
    seconds since 1970.
    """

    caller: Caller
    count: Count | None
    noted_until: float


@dataclass(slots=True)
class Kept:
    """A number's row, None for a number without one, and the last plain answer from it.

    `body` as of the second `at`; `ttl`: seconds for which clients may keep it.
    """

    row: Row | None
    at: int = -1
    body: bytes = b""
    ttl: int = 0


NO_ROW: Final = Kept(None)


class Memory:
    """The memory of one process. `megabytes`: how much it uses at most, about."""

    def __init__(self, *, megabytes: int) -> None:
        share = megabytes * 1_000_000 // 8
        self.guests: Recent[bytes, Guest] = Recent(seconds=KEY_SECONDS, most=share // KEY)
        self.rows: Recent[str, Kept] = Recent(seconds=ROW_SECONDS, most=share // ROW)
        self.known = Known(most=4 * share // NUMBER)
        self.places = RowPlaces(most=2 * share // PLACE)
        self.awaited = Awaited(self.keep_row)
        # When each key was last used, by its prefix.
        self.used: dict[str, float] = {}
        self.stopped = Event()

    def guest(self, digest: bytes) -> Guest | None:
        """The caller who may be answered from memory, by callers.digest_of."""
        guest = self.guests.get(digest)
        if isinstance(guest, Missing) or wrote.lately(guest.caller.reporter_id):
            return None
        self.used[guest.caller.prefix] = monotonic()
        # If the key's use was not noted lately, the request writes a note, which the loop must not
        # do.
        return guest if guest.noted_until >= time() else None

    def keep_caller(self, digest: bytes, caller: Caller, *, since: float) -> None:
        if "lookup" in caller.scopes and not caller.rules:  # a long list takes time
            noted_until = callers.noted_until(caller).timestamp()
            guest = Guest(caller, limits.counted_as("lookup", caller), noted_until)
            self.guests.keep(digest, guest, since=since)

    def keep_row(self, key: str, row: Row | None, since: float) -> Kept:
        return self.rows.keep(key, Kept(row), since=since)

    def row(self, key: str) -> Kept | Missing:
        return NO_ROW if self.known.lacks(key) else self.rows.get(key)

    async def read[T](self, key: str, make: Callable[[Kept], T]) -> T | Missing:
        """The result of `make` for the row in the database; MISSING if a thread has to ask."""
        with suppress(NotFoundOut):
            return await self.awaited.read(key, make)
        return MISSING

    def run(self) -> None:
        """Keeps keys in use and the known numbers up to date, until `stopped`."""
        while not self.stopped.is_set():
            pause = EVERY
            try:
                self.known.follow()
                self.read_keys(now=timezone.now())
            except Exception as error:
                # After any error: without this thread every lookup would read the database from now
                # on.
                if not isinstance(error, Error):
                    logger.exception("what is remembered of numbers and keys is read anew")
                self.known.doubt()
                connection.close()
                pause = PAUSE
            self.stopped.wait(pause)
        connection.close()

    def connect(self, begin: Callable[[], None]) -> None:
        """Keeps the loop's connection open, until `stopped`, in a thread that may wait for it.

        `begin` limits the waits of the thread's connections: PostgreSQL continues a statement that
        the loop has given up.
        """
        begin()
        while not self.stopped.wait(EVERY):
            with suppress(Error):
                self.awaited.connect()

    def read_keys(self, *, now: datetime) -> None:
        """Reads the keys that were used lately. Raises django.db.Error."""
        since = monotonic()
        used = [prefix for prefix, at in list(self.used.items()) if at > since - USED_SECONDS]
        for prefix in self.used.keys() - set(used):
            self.used.pop(prefix, None)
        for row in callers.MANY.all("\n".join(used)) if used else ():
            with suppress(KeyRefused):  # and forgotten within KEY_SECONDS
                caller = callers.of_row(row, now=now)
                self.keep_caller(bytes(row[2]), caller, since=since)


_memory: Memory | None = None
_started = Lock()


def start(megabytes: int, *, begin: Callable[[], None]) -> None:
    """Makes this process remember from now on; once in each process. 0 megabytes: it remembers
    nothing. `begin`: see Memory.connect."""
    global _memory
    if not _started.acquire(blocking=False):
        return
    _memory = Memory(megabytes=megabytes) if megabytes else None
    if _memory is not None:
        Thread(target=_memory.run, name="memory", daemon=True).start()
        Thread(target=_refill, name="limits", daemon=True).start()
        if not settings.REPLICAS:  # threads choose among replicas
            Thread(target=_memory.connect, args=[begin], name="rows", daemon=True).start()


def _refill() -> None:
    while True:
        refill()


def memory() -> Memory | None:
    """This process's memory; None if it keeps none."""
    return _memory


def noting_who_writes(application: Application) -> Application:
    """`application`, which lets callers who wrote read their own words at once: it notes the write
    before the client gets the answer."""

    def outer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(*answer: Any) -> Any:
            if (reporter_id := environ.get(WRITES)) is not None:
                wrote.note(reporter_id, seconds=OWN_SECONDS)
            return start_response(*answer)

        return application(environ, start)

    return outer
