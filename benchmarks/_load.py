"""A load generator of negligible cost: keep-alive sockets, one request in progress on each."""

import itertools
import selectors
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

BUFFER = 1 << 20
WARM = 0.3


@dataclass(slots=True)
class Round:
    """The result of one stretch of load: `rate` a second, `latencies` in seconds, without warm-up.

    `answers` counts all requests, for the server's cost per request.
    """

    rate: float
    answers: int
    latencies: list[float]


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent: float = 0.0
    missing: int = 0  # bytes still to come; 0 before the headers were seen
    head: bytes = b""


def get(path: str, token: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{_authorization(token)}\r\n".encode()


def post(path: str, body: bytes, token: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{_authorization(token)}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _authorization(token: str) -> str:
    return f"Authorization: Bearer {token}\r\n" if token else ""


def drive(port: int, requests: Iterable[bytes], *, seconds: float, connections: int) -> Round:
    """Sends `requests` in a cycle for `seconds`, after WARM seconds that do not count.

    Every answer must be a 2xx: SystemExit with the first that is not.
    """
    supply = itertools.cycle(requests)
    selector, opened = _open(port, connections)
    clock = time.perf_counter
    for connection in opened:
        connection.sent = clock()
        connection.socket.sendall(next(supply))
    latencies: list[float] = []
    start = clock() + WARM
    end = start + seconds
    answers, now = 0, 0.0
    while now < end:
        for key, _ in selector.select(1):
            connection = key.data
            if not _received(connection):
                continue
            now = clock()
            answers += 1
            if now >= start:
                latencies.append(now - connection.sent)
            connection.sent = now
            connection.socket.sendall(next(supply))
    for connection in opened:
        connection.socket.close()
    return Round(len(latencies) / (now - start), answers, latencies)


def _received(connection: _Connection) -> bool:
    """Reads the available bytes; returns whether the answer is complete now."""
    part = connection.socket.recv(BUFFER)
    if not part:
        raise SystemExit("the server closed a connection")
    if connection.missing:
        connection.missing -= len(part)
        return connection.missing == 0
    data = connection.head + part
    end = data.find(b"\r\n\r\n")
    if end < 0:
        connection.head = data
        return False
    if data[9:10] != b"2":
        raise SystemExit(f"the server answered {data[:2000].decode(errors='replace')}")
    head = data[:end].lower()
    connection.head = b""
    _, found, after = head.partition(b"content-length:")
    if not found:
        raise SystemExit("the server answered without Content-Length")
    connection.missing = end + 4 + int(after.partition(b"\r\n")[0]) - len(data)
    return connection.missing == 0


def send(port: int, requests: list[bytes], *, connections: int) -> Round:
    """Sends each request once. Every answer must be a 2xx: SystemExit with the first that is not.

    Connections are opened before the clock starts.
    """
    supply = iter(requests)
    selector, opened = _open(port, connections)
    clock, latencies = time.perf_counter, list[float]()
    start = clock()
    for connection in opened:
        connection.sent = clock()
        connection.socket.sendall(next(supply))
    while len(latencies) < len(requests):
        for key, _ in selector.select(1):
            connection = key.data
            if _received(connection):
                now = clock()
                latencies.append(now - connection.sent)
                connection.sent = now
                if request := next(supply, None):
                    connection.socket.sendall(request)
    took = clock() - start
    for connection in opened:
        connection.socket.close()
    return Round(len(latencies) / took, len(latencies), latencies)


def _open(port: int, connections: int) -> tuple[selectors.BaseSelector, list["_Connection"]]:
    selector, opened = selectors.DefaultSelector(), []
    for _ in range(connections):
        raw = socket.create_connection(("127.0.0.1", port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(raw)
        selector.register(raw, selectors.EVENT_READ, connection)
        opened.append(connection)
    return selector, opened
