"""Keeps in the memory of a process which numbers have a row at all: most callers have none.

The set follows the change log, which has a row for each new number. It says "unknown" only as of
less than `SECONDS` ago. Whenever it may have missed a change, it loads the set
again: after a lost connection or another server behind the same address, when the log was pruned or
restored, when it has fallen behind. Meanwhile it says nothing, and the database is read.
"""

import logging
from bisect import bisect_left
from collections.abc import Iterable
from time import monotonic
from typing import Any, Final

import numpy as np
from django.db import connection

from reputation.feeds import log
from reputation.models import Prepared

logger = logging.getLogger(__name__)

SECONDS: Final = 1.9
# New numbers between two sortings of the whole set, and rows of the log at one look.
MOST_NEW: Final = 50_000
# Numbers read by one statement, so that none takes long.
PAGE: Final = 50_000

# A page of keys as numbers, and its last key. Keys of other kinds are not in the set: those are
# always looked up.
KEYS = Prepared(
    f"""SELECT array_agg(substr(key, 2)::int8) FILTER (WHERE key LIKE '+%'), max(key)::bytea
    FROM (SELECT key FROM reputation_number WHERE key > %s ORDER BY key LIMIT {PAGE}) page"""  # noqa: S608 -- constants
)
# The binary format of an array's elements: a length, then the value. Before them, a header.
_ELEMENT: Final = np.dtype([("length", ">i4"), ("value", ">i8")])
_HEADER: Final = 20
# The server that answers, the ends of the log, and the changes since, with those that have no
# cursor yet: one snapshot has them all.
NEWS = f"""
    SELECT pg_postmaster_start_time()::text, head, horizon, news.key FROM {log.ENDS}
    LEFT JOIN LATERAL (
        (SELECT key FROM reputation_feedchange WHERE cursor > %s LIMIT {MOST_NEW + 1})
        UNION ALL
        (SELECT key FROM reputation_feedchange WHERE cursor IS NULL LIMIT {MOST_NEW + 1})
    ) news ON true
"""  # noqa: S608 -- constants


class Known:
    """The set of one process. `most`: with more numbers than this it is not used."""

    def __init__(self, *, most: int) -> None:
        self.most = most
        self.numbers: memoryview[int] = memoryview(np.empty(0, np.int64))  # sorted
        self.new: set[int] = set()
        self.since = float("-inf")  # complete as of this moment of monotonic()
        self.cursor = 0
        self.server = ""
        self.full = False

    def lacks(self, key: str) -> bool:
        """Whether no number of this key had a row less than SECONDS ago. False when in doubt."""
        if key[0] != "+" or monotonic() - self.since >= SECONDS:
            return False
        number = int(key[1:])
        # In this order: new numbers enter `numbers` before they leave `new`, and `full` is set
        # before either is emptied.
        return number not in self.new and not _has(self.numbers, number) and not self.full

    def follow(self) -> None:
        """Brings the set up to date; call it often. Raises django.db.Error; then it grows old."""
        if self.full or not (self.server or self._load()):
            return
        since = monotonic()
        log.sequence()
        rows = _read(NEWS, [self.cursor])
        server, head, horizon, _ = rows[0]
        if server != self.server or not horizon <= self.cursor <= head or len(rows) > MOST_NEW:
            self.server = ""  # to be loaded next time
            return
        self._add(key for *_, key in rows if key)
        if not self.full:
            self.cursor, self.since = head, since

    def _load(self) -> bool:
        # The log first: the next look finds what comes after this one.
        server, head, *_ = _read(NEWS, [2**62])[0]
        pages, size, last = [np.empty(0, np.int64)], 0, ""
        while (page := KEYS.values(last))[1] is not None:
            last = page[1].decode()
            if page[0] is not None:
                pages.append(np.frombuffer(page[0], _ELEMENT, offset=_HEADER)["value"].astype("q"))
                size += len(pages[-1])
            if size > self.most:
                self._give_up()
                return False
        numbers = np.concatenate(pages)
        numbers.sort()
        self.numbers, self.new = memoryview(numbers), set()
        self.cursor, self.server = head, server
        return True

    def _add(self, keys: Iterable[str]) -> None:
        changed = (int(key[1:]) for key in keys if key[0] == "+")
        self.new.update(number for number in changed if not _has(self.numbers, number))
        if len(self.new) > MOST_NEW:
            fresh = np.fromiter(self.new, np.int64)
            self.numbers = memoryview(np.union1d(np.asarray(self.numbers), fresh))
            self.new = set()
        if len(self.numbers) + len(self.new) > self.most:
            self._give_up()

    def _give_up(self) -> None:
        """Stops using the set, and frees its memory."""
        logger.warning("LOOKUP_MEMORY_MB has no room for all numbers: each lookup is read")
        self.full, self.since = True, float("-inf")
        self.numbers, self.new = memoryview(np.empty(0, np.int64)), set()

    def doubt(self) -> None:
        """Call this when the connection was lost: another server may answer next, with other
        rows."""
        self.server = ""


def _has(numbers: "memoryview[int]", number: int) -> bool:
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number


def _read(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
