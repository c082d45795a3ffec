"""Reads rows of numbers for an event loop: all lookups that wait share one statement.

The loop never waits for the database: it sends a statement, goes on, and is called when the rows
arrive. While one statement runs, further lookups are collected for the next. All rows of a
statement become answers one after the other, before any lookup continues: repeated work stays in
the processor's caches. A failure fails all lookups that wait; these then read in a thread
(reputation.models.prepared), with its limits and its errors.
"""

import asyncio
import logging
from asyncio import AbstractEventLoop, Future, TimerHandle
from collections.abc import Callable
from itertools import chain
from time import monotonic
from typing import Any, Final

import psycopg
from django.db import connection
from psycopg import abc
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

from reputation.lookup.single import COLUMNS
from reputation.models import Prepared, Row

logger = logging.getLogger(__name__)

# Seconds after which a statement without an answer fails.
PATIENCE: Final = 0.2
# The most numbers in a statement, and waiting for the next one: no lookup waits for more than two
# statements.
MOST: Final = 256

# By keys, a line each. The sub-select hides their number from PostgreSQL, which would plan each of
# these statements anew for it, and that takes longer than to read the rows.
ROWS = Prepared(
    f"SELECT {COLUMNS} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE n.key = ANY(ARRAY(SELECT unnest(string_to_array(%s, E'\\n'))))",
    counted_from=0,
)


type _Waiting[K] = dict[str, list[tuple[Future[Any], Callable[[K], Any]]]]


class NotFoundOut(Exception):
    """The database did not answer in time, or too many lookups wait."""


class Awaited[K]:
    """The lookups of one event loop that wait for rows. `keep` gets each key, its row and the
    moment before the row was read, and returns what the process remembers."""

    def __init__(self, keep: Callable[[str, Row | None, float], K]) -> None:
        self.keep = keep
        # The lookups that wait for each key, and how each uses the row.
        self.wanted: _Waiting[K] = {}
        self.under_way: _Waiting[K] = {}
        self.since = 0.0
        self.line: _Line | None = None
        self.offered: _Line | None = None
        self.watching: TimerHandle | None = None

    # --- In any thread ---

    def connect(self) -> None:
        """Opens the connection if there is none. Raises django.db.Error."""
        # In this order: the loop sets `line` before it empties `offered`.
        if self.offered is None and self.line is None:
            self.offered = _Line()

    # --- On the loop ---

    def read[T](self, key: str, make: Callable[[K], T]) -> Future[T]:
        """A future of `make`'s result for the number's row, as `keep` returned it. The future fails
        with NotFoundOut if the database does not answer in time. Raises NotFoundOut if too many
        wait already.
        """
        line = self.line or self._take_over()
        waiting = self.wanted.get(key)
        if waiting is None:
            if len(self.wanted) >= MOST:
                raise NotFoundOut
            waiting = self.wanted[key] = []
        loop = asyncio.get_running_loop()
        made: Future[T] = loop.create_future()
        waiting.append((made, make))
        if not self.under_way:
            self._send(loop, line)
        return made

    def _take_over(self) -> "_Line":
        line = self.offered
        if line is None:
            raise NotFoundOut
        loop = asyncio.get_running_loop()
        loop.add_reader(line.socket, self._receive, loop, line)
        self.line, self.offered = line, None
        return line

    def _send(self, loop: AbstractEventLoop, line: "_Line") -> None:
        """Sends a statement for all lookups that wait."""
        self.under_way, self.wanted = self.wanted, {}
        self.since = monotonic()
        if self.watching is None:
            self.watching = loop.call_later(PATIENCE, self._watch, loop, line)
        try:
            line.send("\n".join(self.under_way))
        except psycopg.Error as error:
            self._fail(loop, line, error)

    def _receive(self, loop: AbstractEventLoop, line: "_Line") -> None:
        try:
            rows = line.received()
        except psycopg.Error as error:
            self._fail(loop, line, error)
            return
        if rows is None:
            return  # there is more to come
        answered, since = self.under_way, self.since
        self.under_way = {}
        if self.wanted:
            self._send(loop, line)  # the database works while these are answered
        found = {row[0]: row for row in rows}
        for key, waiting in answered.items():
            kept = self.keep(key, found.get(key), since)
            for future, make in waiting:
                if future.done():
                    continue
                try:
                    future.set_result(make(kept))
                except Exception as error:  # it is one request's, not the others'
                    future.set_exception(error)

    def _watch(self, loop: AbstractEventLoop, line: "_Line") -> None:
        """Fails the running statement when its time is over. One timer for all is cheaper than one
        each."""
        self.watching = None
        left = self.since + PATIENCE - monotonic()
        if self.under_way and left > 0:
            self.watching = loop.call_later(left, self._watch, loop, line)
        elif self.under_way:
            self._fail(loop, line, "no answer in time")

    def _fail(self, loop: AbstractEventLoop, line: "_Line", why: object) -> None:
        """Closes the connection, and fails all lookups that wait."""
        logger.warning("lookups read in threads for a moment: %s", why)
        loop.remove_reader(line.socket)
        line.close()
        self.line = None
        if self.watching is not None:
            self.watching.cancel()
            self.watching = None
        waiting = [*self.under_way.values(), *self.wanted.values()]
        self.under_way, self.wanted = {}, {}
        for future, _ in chain.from_iterable(waiting):
            if not future.done():
                future.set_exception(NotFoundOut())


class _Line:
    """A connection with the statement prepared. Raises django.db.Error."""

    def __init__(self) -> None:
        django: Any = connection.copy()
        try:
            django.ensure_connection()
            with django.wrap_database_errors:
                self.loader: abc.Transformer = ROWS.loader(django.connection)
        except BaseException:
            django.close()  # or it stays open until garbage is collected
            raise
        self.raw = django.connection
        self.result: PGresult | None = None
        self.pgconn: PGconn = self.raw.pgconn
        self.socket = self.pgconn.socket

    def send(self, keys: str) -> None:
        self.pgconn.send_query_prepared(ROWS.name, [keys.encode()], None, Format.BINARY)

    def received(self) -> list[Row] | None:
        """The rows; None while there is more to come. Raises psycopg.Error."""
        self.pgconn.consume_input()
        # While it is busy, get_result would wait, and neither the loop nor a thread go on.
        while not self.pgconn.is_busy():
            result = self.pgconn.get_result()
            if result is None:  # the end, or a notice of the server
                result, self.result = self.result, None
                if result is None:
                    return None
                self.loader.set_pgresult(result, set_loaders=False)
                return self.loader.load_rows(0, result.ntuples, tuple)
            if result.status != ExecStatus.TUPLES_OK:
                raise psycopg.OperationalError(result.get_error_message())
            if self.result is not None:
                raise psycopg.OperationalError("an answer too much")
            self.result = result
        return None

    def close(self) -> None:
        self.raw.close()  # Django would refuse to on a loop
