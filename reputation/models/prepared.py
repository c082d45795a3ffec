"""Statements that PostgreSQL plans once per connection, sent through libpq itself.

For the few statements of each lookup and each report: psycopg's cursor costs more processor time
than the database needs to find a row, Django's costs more still, and its ORM several times that
(`make bench` prints it). No other statement needs this.

A round trip costs more than most of these statements. So several share one, by libpq's pipeline:
those of `read_together`, and in a `short_transaction` all writes up to the next read.
"""

import itertools
import select
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson
import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from psycopg import abc, adapt, errors
from psycopg.postgres import types as postgres_types
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.json import JsonbBinaryLoader

from reputation.models import replicas

type Row = tuple[Any, ...]
# A text, or a value in PostgreSQL's binary format.
type Parameter = str | bytes
type Parameters = tuple[Parameter, ...]
type Connection = psycopg.Connection[Any]
# A result, and the loader of its values.
type Found = tuple[PGresult, abc.Transformer]

# Loads a moment's bytes as an integer.
_COUNTED: Final = {postgres_types["timestamptz"].oid: postgres_types["int8"].oid}
GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class _Jsonb(JsonbBinaryLoader):
    """Loads jsonb in the binary format, for which Django registers no loader."""

    _loads = staticmethod(orjson.loads)


psycopg.adapters.register_loader("jsonb", _Jsonb)


class _Thread(threading.local):
    """`held`: the statements that the thread's short transaction has not sent yet; None outside of
    one."""

    held: "list[_Call] | None" = None


_thread: Final = _Thread()


class Prepared:
    """One statement, with `%s` for each parameter: texts without NUL, or bytes, which are a value
    in PostgreSQL's binary format; never null.

    It runs on the calling thread's Django connection, so inside a transaction it is part of that
    transaction. Outside of one, where only reads are allowed, it reopens a broken connection, once.
    Values arrive in PostgreSQL's binary format and are loaded by psycopg. Raises django.db.Error.

    From column `counted_from` on, moments arrive as integers, microseconds since 2000 as PostgreSQL
    counts them: a lookup has ten of them, and datetimes would only be converted to days again.

    Within `replicas.reading`, a replica may answer; if it cannot, the primary does.
    """

    def __init__(self, query: str, *, counted_from: int | None = None) -> None:
        self.text = query
        self.counted_from = counted_from
        parts = query.encode().split(b"%s")
        numbered = (b"$%d%b" % (place, part) for place, part in enumerate(parts[1:], 1))
        self.query = parts[0] + b"".join(numbered)
        self.name = b"ringscore_%d" % next(_numbers)

    def one(self, *parameters: Parameter) -> Row | None:
        """The first row, or None."""
        result, loader = self._read(parameters)
        return loader.load_row(0, tuple) if result.ntuples else None

    def run(self, *parameters: Parameter) -> None:
        """Runs a statement that returns no rows. In a short transaction it may run, and fail,
        later."""
        self.then(None, *parameters)

    def then(self, receive: Callable[[list[Row]], None] | None, *parameters: Parameter) -> None:
        """Runs a statement that returns rows, like `run`, and passes them to `receive`."""
        if (held := _thread.held) is not None:
            held.append(_Call(self, parameters, receive))
            return
        result, loader = self._read(parameters)
        if receive is not None:
            receive(loader.load_rows(0, result.ntuples, tuple))

    def all(self, *parameters: Parameter) -> list[Row]:
        result, loader = self._read(parameters)
        return loader.load_rows(0, result.ntuples, tuple)

    def values(self, *parameters: Parameter) -> list[bytes | None]:
        """The first row's values in PostgreSQL's format, for callers that read whole arrays."""
        result, _ = self._read(parameters)
        return [result.get_value(0, column) for column in range(result.nfields)]

    def _read(self, parameters: Parameters) -> Found:
        if replica := replicas.chosen():
            try:
                return self._read_replica(replica.alias, parameters)
            except (Error, psycopg.Error):
                replica.leave_out()
        django: Any = connections[DEFAULT_DB_ALIAS]
        if _thread.held:
            return _send_held(django, _Call(self, parameters))[-1]
        django.ensure_connection()
        with django.wrap_database_errors:
            try:
                found = self._watched(django, parameters)
                django.health_check_done = True  # this was such a check
                return found
            except (errors.QueryCanceled, errors.LockNotAvailable):
                raise  # its time limit is over
            except psycopg.OperationalError:
                if django.in_atomic_block:
                    raise
            django.close()
            django.ensure_connection()
            return self._watched(django, parameters)

    def _read_replica(self, alias: str, parameters: Parameters) -> Found:
        django: Any = connections[alias]
        try:
            django.ensure_connection()
            return self._watched(django, parameters, replicas.PATIENCE)
        except (Error, psycopg.Error):
            django.close()
            raise

    def _watched(self, django: Any, parameters: Parameters, patience: float = 0) -> Found:
        """`_execute` within the wrappers that Django's `execute_wrapper` installed."""
        if not django.execute_wrappers:
            return self._execute(django.connection, parameters, patience)
        execute: Callable[..., Any] = lambda _, values, *rest: self._execute(  # noqa: E731
            django.connection, values, patience
        )
        for wrapper in reversed(django.execute_wrappers):
            if wrapper is not _held_first:
                execute = partial(wrapper, execute)
        found: Found = execute(self.text, parameters, False, {"connection": django})
        return found

    def _execute(self, raw: Connection, parameters: Parameters, patience: float) -> Found:
        """`patience`: seconds after which a server without an answer counts as lost; 0: no
        limit."""
        pgconn = raw.pgconn
        if not raw.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            [(result, loader)] = _in_one_trip(raw, [_Call(self, parameters)])
            loader.set_pgresult(result, set_loaders=False)
            return result, loader
        loader = self.loader(raw)
        values, formats = _encoded(parameters)
        if patience:
            pgconn.send_query_prepared(self.name, values, formats, Format.BINARY)
            result = _awaited(pgconn, patience)
        else:
            result = pgconn.exec_prepared(self.name, values, formats, Format.BINARY)
        if result.status not in GOOD:
            raise _error(raw, result)
        loader.set_pgresult(result, set_loaders=False)
        return result, loader

    def loader(self, raw: Connection) -> abc.Transformer:
        """The loader of its columns on a connection. Prepares the statement there first, if
        necessary."""
        return _loaders(raw).get(self.name) or self._prepare(raw)

    def _prepare(self, raw: Connection) -> abc.Transformer:
        for result in (
            raw.pgconn.prepare(self.name, self.query),
            described := raw.pgconn.describe_prepared(self.name),
        ):
            if result.status != ExecStatus.COMMAND_OK:
                raise _error(raw, result)
        loader: abc.Transformer = adapt.Transformer(raw)
        types = [described.ftype(column) for column in range(described.nfields)]
        if self.counted_from is not None:
            for column in range(self.counted_from, described.nfields):
                types[column] = _COUNTED.get(types[column], types[column])
        loader.set_loader_types(types, Format.BINARY)
        _loaders(raw)[self.name] = loader
        return loader


def _encoded(parameters: Sequence[Parameter]) -> tuple[list[bytes], list[int] | None]:
    """The parameters, and the format of each; None if all are texts."""
    if bytes not in map(type, parameters):
        return [value.encode() for value in parameters], None  # type: ignore[union-attr]
    values = [value if isinstance(value, bytes) else value.encode() for value in parameters]
    binary = (isinstance(value, bytes) for value in parameters)
    return values, [Format.BINARY if each else Format.TEXT for each in binary]


def _awaited(pgconn: PGconn, patience: float) -> PGresult:
    """The single result of what was sent. Raises psycopg.OperationalError."""
    until = time.monotonic() + patience
    waiting = select.poll()  # unlike select, for any number of open files
    waiting.register(pgconn.socket, select.POLLIN)
    pgconn.flush()
    while pgconn.is_busy():
        left = until - time.monotonic()
        if left <= 0 or not waiting.poll(left * 1000):
            raise psycopg.OperationalError("no answer in time")
        pgconn.consume_input()
    result = pgconn.get_result()
    if result is None:
        raise psycopg.OperationalError("no answer")
    while pgconn.get_result() is not None:
        pass
    return result


@dataclass(slots=True, eq=False)
class Reading:
    """A statement that is sent together with others; afterwards `rows` has its result."""

    statement: Prepared
    parameters: Parameters
    rows: list[Row] = field(default_factory=list)


def read_together(*readings: Reading) -> None:
    """Sends statements in order, and waits once. Each sees what those before it locked and wrote,
    and what others had committed by then. For use in a transaction. Raises django.db.Error."""
    django: Any = connections[DEFAULT_DB_ALIAS]
    if _is_watched(django):
        for each in readings:
            each.rows = each.statement.all(*each.parameters)
        return
    calls = [_Call(each.statement, each.parameters, partial(_keep, each)) for each in readings]
    _send_held(django, *calls)


def _keep(reading: Reading, rows: list[Row]) -> None:
    reading.rows = rows


@contextmanager
def short_transaction() -> Iterator[None]:
    """transaction.atomic() with few round trips: `run` and `then` wait for the next read of any
    kind, or for the end, and are sent with it; COMMIT is sent with the last.

    An error is raised when the statement is sent. A nested one makes no savepoint: both fail or
    neither does.
    """
    django: Any = connections[DEFAULT_DB_ALIAS]
    if _thread.held is not None:
        with transaction.atomic(savepoint=False):
            yield
        return
    if _is_watched(django):
        with transaction.atomic():
            yield
        return
    outermost = not django.in_atomic_block and django.get_autocommit()
    with transaction.atomic(), django.execute_wrapper(_held_first):
        _thread.held = held = list[_Call]()
        try:
            yield
            began = django.connection.pgconn.transaction_status != TransactionStatus.IDLE
            if not django.needs_rollback:
                _send_held(django, *([_Call(COMMIT, ())] if outermost and (began or held) else []))
        finally:
            _thread.held = None


def send_held() -> None:
    """Sends what a short transaction holds; to be called before COPY, which Django cannot
    intercept."""
    _send_held(connections[DEFAULT_DB_ALIAS])


def _held_first(execute: Callable[..., Any], *statement: Any) -> Any:
    """Sends what is held before Django's own statements."""
    send_held()
    return execute(*statement)


def _is_watched(django: Any) -> bool:
    """Whether a wrapper wants to see each statement by itself."""
    return any(wrapper is not _held_first for wrapper in django.execute_wrappers)


@dataclass(slots=True, eq=False)
class _Call:
    statement: Prepared
    parameters: Parameters
    receive: Callable[[list[Row]], None] | None = None


def _send_held(django: Any, *calls: _Call) -> list[Found]:
    """Sends the held statements, then `calls`, and hands the rows to their receivers."""
    sent = [*(_thread.held or ()), *calls]
    if _thread.held:
        _thread.held.clear()
    if not sent:
        return []
    django.ensure_connection()
    with django.wrap_database_errors:
        found = _in_one_trip(django.connection, sent)
    for call, (result, loader) in zip(sent, found, strict=True):
        loader.set_pgresult(result, set_loaders=False)
        if call.receive is not None:
            call.receive(loader.load_rows(0, result.ntuples, tuple))
    return found


def _in_one_trip(raw: Connection, calls: Sequence[_Call]) -> list[Found]:
    """The results of statements that are sent at once, after BEGIN if a transaction begins."""
    pgconn = raw.pgconn
    begins = not raw.autocommit and pgconn.transaction_status == TransactionStatus.IDLE
    if begins:
        calls = [_Call(BEGIN, ()), *calls]
    loaders = [call.statement.loader(raw) for call in calls]
    try:
        pgconn.enter_pipeline_mode()
        for call in calls:
            values, formats = _encoded(call.parameters)
            pgconn.send_query_prepared(call.statement.name, values, formats, Format.BINARY)
        pgconn.pipeline_sync()
        results = _collect(pgconn)
        pgconn.exit_pipeline_mode()
    except BaseException:
        raw.close()  # its state is unknown
        raise
    for result in results:  # PostgreSQL runs none after the first that failed
        if result.status not in GOOD:
            raise _error(raw, result)
    return list(zip(results, loaders, strict=True))[begins:]


def _collect(pgconn: PGconn) -> list[PGresult]:
    """The results up to the end of the pipeline. Other threads run while it waits; libpq's own
    wait, within `get_result`, would stop them."""
    poller, results = select.poll(), list[PGresult]()
    while True:
        while pgconn.is_busy():
            unsent = pgconn.flush()
            poller.register(pgconn.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            poller.poll()
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:  # the end of one statement's results
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return results
        results.append(result)


def _error(raw: Connection, result: PGresult) -> psycopg.Error:
    # An error without a code comes from libpq. The connection may still look usable, since
    # PostgreSQL sends a message before it ends, for example when another of its processes has
    # crashed.
    if raw.pgconn.status == ConnStatus.BAD or not result.error_field(DiagnosticField.SQLSTATE):
        return psycopg.OperationalError(result.get_error_message())
    return errors.error_from_result(result)


def _loaders(raw: Connection) -> dict[bytes, abc.Transformer]:
    """The queries prepared on a connection, with the loaders of their columns.

    The connection itself keeps them: a loader refers to its connection, so any other place would
    keep the connection of a dead thread open.
    """
    loaders: dict[bytes, abc.Transformer] = vars(raw).setdefault("ringscore_loaders", {})
    return loaders


_numbers = itertools.count()
BEGIN: Final = Prepared("BEGIN")
COMMIT: Final = Prepared("COMMIT")
