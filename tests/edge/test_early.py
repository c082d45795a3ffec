"""Answers before the event loop."""

import asyncio
import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Coroutine
from contextlib import closing, suppress
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from edge import Answer, Then
from edge.early import Early
from tests.given.rsgi import Scope


class Watcher:
    """What granian knows of a request."""

    def __init__(self, path: str, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.scope, self.proto = Scope("GET", path, named), self
        self.told: list[Any] = []

    def response_bytes(self, *answer: Any) -> None:
        self.told.append(answer)

    def done(self) -> None:
        self.told.append("done")


KNOWN: Answer = 201, [], b""


def at_once(scope: Any, then: Then) -> None:
    if scope.path == "/broken":
        raise RuntimeError("a bug")
    if scope.path == "/later":
        asyncio.get_running_loop().call_later(0.02, then, None)
    else:
        then(KNOWN if scope.path == "/known" else None)


def test_what_is_answered_at_once_does_not_come_to_the_loop(caplog: pytest.LogCaptureFixture):
    early, came = Early(at_once), list[Watcher]()
    requests = [Watcher(f"/{path}") for path in ("known", "unknown", "broken", "later")]
    requests.append(Watcher("/known", content_length="4"))

    async def serve(watcher: Watcher) -> None:
        came.append(watcher)

    def begin(coroutine: Coroutine[Any, Any, None], watcher: Watcher) -> None:
        asyncio.ensure_future(coroutine)  # noqa: RUF006 -- it ends at once

    async def to_the_end() -> None:
        loop = asyncio.get_running_loop()
        early.begin(loop)
        for watcher in requests:
            loop.call_soon_threadsafe(begin, serve(watcher), watcher)
        other = asyncio.Event()
        loop.call_soon_threadsafe(other.set)  # whatever else comes to the loop
        await other.wait()
        while len(came) < 4:
            await asyncio.sleep(0.01)

    asyncio.run(to_the_end())
    known, unknown, broken, later, with_body = requests
    assert known.told == [KNOWN, "done"]
    assert came == [unknown, broken, with_body, later]
    assert list(early.came) == [id(later.scope)], "which has waited already"
    assert "an answer at once failed" in caplog.text


@pytest.mark.slow
def test_granian_hands_requests_over_as_it_is_read_here():
    """tests.given.early answers with the thread in which it was asked."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    granian = str(Path(sys.executable).parent / "granian")
    line = [granian, "--interface", "rsgi", "--loop", "asyncio", "--port", str(port)]
    process = subprocess.Popen([*line, "--factory", "tests.given.early:application"])
    try:
        bodies = list[bytes]()
        while not bodies:
            assert process.poll() is None
            sleep(0.05)
            with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port)) as one:
                for path in ("/early", "/late"):
                    one.request("GET", path)
                    bodies.append(one.getresponse().read())
        assert bodies == [b"before the loop", b"on the loop"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
