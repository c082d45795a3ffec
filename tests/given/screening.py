"""Who calls in the tests of screening, and a server that answers, or does not."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
from ringscore import (
    Action,
    Client,
    OnFailure,
    Screener,
)

STRANGER, FRIEND = "+12025550143", "+447700900123"
FLAGGED, BLOCKED = "+442079460001", "+442079460002"
ALLOW, FLAG, BLOCK = Action.ALLOW, Action.FLAG, Action.BLOCK


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A local time in November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001


NOON = at(24, 12)


def screener(**options: Any) -> Screener:
    return Screener(**{"on_failure": OnFailure.ALLOW, "now": lambda: NOON, **options})


def asked(serve: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client("http://ringscore.test", transport=httpx.MockTransport(serve), retries=0)


def unasked(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network")
