"""Replicas of the database that answer lookups: which may be asked now, and for which reporters.

For each replica of DATABASE_REPLICA_URL, a thread in each process asks the primary for the end of
its log, and the replica how far it has followed. So the process knows up to which moment the
replica is complete. A replica that is late or cannot be reached is left out until it is well again.

A reporter who wrote a moment ago reads the primary, until every replica in use has what they wrote:
the cache that all processes share has a note of it.
"""

import logging
import threading
import time
from collections import deque
from types import TracebackType
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections

# A replica is asked while it has everything older than this (seconds).
LATE: Final = 1.0
# Seconds between two looks at a replica.
INTERVAL: Final = 0.2
# A writer reads the primary for this long. A replica that is more than LATE behind is not asked.
OWN_WRITES: Final = 2 * LATE
# A replica that has not answered a lookup after this time is left out, and the primary is asked
# (seconds).
PATIENCE: Final = 0.2

_PRIMARY = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
# null for a server that was promoted, and so follows no primary.
_REPLICA = "SELECT pg_last_wal_replay_lsn() - '0/0'::pg_lsn WHERE pg_is_in_recovery()"

logger = logging.getLogger(__name__)


class Replica:
    """`through`: the moment of this process's monotonic clock up to which the replica is
    complete."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.through = float("-inf")
        self._primary: deque[tuple[float, int]] = deque(maxlen=round(2 * LATE / INTERVAL) + 1)

    def watch(self) -> None:
        """Calls `look` again and again as long as the process lives."""
        said = ""
        while True:
            try:
                self.look()
                state = "answers lookups" if self.is_usable() else "is late, and left out"
            except Exception as error:  # no error may end the watch
                self.leave_out()
                state = f"is left out: {type(error).__name__}"
            if state != said:
                logger.warning("%s %s", self.alias, state)
                said = state
            time.sleep(INTERVAL)

    def look(self) -> None:
        """Finds out how far the replica has followed. Raises the database's errors."""
        try:
            at = time.monotonic()
            reached = _position(DEFAULT_DB_ALIAS, _PRIMARY)
            if reached is not None:
                self._primary.append((at, reached))
            followed = _position(self.alias, _REPLICA)
        except Exception:
            connections.close_all()  # of this thread
            raise
        if followed is None:
            self.leave_out()
        else:
            known = [at for at, reached in self._primary if reached <= followed]
            self.through = max(known, default=float("-inf"))

    def is_usable(self) -> bool:
        return time.monotonic() - self.through <= LATE

    def leave_out(self) -> None:
        """Leaves the replica out until the next `look` finds it well."""
        self.through = float("-inf")


def _position(alias: str, query: str) -> int | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0])


class _Asking(threading.local):
    """Whether the calling thread may ask a replica, and where the next turn begins."""

    may = False
    turn = 0


_asking = _Asking()
_replicas: list[Replica] = []
_starting = threading.Lock()


def _watched() -> list[Replica]:
    """The replicas; their threads start with the first lookup, in the process that serves."""
    if not _replicas and settings.REPLICAS:
        with _starting:
            if not _replicas:
                found = [Replica(alias) for alias in settings.REPLICAS]
                for each in found:
                    threading.Thread(target=each.watch, name=each.alias, daemon=True).start()
                _replicas.extend(found)
    return _replicas


def chosen() -> Replica | None:
    """The replica that the calling thread asks now; None for the primary."""
    if not _asking.may:
        return None
    found = _watched()
    _asking.turn += 1
    for place in range(len(found)):
        each = found[(_asking.turn + place) % len(found)]
        if each.is_usable():
            return each
    return None


class reading:  # noqa: N801 -- `with reading(by=…)`
    """Within it, a replica may answer prepared statements.

    `by`: the id of the reporter who asks; None for one who cannot report. A reporter who wrote
    lately reads the primary; so does everybody while the cache with the notes cannot be reached.
    """

    __slots__ = ("may",)

    def __init__(self, *, by: int | None) -> None:
        self.may = bool(settings.REPLICAS) and (by is None or not _wrote_lately(by))

    def __enter__(self) -> None:
        _asking.may = self.may

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        _asking.may = False


def note_write(reporter_id: int) -> None:
    """Notes that the reporter wrote: from now on they read the primary, for OWN_WRITES seconds."""
    if settings.REPLICAS:
        try:
            cache.set(_key(reporter_id), 1, OWN_WRITES)
        except Exception as error:  # the report is filed, so nothing may fail now
            logger.warning("a write is not noted: %s", type(error).__name__)


def _wrote_lately(reporter_id: int) -> bool:
    try:
        return cache.get(_key(reporter_id)) is not None
    except Exception:  # the shared cache cannot be reached
        return True


def _key(reporter_id: int) -> str:
    return f"wrote:{reporter_id}"
