"""The clock stands still at noon: the edge of the world that these tests do pretend."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api import at_once, remembered
from api import lookup as api_lookup
from edge import counted, request_ids
from reputation.lookup import known, recent, wrote
from tests.given.api_requests import without_id
from tests.given.clock import Clock, limits_by
from tests.given.contract import contract
from tests.given.phone import Phone, plug_in


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What time it is, for Django and for rate limits. Set `clock.now` to move it."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    limits_by(monkeypatch, lambda: clock.now.timestamp())
    return clock


@pytest.fixture(autouse=True)
def _answers_keep_to_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's test client is held to it as well; `ask` sees to that itself.

    It asks Django alone, which names the request in the body of an error, but not in a header.
    """
    request = Client.request

    def checked(self: Client, **environ: Any) -> Any:
        with request_ids.handling(None) as request_id:
            response = request(self, **environ)
        body = None if response.streaming else response.content
        contract().check(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            response.status_code,
            {**response.headers, request_ids.HEADER: request_id},
            body,
        )
        if body is not None:
            response.content = without_id(body, request_id, response.headers)
        return response

    monkeypatch.setattr(Client, "request", checked)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> remembered.Memory:
    """A worker's memory on these tests' clock; `follow` and `read_keys` are called by hand."""
    for module in (api_lookup, remembered, known, recent, wrote):
        monkeypatch.setattr(module, "monotonic", lambda: clock.now.timestamp())
    for module in (at_once, remembered):
        monkeypatch.setattr(module, "time", lambda: clock.now.timestamp())
    monkeypatch.setattr(counted, "_blocks", counted._Blocks())
    monkeypatch.setattr(wrote, "_until", memoryview(bytearray(wrote.BYTES)).cast("d"))
    memory = remembered.Memory(megabytes=8)
    monkeypatch.setattr(remembered, "_memory", memory)
    return memory


@pytest.fixture
def public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"


@pytest.fixture
def metrics_for_loopback(settings: Settings) -> None:
    """Metrics as a demo has them: no token, no proxy, and only this machine reads them."""
    settings.METRICS_TOKEN = []
    settings.METRICS_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("::1")]
    settings.TRUSTED_PROXY_COUNT = 0


@pytest.fixture
def phone(settings: Settings) -> Phone:
    """What receives codes for holders."""
    return plug_in(settings)
