"""The applications that are compared, each from a factory function that granian calls."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler

from benchmarks import _world
from edge import Server

type Environ = dict[str, Any]
type StartResponse = Callable[[str, list[tuple[str, str]]], object]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# As long as a usual answer of ours.
CONSTANT = b'{"number":"+8613812345678","reasons":["' + b"." * 750 + b'"]}'
THOUSAND = b'{"results":[' + b",".join([CONSTANT] * 1000) + b"]}"


def constant() -> Application:
    """(a) the application server alone."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return _answer(start_response, CONSTANT)

    return application


def one_read() -> Application:
    """(b) the application server and one prepared read of the number's row."""
    import orjson

    read = _reading(
        "SELECT key, action, score, category, reports FROM reputation_number WHERE key = %s"
    )

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        rows = read(environ["PATH_INFO"][1:])
        return _answer(start_response, orjson.dumps(rows[0] if rows else None))

    return application


def one_read_of_many() -> Application:
    """(b) of a thousand numbers: their rows by one prepared read, and what is read as JSON."""
    import orjson

    read = _reading(
        "SELECT key, action, score, category, reports FROM reputation_number WHERE key = ANY(%s)"
    )

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        numbers = orjson.loads(environ["wsgi.input"].read())["numbers"]
        return _answer(start_response, orjson.dumps(read(numbers)))

    return application


def _reading(query: str) -> Callable[[Any], list[Any]]:
    """Runs a prepared query with one parameter, on a connection for each thread."""
    import psycopg
    from django.db import connection

    _world.setup()
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters |= {"autocommit": True, "prepare_threshold": 0}
    parameters.pop("context", None)
    kept = threading.local()

    def read(parameter: Any) -> list[Any]:
        if not hasattr(kept, "cursor"):
            raw = psycopg.connect(**parameters)
            kept.cursor = raw.cursor(binary=True)
        rows: list[Any] = kept.cursor.execute(query, (parameter,)).fetchall()
        return rows

    return read


def constant_thousand() -> Application:
    """The application server alone, with bodies as large as answers about a thousand numbers."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        return _answer(start_response, THOUSAND)

    return application


def one_read_thousand() -> Application:
    """The application server and the read of a bulk lookup, whose result is discarded."""
    import orjson

    _world.setup()
    from reputation.lookup import RowPlaces
    from reputation.lookup.many import find_rows

    places = RowPlaces(most=1 << 22)

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        numbers = orjson.loads(environ["wsgi.input"].read())["numbers"]
        find_rows(numbers, places)
        return _answer(start_response, THOUSAND)

    return application


def plain() -> WSGIHandler:
    """(c) Django REST framework as in its tutorial: see benchmarks/_plain.py."""
    from django.conf import settings

    settings.ROOT_URLCONF = "benchmarks._plain"
    settings.REST_FRAMEWORK = {}
    settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
    _world.setup()
    # Only now: our applications require our middleware when they are set up.
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # Content-Length
    return WSGIHandler()


def ours() -> Server:
    """Ringscore as served, with limits too high to reach: RSGI, unlike all others."""
    unlimited()
    from config.server import application

    return application


def threaded() -> Application:
    """Ringscore under granian's WSGI, where a slow client holds a thread."""
    unlimited()
    from config.wsgi import application

    return application


def unlimited() -> None:
    from django.conf import settings

    for group in ("lookup", "bulk_lookup", "report"):
        settings.RATE_LIMITS[group]["key"] = "1000000000/h"
    _world.setup()


def _answer(start_response: StartResponse, body: bytes) -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
