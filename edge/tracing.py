"""Spans of what the service does, for OpenTelemetry. Nothing happens until `use` is called.

config.telemetry calls it where the extra `otel` is installed and a collector is named. No span gets
a number, a key, a name or an address of a person: callers pass names and places, no content.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

# Where a WSGI environment has the template of its path, such as /v1/numbers/{number}.
ROUTE: Final = "ringscore.route"


class Tracer(Protocol):
    """What config.telemetry gives."""

    def span(self, name: str, *, client: bool, attributes: Mapping[str, str]) -> Any:
        """A context manager: the span is the current one within."""

    def headers(self) -> dict[str, str]:
        """`traceparent` of the current span (W3C Trace Context), for a request to others."""


_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """Has this process's spans go to `tracer` from now on; None: nowhere."""
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
