"""Spans for OpenTelemetry. They do nothing until `use` is called.

config.telemetry calls it if the extra `otel` is installed and a collector is configured. No span
contains a number, a key, or a person's name or address: callers pass names of operations and
places, no content.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

# In a WSGI environment: the template of the path, such as /v1/numbers/{number}.
ROUTE: Final = "ringscore.route"


class Tracer(Protocol):
    """The tracer of config.telemetry."""

    def span(self, name: str, *, client: bool, attributes: Mapping[str, str]) -> Any:
        """A context manager within which the span is the current one."""

    def headers(self) -> dict[str, str]:
        """The header `traceparent` of the current span (W3C Trace Context), for a request to
        another server."""


_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """Sends this process's spans to `tracer` from now on; None: to nobody."""
    global _tracer
    _tracer = tracer


def is_off() -> bool:
    return _tracer is None


@contextmanager
def span(
    name: str, *, client: bool = False, attributes: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Times what is done within. `client`: another server is asked; yields headers for it."""
    if _tracer is None:
        yield {}
        return
    with _tracer.span(name, client=client, attributes=attributes or {}):
        yield _tracer.headers()
