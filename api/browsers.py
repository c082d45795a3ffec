"""Lets scripts of other sites use the API (CORS, fetch.spec.whatwg.org), where settings name them.

Only /v1, which knows keys and no cookies: what a script gets, it could also get without a browser.
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
    "Repr-Digest, Idempotent-Replayed",
)
# The answer to a browser's question before a request: what scripts may send, kept for two hours.
PREFLIGHT: Final = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Api-Key",
    ),
    ("Access-Control-Max-Age", "7200"),
    ("Content-Length", "0"),
)


def open_to_browsers(application: Application) -> Application:
    """`application`, with what browsers want to see before a script of another site gets /v1."""

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
    """What lets scripts of `origin` read an answer."""
    if "*" in settings.BROWSER_ORIGINS:
        return [("Access-Control-Allow-Origin", "*"), SHOWN]
    vary = ("Vary", "Origin")
    if origin not in settings.BROWSER_ORIGINS:
        return [vary]
    return [("Access-Control-Allow-Origin", origin), SHOWN, vary]
