"""Answers before the event loop, in the thread in which granian hands requests to it.

granian calls the loop's `call_soon_threadsafe` with a request's coroutine and its watcher, which
has the request. To wake the loop and to be woken by it costs more than an answer that is at hand.
A granian that works otherwise costs nothing but the gain: then the loop gets every request
(tests/e2e/test_slow_clients.py would fail).
"""

import logging
from asyncio import AbstractEventLoop
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, Final

logger = logging.getLogger(__name__)

# Seconds after which a lane should know for how long a request has waited.
SOON: Final = 0.01

type Headers = list[tuple[str, str]]
type Answer = tuple[int, Headers, bytes]
# Gets the answer to a request, or None where the loop has to see to it. In any thread, once.
type Then = Callable[[Answer | None], None]
# Answers a scope of RSGI's without a body; calls `then` at once or later, and never waits.
type AtOnce = Callable[[Any, Then], None]


class Early:
    """For the requests of one process. `came`: monotonic() when those came that the loop gets
    later than at once, by the id of their scope."""

    def __init__(self, at_once: AtOnce) -> None:
        self.at_once = at_once
        self.came: dict[int, float] = {}
        self.hand_over: Callable[..., Any] = _nowhere

    def begin(self, loop: AbstractEventLoop) -> None:
        self.hand_over = loop.call_soon_threadsafe
        vars(loop)["call_soon_threadsafe"] = self.call_soon_threadsafe

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Any:
        """As the loop's own; requests that are answered at once never come to the loop."""
        watcher = args[1] if len(args) == 2 else None
        scope = getattr(watcher, "scope", None)
        if scope is None or scope.proto != "http" or _has_body(scope.headers):
            return self.hand_over(callback, *args, context=context)
        then = partial(self._end, callback, args[0], watcher, context, monotonic())
        try:
            self.at_once(scope, then)
        except Exception:
            logger.exception("an answer at once failed")
            then(None)
        return None

    def _end(
        self,
        callback: Callable[..., Any],
        coroutine: Any,
        watcher: Any,
        context: Any,
        came: float,
        answer: Answer | None,
    ) -> None:
        if answer is None:
            if monotonic() - came > SOON:
                self.came[id(watcher.scope)] = came
            self.hand_over(callback, coroutine, watcher, context=context)
            return
        watcher.proto.response_bytes(*answer)
        coroutine.close()  # it never began
        watcher.done()


def _has_body(headers: Any) -> bool:
    return "content-length" in headers or "transfer-encoding" in headers


def _nowhere(*_: object, **__: object) -> None:
    raise RuntimeError("there is no event loop yet")
