"""WSGI environments (PEP 3333) for requests that granian passes by RSGI."""

import sys
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any, Final

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Replaces a value that is not ASCII, for which granian gives only the name of the header: without
# this the header would look like none.
UNREADABLE: Final = "\ufffd"
# Headers whose absence means something: who asks, from where, and whether for the first time.
_MEANT: Final = (
    ("authorization", "HTTP_AUTHORIZATION"),
    ("x-api-key", "HTTP_X_API_KEY"),
    ("x-forwarded-for", "HTTP_X_FORWARDED_FOR"),
    ("forwarded", "HTTP_FORWARDED"),
    ("idempotency-key", "HTTP_IDEMPOTENCY_KEY"),
)

_BASE: Final[Environ] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
# HTTP/1.0 needs no Host, and some devices send none. granian calls it "1".
_WITHOUT_HOST: Final = ("1", "1.0")
# Names of headers in an environment; clients choose names, so the number kept is limited.
_names: dict[str, str] = {}


def environ_of(scope: Any, *, host: str = "") -> Environ:
    """The WSGI environment of a request (PEP 3333), as granian's own WSGI interface makes it.

    host: of a request by HTTP/1.0 that names none.
    """
    server, _, port = scope.server.rpartition(":")
    version = scope.http_version
    environ = _BASE | {
        "SERVER_PROTOCOL": f"HTTP/{version}",
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": remote_address(scope),
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": path_of(scope),
        "QUERY_STRING": scope.query_string,
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # X_Forwarded_For would be read as X-Forwarded-For
        key = _names.get(name) or _name(name)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    for name, key in _MEANT:
        if key not in environ and name in scope.headers:
            environ[key] = UNREADABLE
    if "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority or (host if version in _WITHOUT_HOST else "")
    return environ


def is_chunked(environ: Mapping[str, Any]) -> bool:
    """Whether the body has no length, and Django therefore reads none of it."""
    coding: str = environ.get("HTTP_TRANSFER_ENCODING", "")
    return coding.lower() == "chunked"


def path_of(scope: Any) -> str:
    """The path's UTF-8 as Latin-1 (PEP 3333)."""
    path: str = scope.path.encode().decode("latin-1")
    return path


def remote_address(scope: Any) -> str:
    """The address at the other end of the connection."""
    address: str = scope.client.rpartition(":")[0].strip("[]")
    return address


def _name(header: str) -> str:
    key = header.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    if len(_names) < 200:
        _names[header] = key
    return key
