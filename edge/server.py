"""Serves a WSGI application through granian's RSGI so that slow clients hold no thread.

An event loop reads request bodies, with a deadline and a least rate; threads run the application,
in separate lanes for each kind of request, so that one kind cannot use up another's threads. The
application begins without the body. When it asks for the body, after it has checked key, limit and
scope, the loop reads the body and the application begins again. If a request waits too long, the
loop answers 503, whatever its thread is doing. The loop itself answers requests that need no thread
(`at_once`), since passing a request to a thread costs more than such an answer.
"""

import asyncio
import logging
import multiprocessing
import os
import queue
import signal
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time
from typing import Any, Final

from edge import answer_bodies
from edge.environ import Application, Environ, environ_of, path_of
from edge.request_bodies import (
    SMALL,
    Body,
    BrokenOff,
    NotRead,
    Room,
    TooLong,
    TooSlow,
    Unread,
)
from edge.request_ids import HEADER, handling

logger = logging.getLogger(__name__)

type Headers = list[tuple[str, str]]
# The answer to an RSGI scope: status, headers and body; None: a thread answers.
type AtOnce = Callable[[Any], Awaitable[tuple[int, Headers, bytes] | None]]
# Takes status, seconds until a new attempt makes sense (0: none does), path, and the environment as
# far as known; gives headers and body.
type Refuse = Callable[[int, int, str, Environ], tuple[Headers, bytes]]

# For so long a small body is waited for before the application begins, so that it begins only once.
AT_ONCE_SECONDS: Final = 0.02
# The CONTENT_LENGTH of a chunked body until it is read; afterwards it is its real length.
AT_LEAST: Final = "1"
# Files of answers are removed after this many seconds: granian opens them at once.
OPENED_SECONDS: Final = 60.0
# Older ones were left by a process that ended before that. No lane has a later deadline.
LEFT_SECONDS: Final = 600.0
TICK_SECONDS: Final = 0.05
RETRY_SECONDS: Final = 5


@dataclass(slots=True, eq=False)
class Lane:
    """Threads of their own for one kind of request.

    most: requests that may be open at once, waiting ones included; more get 503.
    each: of those, from one address; more get 429.
    quick: requests without a body are not counted by address: they are over in no time.
    patience: seconds that a request may wait for a thread before it gets 503.
    deadline: seconds until a request gets 503 although its thread has not finished.
    body: bytes of a request's body; a longer one gets 413.
    begin, end: run in each thread at its start and at its end.
    """

    name: str
    threads: int
    most: int
    each: int
    patience: float
    deadline: float
    body: int
    quick: bool
    begin: Callable[[], None]
    end: Callable[[], None]
    waiting: "queue.SimpleQueue[_Run | None]" = field(default_factory=queue.SimpleQueue)
    open: "set[_Run]" = field(default_factory=set)
    addresses: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class _Run:
    """One run of the application for a request. `done`: whether it asked for the body.

    `urgent`: the event loop has more to do for the request when the run has ended.
    """

    scope: Any
    proto: Any
    environ: Environ | None
    done: "asyncio.Future[bool]"
    since: float
    urgent: bool
    taken: bool = False
    given_up: bool = False


class Server:
    """An RSGI application. `lane_of` maps method and path to a lane.

    `address_of` gives the client's address from a WSGI environment; `refuse` words answers that the
    application does not give; `undo` is called with the environment of a request that got 503 while
    the application continued. `at_once` is asked first, on the event loop. A request by HTTP/1.0
    that names no host is one to `host`.
    """

    def __init__(
        self,
        application: Application,
        *,
        lanes: Iterable[Lane],
        lane_of: Callable[[str, str], Lane],
        address_of: Callable[[Mapping[str, str]], str],
        refuse: Refuse,
        undo: Callable[[Environ], None],
        files: Path,
        host: str,
        at_once: AtOnce | None = None,
    ) -> None:
        self.application = application
        self.lanes = list(lanes)
        self.lane_of = lane_of
        self.address_of = address_of
        self.refuse = refuse
        self.undo = undo
        self.files = files
        self.host = host
        self.at_once = at_once
        self.parent = _main_process()
        self.room = Room(files)
        # Answered runs whose coroutines have not ended yet.
        self.ended: deque[_Run] = deque()

    # --- The event loop ---

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        # granian makes a task of each request; most end before they would be scheduled.
        loop.set_task_factory(_eager)
        for lane in self.lanes:
            for number in range(lane.threads):
                name = f"{lane.name}-{number}"
                threading.Thread(target=self._work, args=[lane], name=name, daemon=True).start()
        loop.call_later(TICK_SECONDS, self._tick)
        self._remove_left()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        for lane in self.lanes:
            for _ in range(lane.threads):
                lane.waiting.put(None)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        if scope.proto != "http":
            proto.close(403)
            return
        began, headers = monotonic(), scope.headers
        has_body = "content-length" in headers or "transfer-encoding" in headers
        if self.at_once is not None and not has_body:
            try:
                answer = await self.at_once(scope)
            except Exception:
                logger.exception("an answer at once failed")
                answer = None
            if answer is not None:
                proto.response_bytes(*answer)
                return
        lane = self.lane_of(scope.method, scope.path)
        if lane.quick and not has_body:
            await self._run(lane, scope, proto, None, began, urgent=False)
            return
        environ = environ_of(scope, host=self.host)
        address = self.address_of(environ)
        if lane.addresses[address] >= lane.each:
            await self._turn_away(scope, proto, 429, 1, environ)
            return
        if lane.addresses.total() >= lane.most:
            await self._turn_away(scope, proto, 503, RETRY_SECONDS, environ)
            return
        lane.addresses[address] += 1
        try:
            await self._with_body(lane, scope, proto, environ)
        finally:
            lane.addresses[address] -= 1
            if not lane.addresses[address]:
                del lane.addresses[address]

    async def _turn_away(
        self, scope: Any, proto: Any, status: int, retry: int, environ: Environ
    ) -> None:
        """Refuses a request of which nothing was read."""
        self._refuse(scope, proto, status, retry, environ)
        body = Body(self.room, proto, None)
        await body.discard(environ)
        body.close()

    async def _with_body(self, lane: Lane, scope: Any, proto: Any, environ: Environ) -> None:
        length = environ.get("CONTENT_LENGTH", "")
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        if length in ("", "0") and not chunked:
            await self._run(lane, scope, proto, environ)
            return
        body = Body(self.room, proto, None if chunked else int(length))
        if chunked:  # Django reads no body whose length is missing or 0
            environ["CONTENT_LENGTH"] = AT_LEAST
        try:
            if not chunked and int(length) <= SMALL and "HTTP_EXPECT" not in environ:
                await body.read(lane.body, within=AT_ONCE_SECONDS)
            environ["wsgi.input"] = body.file if body.whole else Unread()
            if not await self._run(lane, scope, proto, environ):
                await body.discard(environ)
                return
            await body.read(lane.body)
            body.file.seek(0)
            environ["wsgi.input"] = body.file
            environ["CONTENT_LENGTH"] = str(body.received)
            await self._run(lane, scope, proto, environ)
        except TooLong:
            self._refuse(scope, proto, 413, 0, environ)
            await body.discard(environ)
        except TooSlow:
            self._refuse(scope, proto, 408, 0, environ)
        except BrokenOff:
            self._refuse(scope, proto, 400, 0, environ)
        except OSError:
            with handling(environ):
                logger.exception("a request's body could not be kept")
            self._refuse(scope, proto, 503, RETRY_SECONDS, environ)
        finally:
            body.close()

    async def _run(
        self,
        lane: Lane,
        scope: Any,
        proto: Any,
        environ: Environ | None,
        began: float | None = None,
        *,
        urgent: bool = True,
    ) -> bool:
        """Runs the application and answers; True if it asked for the body instead.

        `began`: monotonic() when the lane's patience begins, if not now.
        """
        self._finish_ended()  # the loop is running anyway
        if len(lane.open) >= lane.most:
            self._refuse(scope, proto, 503, RETRY_SECONDS, environ)
            return False
        run = _Run(scope, proto, environ, self.loop.create_future(), began or monotonic(), urgent)
        lane.open.add(run)
        lane.waiting.put(run)
        return await run.done

    def _finish_ended(self) -> None:
        while self.ended:
            _finish(self.ended.popleft(), False)

    def _refuse(
        self, scope: Any, proto: Any, status: int, retry: int, environ: Environ | None
    ) -> None:
        with handling(environ) as request_id:
            headers, body = self.refuse(status, retry, scope.path, environ or {})
        proto.response_bytes(status, [*headers, (HEADER, request_id)], body)

    def _tick(self) -> None:
        self.loop.call_later(TICK_SECONDS, self._tick)
        self._finish_ended()
        now = monotonic()
        for lane in self.lanes:
            for run in lane.open.copy():  # its threads remove theirs meanwhile
                waited = now - run.since
                if waited > lane.deadline or (waited > lane.patience and not run.taken):
                    lane.open.discard(run)
                    run.given_up = True
                    if run.environ is not None:  # its body is closed, so reading it ends the run
                        run.environ["wsgi.input"] = Unread()
                    self._refuse(run.scope, run.proto, 503, RETRY_SECONDS, run.environ)
                    _finish(run, False)
        if os.getppid() != self.parent:
            # The main process was killed. Orphans would share the port with its successor.
            self.parent = os.getppid()
            logger.error("the main process is gone: this worker ends")
            os.kill(os.getpid(), signal.SIGTERM)

    def _remove_left(self) -> None:
        """Removes, now and again, the files of answers that ended processes left."""
        self.loop.call_later(LEFT_SECONDS, self._remove_left)
        before = time() - LEFT_SECONDS
        for file in self.files.iterdir():
            with suppress(FileNotFoundError):  # another process has removed it
                if file.stat().st_mtime < before:
                    file.unlink()

    # --- The threads ---

    def _work(self, lane: Lane) -> None:
        lane.begin()
        try:
            while (run := lane.waiting.get()) is not None:
                wants_body = False
                try:
                    wants_body = not run.given_up and self._begin(run)
                except BaseException:  # also granian's own: the lane needs the thread
                    logger.exception("the application failed")
                lane.open.discard(run)
                if run.urgent:
                    with suppress(RuntimeError):  # the loop has ended, since the server stopped
                        self.loop.call_soon_threadsafe(_finish, run, wants_body)
                else:
                    self.ended.append(run)  # waking the loop would cost more than a lookup
                del run  # else it would hold the request until the next one
        finally:
            lane.end()

    def _begin(self, run: _Run) -> bool:
        """Runs the application in a thread; True if it asked for the body instead of answering."""
        run.taken = True
        if run.environ is None:
            run.environ = environ_of(run.scope, host=self.host)
        run.environ["PATH_INFO"] = path_of(run.scope)  # the run before may have decoded it
        wants_body = self._attempt(run.scope, run.proto, run.environ)
        if run.given_up:
            self.undo(run.environ)
        return wants_body

    def _attempt(self, scope: Any, proto: Any, environ: Environ) -> bool:
        """Runs the application; True if it raised NotRead instead of answering."""
        try:
            self._answer(environ, proto)
        except NotRead:
            return True
        except answer_bodies.NotKept:
            with handling(environ):
                logger.exception("an answer could not be kept")
            self._refuse(scope, proto, 503, RETRY_SECONDS, environ)
        except Exception:
            with handling(environ):
                logger.exception("the application failed")
                self._refuse(scope, proto, 500, 0, environ)
        return False

    def _answer(self, environ: Environ, proto: Any) -> None:
        started: list[Any] = []

        def start_response(status: str, headers: Headers, exc_info: object = None) -> None:
            started[:] = [int(status[:3]), headers]

        result = self.application(environ, start_response)
        if isinstance(result, list):
            proto.response_bytes(*started, b"".join(result))
            return
        try:
            self._copy(result, started, proto)
        finally:
            close: Callable[[], None] = getattr(result, "close", lambda: None)
            close()

    def _copy(self, result: Iterable[bytes], started: list[Any], proto: Any) -> None:
        """Answers with all of `result`: from memory, or from a file that granian sends. Raises
        NotKept."""
        body = answer_bodies.keep(result, self.files)
        if isinstance(body, bytes):
            proto.response_bytes(*started, body)
            return
        try:
            proto.response_file(*started, str(body))
        finally:
            remove = (OPENED_SECONDS, answer_bodies.remove, body)
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.loop.call_later, *remove)


def _eager(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
) -> "asyncio.Task[Any]":
    """As asyncio.eager_task_factory, for uvloop, which passes more options."""
    return asyncio.Task(coroutine, loop=loop, **(options | {"eager_start": True}))


def _finish(run: _Run, wants_body: bool) -> None:
    if not run.done.done():
        run.done.set_result(wants_body)


def _main_process() -> int:
    """The id of the process that started this worker, even if it was killed while this one loaded
    the service and has another parent by now. A fork server is a parent of its own."""
    main = multiprocessing.parent_process()
    if main is None or main.pid is None or multiprocessing.get_start_method() == "forkserver":
        return os.getppid()
    return main.pid
