"""Requests as the application server hands them over: a WSGI environment in, bytes out.

Django's test client cannot ask for //v1//numbers, and never meets the lookup's own way in.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from api import keys
from api.models import ApiKey
from api.problems import CONTENT_TYPE as PROBLEM
from config.wsgi import application, django
from edge import request_ids
from tests.given.contract import contract
from tests.given.reporters import NOW

# Set by Django's middleware for browsers; tests/config is about those.
FOR_BROWSERS = {
    "Content-Length",
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def left(self) -> tuple[int, int]:
        """What the RateLimit headers say: (limit, remaining). The reset is in the window."""
        assert 0 <= int(self.headers["RateLimit-Reset"]) <= 3600
        return int(self.headers["RateLimit-Limit"]), int(self.headers["RateLimit-Remaining"])


@dataclass(frozen=True)
class Holder:
    """Somebody with a key."""

    key: ApiKey
    token: str


def holder(*scopes: str, region: str = "CN", name: str = "test", **fields: Any) -> Holder:
    """A key that was just used, so that asking writes nothing beside."""
    key, token = keys.create_key(
        name=name, scopes=list(scopes or ("lookup", "report")), region=region, now=NOW, **fields
    )
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=NOW)
    return Holder(key, token)


def ask(
    method: str,
    target: str,
    *,
    by: Holder | str = "",
    body: Any = None,
    content_type: str | None = "application/json",
    address: str = "192.0.2.1",
    app: Callable[..., Iterable[bytes]] = application,
    more: dict[str, Any] | None = None,
    for_browsers: bool = False,
    **headers: str,
) -> Answer:
    """`target` is a path as sent, percent-encoded, with its query. `headers`: X_Api_Key=… .

    `more` goes into the environment last. `for_browsers` shows the headers that all answers have.
    The answer is without the id of its request, after a look at whether header and body agree.
    """
    path, _, query = target.partition("?")
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode()).decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": address,
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(raw),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    if by:
        token = by.token if isinstance(by, Holder) else by
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    environ |= more or {}
    started: list[tuple[str, list[tuple[str, str]]]] = []
    with kept_connection():
        way_in = app if app is application else request_ids.identified(app)
        chunks = way_in(
            environ, lambda status, pairs, exc_info=None: started.append((status, pairs))
        )
        answer = b"".join(chunks)
        if close := getattr(chunks, "close", None):
            close()
    [(status, pairs)] = started
    assert len({name for name, _ in pairs}) == len(pairs), "a header came twice"
    contract().check(method, target, int(status[:3]), dict(pairs), answer)
    kept = {name: value for name, value in pairs if for_browsers or name not in FOR_BROWSERS}
    request_id = kept.pop(request_ids.HEADER)
    return Answer(int(status[:3]), kept, without_id(answer, request_id, kept))


def without_id(body: bytes, request_id: str, headers: Mapping[str, str]) -> bytes:
    """An error's body without the id of the request. The header and the body must agree."""
    named = {b"{": f',"request_id":"{request_id}"', b"e": f"&request_id={request_id}"}
    if headers.get("Content-Type") == PROBLEM or body.startswith((b'{"error":', b"error=")):
        member = named[body[:1]].encode()
        assert body.count(member) == 1, f"{member!r} of the header is not in {body!r}"
        return body.replace(member, b"")
    return body


@contextmanager
def kept_connection() -> Iterator[None]:
    """Django closes doubtful connections around a request, and a test's transaction with them."""
    signals = (request_started, request_finished) if connection.in_atomic_block else ()
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def only_django(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same URLs without the lookup's own way in."""
    return django(environ, start_response)


def trouble(
    status: int, title: str, code: str, detail: str, *errors: tuple[str, str, str]
) -> dict[str, Any]:
    """The whole body of an error; `errors`: (pointer, code, detail)."""
    body: dict[str, Any] = {
        "type": f"urn:ringscore:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [{"pointer": p, "code": c, "detail": d} for p, c, d in errors]
    return body
