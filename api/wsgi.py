"""The application server's entry in its threads: passes lookups and single reports to api.lookup
and api.filing, other requests to Django."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from io import BytesIO
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import timezone

from api import filing, lookup, metrics
from api.paths import NUMBER, written
from api.replies import Reply
from edge import Application, Environ, StartResponse, forgive, tracing

# As in api.urls. Django refuses GET on the bulk endpoint.
LOOKUP = re.compile(rf"/+v1/+numbers(?:/+(?!lookup/*\Z)({NUMBER}))?/*")
BULK_LOOKUP = re.compile(r"/+v1/+numbers/+lookup/*")
REPORT = re.compile(r"/+v1/+reports/*")
STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
# The middleware that adds the same headers to all of Django's answers.
FOR_BROWSERS = (SecurityMiddleware, ContentSecurityPolicyMiddleware, XFrameOptionsMiddleware)


def lookups_first(django: Application) -> Application:
    """`django`, with lookups and single reports answered first: Django's request cycle costs more
    than either."""
    for_browsers = {each: browser_headers(each) for each in ("http", "https")}

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start = perf_counter()
        over = scheme(environ)
        reply = None
        if over == "https" or not settings.SECURE_SSL_REDIRECT:
            reply = _reply(environ)
        if reply is None:
            return django(environ, forgiving(environ, start_response))
        seconds = perf_counter() - start
        if environ["REQUEST_METHOD"] == "GET":
            environ[tracing.ROUTE] = metrics.LOOKUP
            metrics.lookup_answered(reply.status, seconds)
        else:
            route = metrics.REPORT if REPORT.fullmatch(environ["PATH_INFO"]) else metrics.LOOKUPS
            environ[tracing.ROUTE] = route
            metrics.LATENCY.labels(route, "POST", reply.status).observe(seconds)
        length = ("Content-Length", str(len(reply.body)))
        headers = [*reply.headers.items(), length, *for_browsers[over]]
        if reply.status == 503:
            forgive(environ)
        start_response(STATUS[reply.status], headers)
        return [reply.body]

    return application


def forgiving(environ: Environ, start_response: StartResponse) -> StartResponse:
    """`start_response` that uncounts a request if its answer is 503."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        if status.startswith("503"):
            forgive(environ)
        return start_response(status, headers, *more)

    return start


def browser_headers(over: str) -> list[tuple[str, str]]:
    """The headers that Django's middleware adds to answers over this scheme, found by running it
    once."""
    environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": over, "wsgi.input": BytesIO()}
    if over == "https" and (forwarded := _forwarded()):
        environ[forwarded[0]] = forwarded[1]
    request, answer = WSGIRequest(environ), HttpResponse()
    del answer["Content-Type"]
    for middleware in FOR_BROWSERS:
        answer = middleware(lambda _: HttpResponse()).process_response(request, answer)
    return list(answer.items())


def scheme(environ: Environ) -> str:
    """The scheme as Django's request.scheme reads it."""
    if forwarded := _forwarded():
        name, secure = forwarded
        if (value := environ.get(name)) is not None:
            return "https" if value.partition(",")[0].strip() == secure else "http"
    own: str = environ.get("wsgi.url_scheme", "http")
    return own


def _forwarded() -> tuple[str, str] | None:
    """The header and value by which our proxy marks requests over TLS."""
    return settings.SECURE_PROXY_SSL_HEADER


def _reply(environ: Environ) -> Reply | None:
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "POST"):
        return None
    # WSGI passes UTF-8 bytes as Latin-1 (PEP 3333).
    path = environ["PATH_INFO"]
    if not path.isascii():
        path = path.encode("latin-1").decode(errors="replace")
    if method == "GET":
        match = LOOKUP.fullmatch(path)
        if match is None:
            return None
        return lookup.reply(environ, written(match[1] or ""), now=timezone.now())
    if BULK_LOOKUP.fullmatch(path):
        return lookup.reply_to_many(environ, now=timezone.now())
    if REPORT.fullmatch(path):
        return filing.reply(environ, now=timezone.now())
    return None
