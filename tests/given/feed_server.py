"""A feed to test mirrors with: snapshots written by CRoaring, changes from a log, on a transport.

It shares no code with the reader: docs/guide/feeds-format.md was followed anew.
"""

import gzip
import hashlib
import json
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from pyroaring import BitMap64

State = dict[str, str]
CODES = {"flag": 1, "block": 2}


def checksum(state: State) -> str:
    total = 0
    for key, action in state.items():
        total += int.from_bytes(hashlib.sha256(f"{action} {key}".encode()).digest(), "big")
    return f"{total % 2**256:064x}"


def section(action: int, kind: int, count: int, payload: bytes) -> bytes:
    return struct.pack("<BBHIQ", action, kind, 0, count, len(payload)) + payload


def seal(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()


def snapshot(state: State, cursor: int) -> bytes:
    sections = []
    for action, code in CODES.items():
        keys = [key for key, held in state.items() if held == action]
        numbers = sorted(int(key) for key in keys if key.startswith("+"))
        if numbers:
            bitmap = BitMap64(numbers, optimize=False)
            sections.append(section(code, 1, len(numbers), bitmap.serialize()))
        others = sorted(key.encode() for key in keys if not key.startswith("+"))
        if others:
            sections.append(section(code, 2, len(others), b"".join(k + b"\n" for k in others)))
    head = struct.pack(
        "<8sHHIQQ32s",
        b"RSFEED\r\n",
        1,
        64,
        len(sections),
        cursor,
        1_795_514_400,
        bytes.fromhex(checksum(state)),
    )
    return seal(head + b"".join(sections))


@dataclass
class Feed:
    """A server of one feed, `numbers`. `log[i]` is the change with cursor i + 1."""

    log: list[tuple[str, str]] = field(default_factory=list)
    published: int = 0
    horizon: int = 0
    page: int = 100
    min_wait: float = 300
    requests: list[str] = field(default_factory=list)
    # Lies to tell instead: by the end of the path.
    lies: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)

    def say(self, **changes: str) -> None:
        self.log.extend(changes.items())

    def state(self, cursor: int | None = None) -> State:
        state: State = {}
        for key, action in self.log[:cursor]:
            state.pop(key, None)
            if action != "allow":
                state[key] = action
        return state

    def publish(self) -> None:
        self.published = len(self.log)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url.raw_path.decode())
        last = request.url.path.rpartition("/")[2]
        if last in self.lies:
            return self.lies[last](request)
        if last == "snapshot":
            packed = gzip.compress(snapshot(self.state(self.published), self.published))
            return httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"})
        since = int(request.url.params["since"])
        if not self.horizon <= since <= len(self.log):
            return problem(410, "cursor-too-old")
        cursor = min(since + self.page, len(self.log))
        changes = dict(self.log[since:cursor])
        body = {
            "changes": [
                {"number": key, "action": action, "category": "", "score": 0}
                for key, action in changes.items()
            ],
            "cursor": cursor,
            "checksum": checksum(self.state(cursor)),
            "min_wait": self.min_wait if cursor == len(self.log) else 0,
        }
        return httpx.Response(200, json=body)


@contextmanager
def serving(feed: Callable[[httpx.Request], httpx.Response]) -> Iterator[str]:
    """The same on a real socket; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            response = feed(httpx.Request("GET", f"http://ringscore.test{self.path}"))
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                if name != "content-length":
                    self.send_header(name, value)
            content = b"".join(response.stream)  # type: ignore[arg-type]
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"type": f"urn:ringscore:{code}", "title": code, "status": status, "detail": code}
    return httpx.Response(
        status,
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/problem+json", **headers},
    )
