"""Requests as granian shows them to an RSGI application, and a server that gets them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from edge import Lane, Server


class Headers(dict[str, str]):
    """Names are in lower case. Of a value that is not ASCII only the name is shown."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]] if self.get(name, "é").isascii() else []

    def items(self) -> Any:
        return [(name, value) for name, value in super().items() if value.isascii()]


class Scope:
    proto, http_version, scheme, server, authority = "http", "1.1", "http", "127.0.0.1:80", None

    def __init__(
        self, method: str, target: str, headers: dict[str, str], client: str = "192.0.2.1:5"
    ) -> None:
        path, _, self.query_string = target.partition("?")
        self.method, self.path, self.client = method, unquote(path), client
        self.headers = Headers(headers)


class Proto:
    """A client, as granian shows it: chunks of a body as they come, and the answer it gets.

    granian shows an error in the body as one more empty chunk before the end. `before`: chunks that
    were read before the answer.
    """

    def __init__(self, *chunks: bytes | None) -> None:
        self.chunks, self.before = list(chunks), 0
        self.answer: tuple[int, dict[str, str], bytes] | None = None

    def __aiter__(self) -> "Proto":
        return self

    async def __anext__(self) -> bytes:
        if not self.chunks:
            raise StopAsyncIteration
        self.before += self.answer is None
        chunk = self.chunks.pop(0)
        if chunk is None:  # it sends nothing more
            await asyncio.sleep(60)
        return chunk or b""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = self.answer or (status, dict(headers), body)

    def response_file(self, status: int, headers: list[tuple[str, str]], path: str) -> None:
        self.response_bytes(status, headers, Path(path).read_bytes())

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer[0]


class Application:
    """Refuses /refused by its headers; echoes bodies; waits at /wait; breaks at /bug."""

    def __init__(self) -> None:
        self.go_on, self.runs, self.threads = threading.Event(), list[str](), list[str]()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        environ["PATH_INFO"] = path  # as Django leaves it
        self.runs.append(path)
        if path == "/refused":
            start("401 Unauthorized", [])
            return [b"no"]
        if path == "/bug":
            raise RuntimeError("a bug")
        if path == "/wait":
            self.go_on.wait(30)
        self.threads.append(threading.current_thread().name)
        body = environ["wsgi.input"].read()
        start("200 OK", [("X-From", environ.get("HTTP_X_FROM", ""))])
        return [body] if len(body) < 100 else iter([body, body])


class Served:
    """`Application` behind the server, which has one lane of two threads."""

    def __init__(self, folder: Path) -> None:
        self.application, self.undone, self.ended = Application(), list[str](), threading.Event()
        self.lane = Lane(
            name="lane",
            threads=2,
            most=4,
            each=3,
            patience=5,
            deadline=5,
            body=1_000_000,
            quick=True,
            begin=lambda: None,
            end=self.ended.set,
        )
        self.server = Server(
            self.application,
            lanes=[self.lane],
            lane_of=lambda method, path: self.lane,
            address_of=lambda environ: environ["REMOTE_ADDR"],
            refuse=lambda status, retry, path, environ: ([("Retry-After", str(retry))], b"refused"),
            undo=lambda environ: self.undone.append(environ["PATH_INFO"]),
            files=folder,
            host="ours.example",
        )

    def ask(
        self, proto: Proto, path: str = "/", *, client: str = "192.0.2.1:5", **headers: str
    ) -> Awaitable[None]:
        named = {name.lower().replace("__", "-"): value for name, value in headers.items()}
        method = "POST" if named else "GET"
        return self.server.__rsgi__(Scope(method, path, named, client), proto)

    def run(self, *asked: Callable[[], Awaitable[None]]) -> None:
        """Runs the server until all of `asked`, begun in this order, are answered."""

        async def together() -> None:
            loop = asyncio.get_running_loop()
            self.server.__rsgi_init__(loop)
            await asyncio.gather(*(act() for act in asked))
            self.server.__rsgi_del__(loop)
            await asyncio.to_thread(self.ended.wait, 10)

        asyncio.run(together())
