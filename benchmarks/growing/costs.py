"""What one act costs: processor time here and in PostgreSQL, pages, statements."""

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import pq

# The acts that benchmarks/growth.py and sizing.py name.
LOOKUP = "lookup, as numbers are asked for"
REPORT = "report"
LISTED = "a thousand numbers of the list published"
JUDGED = "number judged again"
WEIGHED = "number weighed again"
REFRESH = "the queue's refresh"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one act costs on average. `own`, `database`: seconds of processor time of this process
    and of PostgreSQL; `buffers`: pages of tables and indexes that PostgreSQL read; `peak`: the most
    megabytes that this process has had so far."""

    own: float
    database: float
    buffers: float
    statements: float
    peak: float


@dataclass(frozen=True, slots=True)
class Act:
    """`ready` makes arguments and is not measured; one call of `do` is `each` acts."""

    ready: Callable[[int], Sequence[Any]]
    do: Callable[[Any], object]
    each: Callable[[], float] = lambda: 1


def cost_of(act: Act, times: int) -> Cost:
    """The average over `times` calls. One more call counts the statements, since counting takes
    time; where `times` is 1, the same call does."""
    first, *rest = act.ready(times + (times > 1))
    connection.ensure_connection()
    statements = _statements(lambda: act.do(first)) if rest else 0
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    buffers, before = _buffers(), _seconds(server)
    began = time.thread_time()
    if rest:
        for argument in rest:
            act.do(argument)
    else:
        statements = _statements(lambda: act.do(first))
    own = time.thread_time() - began
    # PostgreSQL first: what reading the statistics costs is not the acts'.
    database = _seconds(server) - before
    buffers = _buffers() - buffers
    calls = act.each() * times
    return Cost(
        own / calls,
        database / calls,
        buffers / calls,
        statements / act.each(),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _seconds(server: Path) -> float:
    return int(server.read_text().split()[0]) / 1e9


def _buffers() -> int:
    """Pages that this database's servers have looked at so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def _statements(act: Callable[[], object]) -> int:
    """How many statements the act sends, counted on the wire."""
    connection.ensure_connection()
    wire = connection.connection.pgconn
    with tempfile.TemporaryFile("w+") as trace:
        wire.trace(trace.fileno())
        wire.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        act()
        wire.untrace()
        trace.seek(0)
        sent = [line.split("\t")[2].strip() for line in trace if line.startswith("F\t")]
    return sum(kind in ("Query", "Execute") for kind in sent)
