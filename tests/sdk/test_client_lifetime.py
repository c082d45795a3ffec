"""A client among threads and processes: forked, forgotten, closed, asked by many at once; and an
answer that does not end."""

import asyncio
import contextlib
import copy
import gc
import http.server
import json
import os
import pickle
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from ringscore import (
    AsyncClient,
    BadAnswer,
    Client,
    InvalidNumber,
    Problem,
    ProblemField,
    RateLimited,
    Refused,
    RingscoreError,
    ServerFailed,
)

from tests.given import lying_servers
from tests.given.script import ANSWER, NUMBER, Script

GOOD = httpx.Response(200, json=ANSWER)
UNREADABLE = httpx.Response(
    400,
    json={"type": "urn:ringscore:invalid-number", "detail": "No number."},
    headers={"content-type": "application/problem+json"},
)


def errors(kind: type[RingscoreError] = RingscoreError) -> Iterator[RingscoreError]:
    """One error of each kind."""
    more: dict[type[RingscoreError], dict[str, Any]] = {
        InvalidNumber: {"code": "empty"},
        RateLimited: {"retry_after": 7.0},
        ServerFailed: {"status": 502},
    }
    problem = Problem(400, "invalid", "Bad Request", "No.", (ProblemField("#/a", "b", "c"),))
    said: Any = problem if issubclass(kind, Refused) else "It failed."
    yield kind(said, **more.get(kind, {}))
    for special in kind.__subclasses__():
        yield from errors(special)


@pytest.mark.parametrize("error", list(errors()), ids=lambda error: type(error).__name__)
def test_an_error_arrives_in_another_process_as_it_was(error: RingscoreError) -> None:
    """As pools of processes and queues of tasks hand errors on."""
    error.request_id = "5f2c9e0b7a41d386"
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 -- our own
        assert (type(other), str(other), vars(other)) == (type(error), str(error), vars(error))


class Answering(http.server.BaseHTTPRequestHandler):
    """Names the connection that asks, and keeps it open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(ANSWER | {"name": str(self.client_address[1])}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def answering() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def in_a_child(act: Callable[[], str]) -> str:
    """What `act` says in a forked child; "" if it does not end."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(30)  # with the parent's thread, which a fork does not copy, it waits
        try:
            os.write(writing, act().encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    return os.read(reading, 100).decode()


FORKS = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@FORKS
@pytest.mark.parametrize("transport", [None, httpx.AsyncHTTPTransport], ids=["ours", "theirs"])
def test_a_forked_child_has_connections_of_its_own(transport: Any) -> None:
    """A shared one would answer two processes."""
    with (
        answering() as url,
        Client(url, cache_size=0, lookup_deadline=20, transport=transport) as client,
    ):
        before = client.lookup(NUMBER).name
        of_child = in_a_child(lambda: client.lookup(NUMBER).name)
        assert of_child.isdigit()
        assert of_child != before
        assert client.lookup(NUMBER).name == before


@FORKS
def test_a_forked_child_asks_through_no_transport_of_its_parent() -> None:
    def ask(client: Client) -> str:
        with pytest.raises(RuntimeError, match="give the client a function"):
            client.lookup(NUMBER)
        return "refused"

    transport = httpx.AsyncHTTPTransport()
    with answering() as url, Client(url, lookup_deadline=20, transport=transport) as client:
        client.lookup(NUMBER)
        assert in_a_child(lambda: ask(client)) == "refused"


# What event loops leave of their connections when they end.
LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@LEFT_OPEN
@pytest.mark.parametrize("transport", [None, httpx.AsyncHTTPTransport], ids=["ours", "theirs"])
def test_an_async_client_outlives_its_event_loop(transport: Any) -> None:
    """As in a script that calls asyncio.run for each question."""

    def ask(url: str) -> list[str]:
        client = AsyncClient(url, cache_size=0, lookup_deadline=20, retries=0, transport=transport)
        return [str(asyncio.run(client.lookup(NUMBER)).action) for _ in range(3)]

    with answering() as url:
        assert ask(url) == ["block"] * 3
        gc.collect()


@LEFT_OPEN
def test_two_event_loops_at_once_have_connections_of_their_own() -> None:
    def ask(url: str) -> list[str]:
        client = AsyncClient(url, cache_size=0, lookup_deadline=20, retries=0)
        with asyncio.Runner() as one, asyncio.Runner() as other:
            return [loop.run(client.lookup(NUMBER)).name for loop in (one, other, one, other)]

    with answering() as url:
        first, second, *again = ask(url)
        assert first != second
        assert again == [first, second]
        gc.collect()


@LEFT_OPEN
def test_a_thread_brings_its_event_loop_while_another_looks_for_those_that_ended() -> None:
    def ask(url: str) -> list[str]:
        client = AsyncClient(url, cache_size=0, lookup_deadline=20, retries=0)
        told = list[str]()

        def look_up() -> None:
            told.append(str(asyncio.run(client.lookup(NUMBER)).action))

        second, third = threading.Thread(target=look_up), threading.Thread(target=look_up)

        class Watched(asyncio.SelectorEventLoop):
            def is_closed(self) -> bool:
                if threading.current_thread() is second and third.ident is None:
                    third.start()
                    third.join(timeout=0.5)  # in vain, if it has to wait for the second
                return super().is_closed()

        with asyncio.Runner(loop_factory=Watched) as first:
            first.run(client.lookup(NUMBER))
            second.start()
            second.join()
            third.join()
        return told

    with answering() as url:
        assert ask(url) == ["block"] * 2
        gc.collect()


def test_a_closed_async_client_asks_nothing() -> None:
    async def end() -> None:
        client = AsyncClient("http://ringscore.test", transport=httpx.MockTransport(Script(GOOD)))
        await client.lookup(NUMBER)
        await client.aclose()
        await client.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await client.lookup(f"{NUMBER}4")

    asyncio.run(end())


@pytest.mark.parametrize("answer", [GOOD, UNREADABLE], ids=["answer", "error"])
def test_a_client_that_is_forgotten_ends_its_thread(answer: httpx.Response) -> None:
    def threads() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name == "ringscore"}

    before = threads()
    client = Client("http://ringscore.test", transport=httpx.MockTransport(Script(answer)))
    with contextlib.suppress(InvalidNumber):
        client.lookup("+12025550123")
    [own] = threads() - before
    del client
    gc.collect()
    own.join(20)
    assert not own.is_alive()


def test_closing_ends_what_is_under_way() -> None:
    with lying_servers.server(lying_servers.silent) as url:
        client = Client(url, lookup_deadline=3600)
        ended: list[Exception] = []

        def wait() -> None:
            try:
                client.lookup(NUMBER)
            except Exception as error:
                ended.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        while not client._loop._thread:
            time.sleep(0.01)
        time.sleep(0.1)
        client.close()
        waiting.join()
    assert len(ended) == 1


@pytest.mark.parametrize("backend", ["asyncio"])
def test_the_async_client_serves_many_at_once(backend: str) -> None:
    script = Script(GOOD)

    async def ask() -> list[int]:
        scores: list[int] = []
        async with AsyncClient(
            "http://ringscore.test", transport=httpx.MockTransport(script), cache_size=0
        ) as client:

            async def one() -> None:
                scores.append((await client.lookup(NUMBER)).score)

            async with anyio.create_task_group() as group:
                for _ in range(10):
                    group.start_soon(one)
        return scores

    assert anyio.run(ask, backend=backend) == [93] * 10


def test_an_error_without_end_in_place_of_a_snapshot_is_not_kept(tmp_path: Path) -> None:
    async def without_end() -> AsyncIterator[bytes]:
        for _ in range(1000):
            sent.append(1_000_000)
            yield bytes(sent[-1])

    sent: list[int] = []
    answer = httpx.Response(404, content=without_end())
    client = Client("http://ringscore.test", transport=httpx.MockTransport(lambda _: answer))
    with client, pytest.raises(BadAnswer, match="The answer is larger than"):
        client.download_snapshot("numbers", tmp_path / "snapshot")
    assert sum(sent) < 20_000_000
