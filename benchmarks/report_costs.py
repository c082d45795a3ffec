"""What one report costs, and what is done to one: statements, round trips, calls, CPU time.

    python benchmarks/report_costs.py [--times N]

Requests go through the WSGI application in this process, on one connection. Statements and round
trips are counted on the wire, calls of Python functions and methods by the interpreter: these three
do not depend on how busy the machine is. CPU time is the median; the last column is its ratio to
that of a lookup of the same number in the same run.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import orjson
import psutil
from django.db import connection
from psycopg import pq

from benchmarks import _apps, _numbers, _world


class Cost:
    """The figures of one kind of request over several of them."""

    def __init__(self) -> None:
        self.statements: list[int] = []
        self.trips: list[int] = []
        self.calls: list[int] = []
        self.python: list[float] = []
        self.database: list[float] = []

    def line(self, title: str, lookup: "Cost") -> str:
        python, database = statistics.median(self.python), statistics.mean(self.database)
        ratio = python / statistics.median(lookup.python)
        return (
            f"{title:<34}{statistics.median(self.statements):>11.0f}"
            f"{statistics.median(self.trips):>12.0f}{statistics.median(self.calls):>10,.0f}"
            f"{python * 1e6:>10,.0f}{database * 1e6:>10,.0f}{ratio:>10.1f}"
        )


@contextmanager
def wire(cost: Cost) -> Iterator[None]:
    """Counts what is sent to the server meanwhile."""
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    with tempfile.TemporaryFile("w+") as trace:
        pgconn.trace(trace.fileno())
        pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        yield
        pgconn.untrace()
        trace.seek(0)
        sent = [line.split("\t")[2].strip() for line in trace if line.startswith("F\t")]
    cost.statements.append(sum(kind in ("Query", "Execute") for kind in sent))
    cost.trips.append(sum(kind in ("Query", "Sync") for kind in sent))


@contextmanager
def counted(cost: Cost) -> Iterator[None]:
    count = 0

    def called(_frame: Any, event: str, _what: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        yield
    finally:
        sys.setprofile(None)
    cost.calls.append(count)


@contextmanager
def timed(cost: Cost, backend: psutil.Process) -> Iterator[None]:
    before, start = backend.cpu_times(), time.thread_time()
    yield
    cost.python.append(time.thread_time() - start)
    after = backend.cpu_times()
    cost.database.append(after.user + after.system - before.user - before.system)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=60)
    times = parser.parse_args().times
    _world.prepare()
    _apps.unlimited()
    from django.contrib.auth.models import User

    from config.wsgi import application

    tokens = _world.tokens(datetime.now(UTC))
    moderator, _ = User.objects.get_or_create(username="bench-moderator")
    chance = random.Random(5)
    connection.ensure_connection()
    backend = psutil.Process(connection.connection.info.backend_pid)
    kinds = ("lookup", "first report", "the same again", "withdrawn", "decided")
    costs = {kind: Cost() for kind in kinds}

    for place in range(times):
        key = _numbers.key_of(chance.randrange(_numbers.NUMBERS))
        token = tokens[place % len(tokens)]
        acts = _acts(application, token, key, moderator)
        acts[0]()  # a key's use is noted once a minute
        # Three numbers by turns: none of the three ways to count may weigh on another.
        way = (wire, counted, partial(timed, backend=backend))[place % 3]
        for kind, act in zip(kinds, acts, strict=True):
            with way(costs[kind]):
                act()
    print(
        f"{'':<34}{'statements':>11}{'round trips':>12}{'calls':>10}{'CPU µs':>10}"
        f"{'in SQL':>10}{'lookups':>10}"
    )
    for kind, cost in costs.items():
        print(cost.line(kind, costs["lookup"]))


def _acts(application: Any, token: str, key: str, moderator: Any) -> list[Callable[[], object]]:
    """What is done about one number, in this order."""
    from reputation.identity import identify
    from reputation.moderation import confirm_number

    body = orjson.dumps({"number": key, "category": "loan_scam"})
    request = partial(ask, application, token)
    filed = list[bytes]()

    def file() -> None:
        filed.append(request("POST", "/v1/reports", body))

    return [
        partial(request, "GET", f"/v1/numbers/{key}"),
        file,
        file,
        lambda: request("DELETE", f"/v1/reports/{orjson.loads(filed[0])['id']}"),
        lambda: confirm_number(
            actor=moderator, identity=identify(key), reason="a benchmark", now=datetime.now(UTC)
        ),
    ]


def ask(application: Any, token: str, method: str, path: str, body: bytes = b"") -> bytes:
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    answer = application(environ, lambda status, *_: statuses.append(status))
    text = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if not statuses[0].startswith("2"):
        raise SystemExit(f"{method} {path}: {statuses[0]} {text.decode()}")
    return text


if __name__ == "__main__":
    main()
