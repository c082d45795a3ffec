"""Lets scripts of the sites named in settings use the API (CORS, fetch.spec.whatwg.org).

Only /v1, which uses keys and no cookies: a script gets nothing that a program without a browser
could not get.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.conf import settings

from edge import Application, Environ

PATHS: Final = re.compile(r"/+v1(/|$)")
SHOWN: Final = (
    "Access-Control-Expose-Headers",
    "X-Request-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, ETag, "
    "Repr-Digest, Content-Range, Feed-Cursor, Rules-Left-Out, Idempotent-Replayed",
)
# The answer to a browser's question before a request: what scripts may send, kept for two hours.
PREFLIGHT: Final = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, If-None-Match, If-Range, Range, X-Api-Key",
    ),
    ("Access-Control-Max-Age", "7200"),
    ("Content-Length", "0"),
)


def open_to_browsers(application: Application) -> Application:
    """`application` with the headers that browsers require before a script of another site may use
    /v1."""

    def outer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not settings.BROWSER_ORIGINS or not PATHS.match(environ["PATH_INFO"]):
            return application(environ, start_response)
        shown = shown_to(environ.get("HTTP_ORIGIN", ""))
        asks = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if environ["REQUEST_METHOD"] == "OPTIONS" and asks:
            start_response("204 No Content", [*shown, *PREFLIGHT])
            return [b""]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, *shown], *more)

        return application(environ, start)

    return outer


def shown_to(origin: str) -> list[tuple[str, str]]:
    """The headers that let scripts of `origin` read an answer."""
    if "*" in settings.BROWSER_ORIGINS:
        return [("Access-Control-Allow-Origin", "*"), SHOWN]
    vary = ("Vary", "Origin")
    if origin not in settings.BROWSER_ORIGINS:
        return [vary]
    return [("Access-Control-Allow-Origin", origin), SHOWN, vary]
