"""Statements that PostgreSQL plans once per connection, sent through libpq itself.

For the few that run with each lookup and each report: psycopg's cursor costs more processor time
than the database needs to find a row, Django's costs more still, and its ORM several times that
(`make bench` prints it). No other statement needs this.
"""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import abc, adapt, errors
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

type Row = tuple[Any, ...]
type Connection = psycopg.Connection[Any]


class Prepared:
    """One statement, with `%s` for each parameter: texts without NUL, never null.

    It runs on the calling thread's Django connection, so inside a transaction it is part of that
    transaction. Outside, where a write has no place, it reopens a broken connection, once. Values
    arrive in PostgreSQL's binary format and are loaded by psycopg. Raises django.db.Error.
    """

    def __init__(self, query: str) -> None:
        self.text = query
        parts = query.encode().split(b"%s")
        numbered = (b"$%d%b" % (place, part) for place, part in enumerate(parts[1:], 1))
        self.query = parts[0] + b"".join(numbered)
        self.name = b"ringscore_%d" % next(_numbers)

    def one(self, *parameters: str) -> Row | None:
        """The first row, or None."""
        result, loader = self._read(parameters)
        return loader.load_row(0, tuple) if result.ntuples else None

    def run(self, *parameters: str) -> None:
        """For what answers with no rows."""
        self._read(parameters)

    def all(self, *parameters: str) -> list[Row]:
        result, loader = self._read(parameters)
        return loader.load_rows(0, result.ntuples, tuple)

    def values(self, *parameters: str) -> list[bytes | None]:
        """The first row's values in PostgreSQL's format, for callers that read whole arrays."""
        result, _ = self._read(parameters)
        return [result.get_value(0, column) for column in range(result.nfields)]

    def _read(self, parameters: tuple[str, ...]) -> tuple[PGresult, abc.Transformer]:
        django: Any = connections[DEFAULT_DB_ALIAS]
        django.ensure_connection()
        with django.wrap_database_errors:
            try:
                found = self._watched(django, parameters)
                django.health_check_done = True  # this was one
                return found
            except (errors.QueryCanceled, errors.LockNotAvailable):
                raise  # it waited as long as it may
            except psycopg.OperationalError:
                if django.in_atomic_block:
                    raise
            django.close()
            django.ensure_connection()
            return self._watched(django, parameters)

    def _watched(
        self, django: Any, parameters: tuple[str, ...]
    ) -> tuple[PGresult, abc.Transformer]:
        """`_execute`, within what was installed by Django's `execute_wrapper`."""
        if not django.execute_wrappers:
            return self._execute(django.connection, parameters)
        execute: Callable[..., Any] = lambda _, values, *rest: self._execute(  # noqa: E731
            django.connection, values
        )
        for wrapper in reversed(django.execute_wrappers):
            execute = partial(wrapper, execute)
        found: tuple[PGresult, abc.Transformer] = execute(
            self.text, parameters, False, {"connection": django}
        )
        return found

    def _execute(
        self, raw: Connection, parameters: tuple[str, ...]
    ) -> tuple[PGresult, abc.Transformer]:
        pgconn = raw.pgconn
        if not raw.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            pgconn.exec_(b"BEGIN")  # as psycopg's cursors do
        loader = _loaders(raw).get(self.name) or self._prepare(raw)
        values = [value.encode() for value in parameters]
        result = pgconn.exec_prepared(self.name, values, None, Format.BINARY)
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            raise _error(raw, result)
        loader.set_pgresult(result, set_loaders=False)
        return result, loader

    def _prepare(self, raw: Connection) -> abc.Transformer:
        for result in (
            raw.pgconn.prepare(self.name, self.query),
            described := raw.pgconn.describe_prepared(self.name),
        ):
            if result.status != ExecStatus.COMMAND_OK:
                raise _error(raw, result)
        loader: abc.Transformer = adapt.Transformer(raw)
        types = [described.ftype(column) for column in range(described.nfields)]
        loader.set_loader_types(types, Format.BINARY)
        _loaders(raw)[self.name] = loader
        return loader


def _error(raw: Connection, result: PGresult) -> psycopg.Error:
    if raw.pgconn.status == ConnStatus.BAD:
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
