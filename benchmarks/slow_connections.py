"""What 200 slow connections of every kind do to lookups.

    python benchmarks/slow_connections.py [--seconds S] [--connections N]

Lookups are timed on one server, without slow connections and with them, in turn: ratios are those
of the second to the first. The connections of each kind are opened again when the server closes
them. Target: the 99th percentile of lookups is at most three times as long.
"""

import argparse
import itertools
import random
import selectors
import socket
import statistics
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _load, _numbers, _world
from benchmarks.lookup import Server

TARGET = 3.0
ROUNDS = 6


def head(line: str, *more: str) -> bytes:
    return "\r\n".join((f"{line} HTTP/1.1", "Host: localhost", *more, "", "")).encode()


def kinds(token: str) -> dict[str, tuple[bytes, bytes, bool]]:
    """Kind of slowness → what is sent at first, what is sent each second, whether it reads."""
    key = f"Authorization: Bearer {token}"
    json = "Content-Type: application/json"
    long = "Content-Length: 100000"
    dispute = "POST /v1/numbers/+12025550101/disputes"
    return {
        "silent": (b"", b"", True),
        "half a head": (b"GET / HTTP/1.1\r\n", b"X: y\r\n", True),
        "idle after an answer": (head("GET /healthz"), b"", True),
        "bulk lookup that drips": (head("POST /v1/numbers/lookup", key, json, long), b"x", True),
        "report that drips": (head("POST /v1/reports", key, json, long), b"x", True),
        "dispute that drips, no key": (head(dispute, json, long), b"x", True),
        "chunks that drip": (
            head("POST /v1/reports/bulk", key, "Transfer-Encoding: chunked"),
            b"1\r\n{\r\n",
            True,
        ),
        "refused, goes on": (head("POST /v1/reports", json, long), b"x", True),
        "reads nothing": (head("GET /v1/docs") * 50, b"", False),
    }


class Slow:
    """Connections that are kept slow by a thread until `stop` is set. `opened` counts them all."""

    def __init__(self, port: int, token: str, connections: int) -> None:
        self.port, self.opened, self.stop = port, 0, threading.Event()
        supply = itertools.cycle(kinds(token).values())
        self.kinds = list(itertools.islice(supply, connections))
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        selector = selectors.DefaultSelector()
        for kind in self.kinds:
            self._open(selector, kind)
        while not self.stop.wait(1):
            for key in list(selector.get_map().values()):
                first, more, reads = key.data
                try:
                    key.fileobj.send(more)  # type: ignore[union-attr]
                    gone = reads and self._is_gone(key.fileobj)  # type: ignore[arg-type]
                except OSError:
                    gone = True
                if gone:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
                    self._open(selector, (first, more, reads))
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]

    def _open(self, selector: selectors.BaseSelector, kind: tuple[bytes, bytes, bool]) -> None:
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(kind[0])
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ, kind)
        self.opened += 1

    @staticmethod
    def _is_gone(client: socket.socket) -> bool:
        try:
            return not client.recv(1 << 16)
        except BlockingIOError:
            return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="with slow connections, in all")
    parser.add_argument("--connections", type=int, default=200)
    options = parser.parse_args()
    _world.prepare()
    from api.keys import create_key

    tokens = _world.tokens(datetime.now(UTC))
    scopes = ["lookup", "report", "bulk"]
    _, token = create_key(name="slow", scopes=scopes, now=datetime.now(UTC))
    chance = random.Random()
    requests = [
        _load.get(f"/v1/numbers/{_numbers.key_of(chance.randrange(_numbers.NUMBERS))}", shown)
        for shown in tokens
        for _ in range(20)
    ]
    server = Server("ours", 4)
    server.wait()
    try:
        measure(server, requests, token, options)
    finally:
        server.stop()


def measure(server: Server, requests: list[bytes], token: str, options: argparse.Namespace) -> None:
    def p99() -> float:
        found = _load.drive(server.port, requests, seconds=options.seconds / ROUNDS, connections=4)
        return statistics.quantiles(found.latencies, n=100)[98]

    p99()  # the first lookups open connections
    pairs, opened = [], 0
    for _ in range(ROUNDS):
        alone = p99()
        slow = Slow(server.port, token, options.connections)
        slow.thread.start()
        time.sleep(1)
        beside = p99()
        slow.stop.set()
        slow.thread.join()
        opened += slow.opened
        pairs.append((alone, beside))
    print(f"{options.connections} slow connections of {len(kinds(''))} kinds, {opened:,} opened")
    for name, place in (("alone", 0), ("beside them", 1)):
        print(
            f"lookups {name}: p99 {statistics.median(pair[place] for pair in pairs) * 1e3:.1f} ms"
        )
    ratio = statistics.median(beside / alone for alone, beside in pairs)
    print(
        f"ratio {ratio:.2f}, target at most {TARGET:.0f}: {'met' if ratio <= TARGET else 'MISSED'}"
    )


if __name__ == "__main__":
    main()
