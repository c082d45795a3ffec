"""An event loop for programs without one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own, started at the first call.

    Blocking sockets cannot keep a deadline: their timeout starts anew with each byte, and resolving
    a name has none. A task can be cancelled at any point.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_serve, args=(self._loop,), name="ringscore", daemon=True
                )
                self._thread.start()
            loop = self._loop
        future = asyncio.run_coroutine_threadsafe(task, loop)
        try:
            return future.result()
        except CancelledError:
            raise RuntimeError("the client was closed during this call") from None
        except BaseException:
            future.cancel()  # Ctrl-C: the task must not go on by itself
            raise

    def stop(self, *, wait: bool = True) -> None:
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        if wait:
            thread.join()

    def end_after(self, task: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs the task and then stops; if the loop does not run, does nothing. Waits for
        nothing."""
        if self._loop is not None:
            last = asyncio.run_coroutine_threadsafe(task(), self._loop)
            last.add_done_callback(lambda _: self.stop(wait=False))


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.run_until_complete(_wind_up())
    loop.close()


async def _wind_up() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
    # Generators that were dropped unfinished close in tasks that the collector just asked for.
    await asyncio.sleep(0)
    while closing := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.gather(*closing, return_exceptions=True)
