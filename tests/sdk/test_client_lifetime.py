"""A client among threads and processes: forked, forgotten, closed, and asked by many at once."""

import contextlib
import gc
import http.server
import json
import os
import signal
import threading
import time

import anyio
import httpx
import pytest
from ringscore import AsyncClient, Client, InvalidNumber

from tests.given import lying_servers
from tests.given.script import ANSWER, NUMBER, Script

GOOD = httpx.Response(200, json=ANSWER)
UNREADABLE = httpx.Response(
    400,
    json={"type": "urn:ringscore:invalid-number", "detail": "No number."},
    headers={"content-type": "application/problem+json"},
)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_connections_of_its_own() -> None:
    """The server names the connection that asks: a shared one would answer two processes."""

    class Answering(http.server.BaseHTTPRequestHandler):
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

    def ask(client: Client) -> bytes:
        return client.lookup("+12025550123").name.encode()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with Client(url, cache_size=0, lookup_deadline=20) as client:
            before = ask(client)
            reading, writing = os.pipe()
            child = os.fork()
            if not child:
                signal.alarm(30)  # with the parent's thread, which a fork does not copy, it waits
                try:
                    os.write(writing, ask(client))
                finally:
                    os._exit(0)
            os.close(writing)
            os.waitpid(child, 0)
            of_child = os.read(reading, 100)
            assert of_child.isdigit()
            assert of_child != before
            assert ask(client) == before
        server.shutdown()


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
