"""The id of a request: in a header of its answer, in the body of an error, in each line of the log.

The service makes each id itself: one chosen by a client could belong to another request, or be a
telephone number.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from edge.environ import Application, Environ

HEADER: Final = "X-Request-Id"
# In a WSGI environment, which is kept when the server runs the application again with the body.
KEPT: Final = "ringscore.request_id"

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of this thread's request: 16 hexadecimal digits; "" outside of requests."""
    return _current.get()


def new() -> str:
    # Unique, not secret: random numbers of the kernel would cost each request a system call.
    return f"{random.getrandbits(64):016x}"


@contextmanager
def handling(environ: Environ | None) -> Iterator[str]:
    """Makes the id of a request the current one, and returns it. The environment keeps it."""
    kept = {} if environ is None else environ
    request_id: str = kept.setdefault(KEPT, new())
    token = _current.set(request_id)
    try:
        yield request_id
    finally:
        _current.reset(token)


def identified(application: Application) -> Application:
    """`application`, with an id for each request, and the header for each answer."""

    def outer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        with handling(environ) as request_id:

            def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                return start_response(status, [*headers, (HEADER, request_id)], *more)

            return application(environ, start)

    return outer
