"""Rows of numbers for who may not wait: all that are wanted at a moment are read by one statement.

One thread waits for the database. Who wants a row goes on, and is called by that thread when the
row is there. While one statement is under way, the next numbers gather. Whatever fails fails for
all who wait, who then read in a thread of their own (reputation.models.prepared), with its limits
and its errors.
"""

import logging
import select
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from time import monotonic
from typing import Any, Final

import psycopg
from django.db import Error, connection
from psycopg import abc
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

from reputation.lookup.recent import MISSING, Missing
from reputation.lookup.single import COLUMNS
from reputation.models import Prepared, Row

logger = logging.getLogger(__name__)

# A server that has not answered by then is given up (seconds).
PATIENCE: Final = 0.2
# Between two looks at the time, and at a server that could not be reached (seconds).
TICK, PAUSE = 0.05, 0.4
# Numbers in a statement, and waiting for the next: nobody waits for more than two statements.
MOST: Final = 256

# By keys, a line each. The sub-select hides their number from PostgreSQL, which would plan each of
# these statements anew for it, and that takes longer than to read the rows.
ROWS = Prepared(
    f"SELECT {COLUMNS} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE n.key = ANY(ARRAY(SELECT unnest(string_to_array(%s, E'\\n'))))"
)

type Keep = Callable[[str, Row | None, float], None]
# Gets the row, or None for a number without one; MISSING where the database does not answer.
type Then = Callable[[Row | Missing | None], None]


class Awaited:
    """`keep` gets each key, its row and the moment before it was read."""

    def __init__(self, keep: Keep) -> None:
        self.keep = keep
        # Held for what follows, and while a statement is sent; never while anything is awaited.
        self.lock = Lock()
        self.line: _Line | None = None
        self.wanted: dict[str, list[Then]] = {}
        self.under_way: dict[str, list[Then]] = {}
        self.since = 0.0

    # --- In any thread ---

    def row(self, key: str, then: Then) -> bool:
        """Whether the row will be read, and `then` called once: soon, by the thread of `run`."""
        with self.lock:
            if self.line is None:
                return False
            if (waiting := self.wanted.get(key)) is not None:
                waiting.append(then)
                return True
            if len(self.wanted) >= MOST:
                return False
            self.wanted[key] = [then]
            if not self.under_way:
                self._send(self.line)
        return True

    def _send(self, line: "_Line") -> None:
        """Sends for what is wanted by now. The lock is held, and nothing is under way."""
        self.under_way, self.wanted = self.wanted, {}
        self.since = monotonic()
        with suppress(psycopg.Error):  # the thread finds out when no answer comes
            line.send("\n".join(self.under_way))

    # --- In one thread, which may wait ---

    def run(self, stopped: Event) -> None:
        """Reads what is wanted, until `stopped`."""
        while not stopped.is_set():
            line = self.line
            try:
                if line is None:
                    self.line = _Line()
                else:
                    self._receive(line)
            except Exception as error:
                if not isinstance(error, (Error, psycopg.Error)):
                    logger.exception("rows were not read")
                if line is not None:
                    self._fail(line, error)
                stopped.wait(PAUSE)
        if self.line is not None:
            self._fail(self.line, "the end")

    def _receive(self, line: "_Line") -> None:
        """Waits for rows, for a moment. Raises psycopg.Error."""
        has_news, result = line.wait(TICK), None
        if has_news and not self.under_way:
            with self.lock:  # nobody asked, or just now: it is the end of the connection, mostly
                if not self.under_way:
                    line.received()
                    return
        if has_news:
            result = line.received()
        if result is None:  # there is more to come
            if self.under_way and monotonic() - self.since > PATIENCE:
                raise psycopg.OperationalError("no answer in time")
            return
        with self.lock:
            answered, since = self.under_way, self.since
            self.under_way = {}
            if self.wanted:
                self._send(line)  # the database works while these are answered
        try:
            found = {row[0]: row for row in line.rows(result)}
        except BaseException:
            _tell(answered, MISSING)
            raise
        for key, waiting in answered.items():
            row = found.get(key)
            self.keep(key, row, since)
            _tell({key: waiting}, row)

    def _fail(self, line: "_Line", why: object) -> None:
        """Ends the connection. Who waits does not wait for another."""
        logger.warning("lookups read in threads for a moment: %s", why)
        with self.lock:
            self.line = None
            gone = [self.under_way, self.wanted]
            self.under_way, self.wanted = {}, {}
        line.close()
        for waiting in gone:
            _tell(waiting, MISSING)


def _tell(waiting: dict[str, list[Then]], row: Row | Missing | None) -> None:
    """What one of them does about it does not keep the others waiting."""
    for each in waiting.values():
        for then in each:
            try:
                then(row)
            except Exception:
                logger.exception("a row was read for nothing")


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
        self.poller = select.poll()
        self.poller.register(self.pgconn.socket, select.POLLIN)

    def wait(self, seconds: float) -> bool:
        """Whether the server has sent something. Other threads run meanwhile."""
        return bool(self.poller.poll(seconds * 1000))

    def send(self, keys: str) -> None:
        self.pgconn.send_query_prepared(ROWS.name, [keys.encode()], None, Format.BINARY)

    def received(self) -> PGresult | None:
        """The whole answer; None while there is more to come. Raises psycopg.Error."""
        self.pgconn.consume_input()
        # While it is busy, get_result would wait, and no other thread go on.
        while not self.pgconn.is_busy():
            result = self.pgconn.get_result()
            if result is None:  # the end, or the server says something beside
                result, self.result = self.result, None
                return result
            if result.status != ExecStatus.TUPLES_OK:
                raise psycopg.OperationalError(result.get_error_message())
            if self.result is not None:
                raise psycopg.OperationalError("an answer too much")
            self.result = result
        return None

    def rows(self, result: PGresult) -> list[Row]:
        self.loader.set_pgresult(result, set_loaders=False)
        return self.loader.load_rows(0, result.ntuples, tuple)

    def close(self) -> None:
        self.raw.close()
