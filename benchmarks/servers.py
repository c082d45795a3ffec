"""Which application server, and how many threads: one worker on one machine, side by side.

    python benchmarks/servers.py [SECONDS_EACH]

Two WSGI applications: one returns a constant, so that only the server counts; one reads a row from
PostgreSQL first, on a connection per thread, so that threads wait as they do in service. The client
is a loop over 32 keep-alive connections in a process of its own. It is as busy as a fast server, so
such a server looks slower than it is, and ratios are understated.
"""

import contextlib
import os
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import postgres  # noqa: E402

Start = Callable[[str, list[tuple[str, str]]], object]

BODY = b'{"number":"+8613812345678","action":"block","score":93}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]
CONNECTIONS = 32
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

_local = threading.local()


def constant(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", HEADERS)
    return [BODY]


def one_read(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    if not hasattr(_local, "cursor"):
        connection = psycopg.connect(**postgres.dsn(ROOT / ".data"), autocommit=True)
        _local.cursor = connection.cursor()
    _local.cursor.execute("SELECT oid FROM pg_database WHERE oid = %s", [1], prepare=True)
    _local.cursor.fetchone()
    return constant(environ, start)


def granian(app: str, port: int, threads: int) -> list[str]:
    return [
        *("granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"),
        *("--blocking-threads", str(threads), "--no-log", f"benchmarks.servers:{app}"),
    ]


def gunicorn(app: str, port: int, threads: int) -> list[str]:
    return [
        *("gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--threads", str(threads), "--keep-alive", "75", f"benchmarks.servers:{app}"),
    ]


@contextlib.contextmanager
def serving(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{command[0]} did not start: {' '.join(command)}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def load(port: int, seconds: float) -> list[float]:
    """Latencies in seconds of as many requests as fit; the first tenth of the time warms up."""
    selector = selectors.DefaultSelector()
    sent: dict[socket.socket, float] = {}
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        sent[connection] = time.perf_counter()
        connection.send(REQUEST)
    start = time.perf_counter()
    latencies = []
    while (now := time.perf_counter()) < start + seconds:
        for key, _ in selector.select(timeout=1):
            connection = key.fileobj  # type: ignore[assignment]
            answer = connection.recv(4096)
            # A body may come in a packet of its own, after the headers.
            if not answer.endswith(BODY):
                if not answer:
                    sys.exit("the server closed a connection")
                continue
            now = time.perf_counter()
            if now > start + seconds / 10:
                latencies.append(now - sent[connection])
            sent[connection] = now
            connection.send(REQUEST)
    for connection in sent:
        connection.close()
    return latencies


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    postgres.ensure_running(ROOT / ".data")
    runs = [
        (server, app, threads)
        for app in (constant, one_read)
        for server, counts in ((granian, (1, 4, 8, 16, 32)), (gunicorn, (8, 16)))
        for threads in counts
    ]
    print(f"{os.cpu_count()} cores, 1 worker, {CONNECTIONS} connections, {seconds:.0f} s each")
    print("server    application  threads  requests/s   p50 ms   p99 ms")
    for server, app, threads in runs:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with serving(server(app.__name__, port, threads), port):
            latencies = load(port, seconds)
        cuts = statistics.quantiles(latencies, n=100)
        rate = len(latencies) / (seconds * 0.9)
        name = f"{server.__name__:<10}{app.__name__:<12}{threads:>8}"
        print(f"{name}{rate:>12,.0f}{cuts[49] * 1e3:>9.2f}{cuts[98] * 1e3:>9.2f}", flush=True)


if __name__ == "__main__":
    main()
