"""Sending calls, with deadlines and retries."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx

from ._answers import MAX_BODY, REQUEST_ID, error_of, read_answer
from ._exceptions import (
    BadAnswer,
    DeadlineExceeded,
    RateLimited,
    RingscoreError,
    ServerFailed,
    Unreachable,
)
from ._requests import Call

T = TypeVar("T")
# One transport, or what makes one for each event loop and process.
Transport = httpx.AsyncBaseTransport | Callable[[], httpx.AsyncBaseTransport] | None

MAX_SNAPSHOT = 512 * 1024 * 1024  # bytes unpacked: a hundred million numbers, or a bomb
FIRST_PAUSE = 0.1  # seconds before the first retry, doubled for each further one


class Sender:
    """Sends calls to one server, within a deadline, and again where that is safe and may help."""

    def __init__(
        self,
        base_url: httpx.URL,
        *,
        key: str,
        retries: int,
        transport: Transport,
    ) -> None:
        self.retries, self._transport = retries, transport
        headers = {"User-Agent": "ringscore-python", "Accept": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        # No timeout of httpx's: it starts anew with each byte. `send` has a stricter deadline.
        self._with_options = partial(
            httpx.AsyncClient,
            base_url=base_url,
            headers=headers,
            timeout=None,
        )
        self._lock = threading.Lock()
        self._of_loops: dict[asyncio.AbstractEventLoop | None, httpx.AsyncClient] = {}
        # Made here, so that a proxy that cannot be used is an error now.
        try:
            self._spare: httpx.AsyncClient | None = self._make_http()
        except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
            raise ValueError(
                "a proxy or a certificate that the environment names cannot be used (ALL_PROXY, "
                f"HTTPS_PROXY, HTTP_PROXY, SSL_CERT_FILE, SSL_CERT_DIR): {error}"
            ) from error
        self._closed = False

    def _make_http(self) -> httpx.AsyncClient:
        transport = self._transport
        return self._with_options(transport=transport() if callable(transport) else transport)

    async def aclose(self) -> None:
        if self._closed:
            return
        http = self._http()
        self._closed = True
        with self._lock:
            self._of_loops.clear()
        await http.aclose()

    async def send(self, call: Call[T], deadline: float) -> T:
        """The value of the answer. Raises RingscoreError."""
        end = time.monotonic() + deadline
        try:
            with anyio.fail_after(deadline):
                for attempt in range(self.retries + 1):
                    try:
                        return await self._once(call)
                    except RingscoreError as error:  # noqa: PERF203 -- that is what a retry is
                        pause = _pause(error, attempt)
                        out_of_time = pause is not None and time.monotonic() + pause >= end
                        last = attempt == self.retries or not call.safe
                        if pause is None or last or out_of_time:
                            raise
                        await anyio.sleep(pause)
                raise AssertionError("the last attempt returns or raises")
        except TimeoutError:
            raise DeadlineExceeded(f"No answer within {round(deadline, 2):g} s.") from None

    async def download(
        self,
        call: Call[None],
        target: Path,
        deadline: float,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        """Writes the body of the answer to a file. Raises RingscoreError."""
        try:
            with anyio.fail_after(deadline):
                async with self._stream(call, follow_redirects=True) as response:
                    if response.status_code != 200:
                        body = await _body(response)
                        raise error_of(response.status_code, response.headers, body)
                    await _save(response, target, progress)
        except TimeoutError:
            raise DeadlineExceeded(f"No snapshot within {deadline:g} s.") from None

    async def _once(self, call: Call[T]) -> T:
        async with self._stream(call) as response:
            body = await _body(response)
            return read_answer(call, response.status_code, response.headers, body)

    def _http(self) -> httpx.AsyncClient:
        """That of the running event loop: connections of one loop break in another."""
        if self._closed:
            raise RuntimeError("the client was closed")
        loop: asyncio.AbstractEventLoop | None = None
        # Without one it is trio's, whose connections go from one run to the next.
        with suppress(RuntimeError):
            loop = asyncio.get_running_loop()
        with self._lock:  # loops run in threads of their own
            if loop not in self._of_loops:
                for ended in [
                    each for each in self._of_loops if each is not None and each.is_closed()
                ]:
                    del self._of_loops[ended]
                self._of_loops[loop] = self._spare or self._make_http()
                self._spare = None
            return self._of_loops[loop]

    @asynccontextmanager
    async def _stream(
        self, call: Call[Any], *, follow_redirects: bool = False
    ) -> AsyncIterator[httpx.Response]:
        try:
            http = self._http()
            request = http.build_request(
                call.method,
                call.path,
                params=dict(call.params),
                content=call.body or None,
                headers=dict(call.headers),
            )
            if call.anonymous:
                request.headers.pop("Authorization", None)
            response = await http.send(request, stream=True, follow_redirects=follow_redirects)
            try:
                yield response
            except RingscoreError as error:
                error.request_id = response.headers.get(REQUEST_ID, "")
                raise
            finally:
                await response.aclose()
        except httpx.DecodingError as error:
            raise BadAnswer(f"The answer is not compressed as it says: {error}") from error
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            raise Unreachable(f"The server cannot be reached: {_words(error)}") from error


class OfTheParent(httpx.AsyncBaseTransport):
    """What a child has in place of its parent's transport: on the same connections, each would get
    answers to the other's questions."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises RuntimeError."""
        raise RuntimeError(
            "a forked child cannot use its parent's transport: give the client a function that "
            "makes one"
        )


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BODY:
            raise BadAnswer(f"The answer is larger than {MAX_BODY} bytes.")
    return bytes(body)


async def _save(
    response: httpx.Response, target: Path, progress: Callable[[int, int], None] | None
) -> None:
    total, size = int(response.headers.get("content-length") or 0), 0
    # Blocking writes of a few kilobytes each: a thread per write would cost more than it saves.
    with target.open("wb") as file:
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > MAX_SNAPSHOT:
                raise BadAnswer(f"The snapshot is larger than {MAX_SNAPSHOT} bytes.")
            file.write(piece)
            if progress is not None:
                progress(response.num_bytes_downloaded, total)


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()


def _pause(error: RingscoreError, attempt: int) -> float | None:
    """Seconds to wait before another attempt; None when none would help."""
    if isinstance(error, RateLimited):
        return error.retry_after
    if isinstance(error, ServerFailed) and error.retry_after is not None:
        return error.retry_after
    if isinstance(error, (Unreachable, ServerFailed)):
        # Between half and all of it, so that clients cut off together do not return together.
        return FIRST_PAUSE * float(2**attempt) * random.uniform(0.5, 1.0)  # noqa: S311
    return None
