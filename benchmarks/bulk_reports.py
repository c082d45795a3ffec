"""Reports by the hundred thousand over HTTP: rows a second, and the server's memory.

    python benchmarks/bulk_reports.py [--rows 100000]

One request of NDJSON with one bad row in a hundred goes to a real application server on a database
of its own; half-way the server is killed, started again, and sent the same request under the same
Idempotency-Key. The reference is the cost of the same rows in a request each.
"""

import argparse
import contextlib
import http.client
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
import psutil  # noqa: E402
from django.conf import settings  # noqa: E402

DATABASE = "ringscore_bench_bulk"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from api.keys import create_key
    from reputation.models import Report
    from tests.e2e.server import Server

    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = DATABASE
    call_command("migrate", verbosity=0)
    tokens = [
        create_key(name="bench", scopes=["bulk", "report"], now=timezone.now())[1] for _ in range(4)
    ]
    server = Server().start()
    try:
        started = time.perf_counter()
        for place in range(100):
            _post(server.port, "/v1/reports", tokens[place % 4], _row(5_000_000 + place))
        single = 100 / (time.perf_counter() - started)
        print(f"one by one: {single:,.0f} reports a second")

        body = b"\n".join(b"{bad" if n % 100 == 99 else _row(n) for n in range(rows))
        before = _memory(server)
        first = threading.Thread(target=_send_quietly, args=(server.port, tokens[0], body))
        started = time.perf_counter()
        first.start()
        peak = before
        while Report.objects.count() < rows // 2 and first.is_alive():
            peak = max(peak, _memory(server))
            time.sleep(0.2)
        server.kill()
        first.join()
        half, filed = time.perf_counter() - started, Report.objects.count() - 100
        print(f"killed after {filed:,} rows; {filed / half:,.0f} rows a second so far")
        server.start()
        started = time.perf_counter()
        answer = _post(server.port, "/v1/reports/bulk", tokens[0], body, key="nightly")
        rest = time.perf_counter() - started
        rate = rows / (half + rest)
        print(f"sent again: {answer['saved']:,} saved, {answer['invalid_total']:,} explained")
        print(f"all of it: {rate:,.0f} rows a second, {rate / single:.1f} × one by one")
        print(f"memory of the server: {before:.0f} MB before, {peak:.0f} MB at most")
        assert Report.objects.count() - 100 == answer["saved"] == rows - rows // 100
    finally:
        server.stop()
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = "postgres"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


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
