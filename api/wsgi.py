"""Where the application server enters: lookups go straight to api.lookup, the rest to Django."""

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from time import perf_counter
from typing import Any

from django.utils import timezone

from api import lookup, metrics

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# As in api.urls. GET on the bulk endpoint is Django's to refuse.
LOOKUP = re.compile(r"/+v1/+numbers/+(?!lookup/*\Z)([^/]+)/*")
BULK_LOOKUP = re.compile(r"/+v1/+numbers/+lookup/*")
STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def lookups_first(django: Application) -> Application:
    """`django`, with lookups answered before it: its request cycle costs more than they."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start = perf_counter()
        reply = _reply(environ)
        if reply is None:
            return django(environ, start_response)
        seconds = perf_counter() - start
        if environ["REQUEST_METHOD"] == "GET":
            metrics.lookup_answered(reply.status, seconds)
        else:
            metrics.LATENCY.labels("/v1/numbers/lookup", "POST", reply.status).observe(seconds)
        headers = [*reply.headers.items(), ("Content-Length", str(len(reply.body)))]
        start_response(STATUS[reply.status], headers)
        return [reply.body]

    return application


def _reply(environ: Environ) -> lookup.Reply | None:
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "POST"):
        return None
    # WSGI hands UTF-8 bytes over as Latin-1 (PEP 3333).
    path = environ["PATH_INFO"]
    if not path.isascii():
        path = path.encode("latin-1").decode(errors="replace")
    if method == "GET":
        match = LOOKUP.fullmatch(path)
        return lookup.reply(environ, match[1], now=timezone.now()) if match else None
    if BULK_LOOKUP.fullmatch(path):
        return lookup.reply_to_many(environ, now=timezone.now())
    return None
