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

# As in api.urls; `lookup` is the bulk endpoint and answers POST only.
LOOKUP = re.compile(r"/+v1/+numbers/+(?!lookup/*\Z)([^/]+)/*")
STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def lookups_first(django: Application) -> Application:
    """`django`, with single lookups answered before it: its request cycle costs more than they."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            # WSGI hands UTF-8 bytes over as Latin-1 (PEP 3333).
            path = environ["PATH_INFO"]
            match = LOOKUP.fullmatch(path if path.isascii() else _decode(path))
            if match is not None:
                start = perf_counter()
                reply = lookup.reply(environ, match[1], now=timezone.now())
                metrics.lookup_answered(reply.status, perf_counter() - start)
                headers = [*reply.headers.items(), ("Content-Length", str(len(reply.body)))]
                start_response(STATUS[reply.status], headers)
                return [reply.body]
        return django(environ, start_response)

    return application


def _decode(path: str) -> str:
    return path.encode("latin-1").decode(errors="replace")
