"""Reports by the hundred thousand over HTTP: rows a second, and the server's memory.

    python benchmarks/bulk_reports.py [--rows 100000]

Each request is NDJSON with one bad row in a hundred, to a real application server on a database of
its own. Measured are: reports about new numbers, the same numbers by another key, and the first
key's file again: thousands of them come to the same. Then, by a third key, a fifth as many of the
numbers, after each was given evidence of its own: of those no two come to the same. And, by a
fourth, the same numbers once their truth is plain, so that earlier reports are credited. The
reference, in the same run, is COPY of the reports that were filed into their own table with its
indexes and constraints, and a hundred reports in a request each. A second reference is what
PostgreSQL takes to write the same rows, whatever they are worked out from: COPY for new reports,
and one UPDATE for all numbers or reports that are rewritten. Processor time is that of the server's
processes, and of all that PostgreSQL does meanwhile. Two files of new numbers at once tell what a
second block in flight could gain at most.

Then the server is killed half-way through a file, started again, and sent the same request under
the same Idempotency-Key.
"""

import argparse
import contextlib
import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
import psutil  # noqa: E402

from benchmarks import _database  # noqa: E402

DATABASE = "ringscore_bench_bulk"


COPY = "COPY reputation_report"
# What PostgreSQL writes of a report of each kind, besides buckets, revisions and changes: new
# reports, and rewritten rows. Two earlier reports of each number are credited once its truth is
# plain. A repetition comes last among its number's reports, and the other one counts otherwise.
KINDS = {
    "new numbers": ("copied",),
    "known numbers": ("copied", "number"),
    "the same again": ("number", "moved", "recounted"),
    "known numbers, each another case": ("copied", "number"),
    "known numbers, their truth plain": ("copied", "number", "recounted", "recounted"),
}
# By indexed columns a row is found anew, and by others it may stay where it is in all indexes.
UPDATES = {
    "number": "UPDATE reputation_number SET seq = seq + 1, last_reported_at = now()",
    "moved": "UPDATE reputation_report SET seq = seq + 1000000, counted_at = now()",
    "recounted": "UPDATE reputation_report SET contribution = contribution / 2",
}
TARGET_ROWS = 20_000
TARGET_COPY = 0.25


class Cost(NamedTuple):
    """Of a row: seconds of the clock, and of processors for the server and for PostgreSQL."""

    clock: float
    server: float
    database: float

    def __str__(self) -> str:
        return (
            f"{1 / self.clock:,.0f} rows a second, "
            f"{self.server * 1e6:.0f} µs of processors + {self.database * 1e6:.0f} µs in PostgreSQL"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    django.setup()
    from django.utils import timezone

    from api.keys import create_key
    from tests.e2e.server import Server

    with _database.made(DATABASE):
        tokens = [
            create_key(name="bench", scopes=["bulk", "report"], now=timezone.now())[1]
            for _ in range(4)
        ]
        server = Server().start()
        try:
            _measure_rates(server, tokens, rows)
            _measure_kill(server, tokens, rows)
        finally:
            server.stop()


def _measure_rates(server: Any, tokens: list[str], rows: int) -> None:
    started = time.perf_counter()
    for place in range(100):
        _post(server.port, "/v1/reports", tokens[place % 4], _row(90_000_000 + place))
    single = (time.perf_counter() - started) / 100
    _post(server.port, "/v1/reports/bulk", tokens[3], _file(range(80_000_000, 80_005_000)))  # warm
    body = _file(range(rows))
    costs = [_cost(server, token, body, rows) for token in (tokens[0], tokens[1], tokens[0])]
    some = _file(range(rows // 5))
    for token, unwanted in ((tokens[2], "unwanted_long"), (tokens[3], "12.0")):
        _tell_apart(unwanted)
        costs.append(_cost(server, token, some, rows // 5))
    alone, both = (_at_once(server, tokens[:files], rows) for files in (1, 2))
    bare = {what: _updated(server, update) for what, update in UPDATES.items()}
    bare["copied"] = copied = _copied(server)
    print(f"one by one: {1 / single:,.0f} reports a second")
    print(f"bare COPY of the same reports: {copied}")
    for what, update in UPDATES.items():
        print(f"bare {update}: {bare[what]}")
    for (what, written), cost in zip(KINDS.items(), costs, strict=True):
        least = sum(bare[each].clock for each in written)
        print(
            f"{what}: {cost} (target {TARGET_ROWS:,} rows), {copied.clock / cost.clock:.2f} x COPY "
            f"(target {TARGET_COPY}), {least / cost.clock:.2f} x bare statements, "
            f"{single / cost.clock:.1f} x one by one"
        )
    print(f"two files of new numbers at once: {both / alone:.2f} x the rows a second of one")


def _at_once(server: Any, tokens: list[str], rows: int) -> float:
    """Rows a second of files of new numbers, one by each key, filed at once."""
    first = 20_000_000 * len(tokens)
    bodies = [_file(range(start, start + rows)) for start in (first, first + rows)]
    started = time.perf_counter()
    with ThreadPoolExecutor(len(tokens)) as threads:
        filed = threads.map(partial(_post, server.port, "/v1/reports/bulk"), tokens, bodies)
        assert all(answer["saved"] == rows - rows // 100 for answer in filed)
    return rows * len(tokens) / (time.perf_counter() - started)


def _cost(server: Any, token: str, body: bytes, rows: int) -> Cost:
    with _spent(server, rows) as cost:
        answer = _post(server.port, "/v1/reports/bulk", token, body)
    assert answer["saved"] + answer["updated"] == rows - rows // 100, answer
    return cost()


@contextlib.contextmanager
def _spent(server: Any, rows: int) -> Iterator[Callable[[], Cost]]:
    """What the block costs for each row, once it has ended."""
    from django.db import connection

    connection.ensure_connection()
    postmaster = psutil.Process(connection.connection.info.backend_pid).ppid()

    def now() -> Cost:
        return Cost(time.perf_counter(), *map(_processors, (server.process.pid, postmaster)))

    before, after = now(), list[Cost]()
    yield lambda: Cost(*((b - a) / rows for a, b in zip(before, after[0], strict=True)))
    after.append(now())


def _processors(pid: int) -> float:
    """Seconds of processors that a process and its children have taken, also those that ended."""
    process = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:4]) for each in (process, *process.children(recursive=True)))


def _tell_apart(unwanted: str) -> None:
    """Gives each number evidence that no other has: somewhat above `unwanted` (SQL)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")  # autovacuum may be at it
        cursor.execute(f"UPDATE reputation_number SET unwanted_long = {unwanted} + id * 1e-12")  # noqa: S608
        cursor.execute("VACUUM reputation_number")


def _updated(server: Any, update: str) -> Cost:
    """Rewrites all rows of a table by one statement."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {update.split()[1]}")
        cursor.execute(f"SELECT count(*) FROM {update.split()[1]}")  # noqa: S608
        [(rows,)] = cursor.fetchall()
        with _spent(server, rows) as cost:
            cursor.execute(update)
        return cost()


def _copied(server: Any) -> Cost:
    """Takes all reports out of their table and copies them back."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        with cursor.copy(f"{COPY} TO STDOUT (FORMAT BINARY)") as copy:
            data = b"".join(map(bytes, copy))
        cursor.execute("DELETE FROM reputation_reportrevision")
        cursor.execute("DELETE FROM reputation_report")
        deleted = cursor.rowcount
        cursor.execute("VACUUM reputation_report")
        with (
            _spent(server, deleted) as cost,
            transaction.atomic(),
            cursor.copy(f"{COPY} FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.write(data)
        return cost()


def _measure_kill(server: Any, tokens: list[str], rows: int) -> None:
    from reputation.models import Report

    body, kept = _file(range(10_000_000, 10_000_000 + rows)), Report.objects.count()
    peak = before = _memory(server)
    first = threading.Thread(target=_send_quietly, args=(server.port, tokens[0], body))
    first.start()
    while Report.objects.count() - kept < rows // 2 and first.is_alive():
        peak = max(peak, _memory(server))
        time.sleep(0.05)
    server.kill()
    first.join()
    filed = Report.objects.count() - kept
    server.start()
    answer = _post(server.port, "/v1/reports/bulk", tokens[0], body, key="nightly")
    print(
        f"killed after {filed:,} rows, sent again: {answer['saved']:,} saved, "
        f"{answer['invalid_total']:,} explained, {Report.objects.count() - kept:,} on record"
    )
    print(f"memory of the server: {before:.0f} MB before, {peak:.0f} MB at most")
    assert Report.objects.count() - kept == answer["saved"] == rows - rows // 100


def _file(places: range) -> bytes:
    return b"\n".join(b"{bad" if place % 100 == 99 else _row(place) for place in places)


def _row(place: int) -> bytes:
    return json.dumps({"number": f"+86138{place:08}", "category": "robocall"}).encode()


def _post(port: int, path: str, token: str, body: bytes, *, key: str = "") -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
    connection.request("POST", path, body, headers)
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def _send_quietly(port: int, token: str, body: bytes) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        _post(port, "/v1/reports/bulk", token, body, key="nightly")


def _memory(server: Any) -> float:
    """The memory of the server's processes, in MB."""
    main = psutil.Process(server.process.pid)
    every = (main, *main.children(recursive=True))
    return float(sum(each.memory_info().rss for each in every) / 2**20)


if __name__ == "__main__":
    main()
