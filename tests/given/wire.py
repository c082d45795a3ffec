"""What is sent to PostgreSQL, as libpq's own trace shows it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import pq


class Wire:
    """`statements` in their order, savepoints of the test's transaction apart, and how often an
    answer was awaited. Both are known once the trace has ended."""

    statements: list[str]
    trips: int


@contextmanager
def wire() -> Iterator[Wire]:
    """What this thread's connection sends meanwhile."""
    connection.ensure_connection()
    seen = Wire()
    pgconn: pq.PGconn = connection.connection.pgconn
    with tempfile.TemporaryFile("w+") as trace:
        pgconn.trace(trace.fileno())
        pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        yield seen
        pgconn.untrace()
        trace.seek(0)
        # F: from us. Prepared statements are executed, others are queries with their text.
        sent = [
            line
            for line in trace
            if line.startswith("F\t")
            and not any(word in line for word in ('"SAVEPOINT', '"RELEASE SAVEPOINT'))
        ]
    kinds = [line.split("\t")[2].strip() for line in sent]
    executed = ("Query", "Execute")
    seen.statements = [line for line, kind in zip(sent, kinds, strict=True) if kind in executed]
    seen.trips = sum(kind in ("Query", "Sync") for kind in kinds)
