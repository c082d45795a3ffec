"""Who may read GET /metrics: by address, by token, and nobody else."""

import pytest
from pytest_django import Settings

from config.settings import RATE_LIMITS
from edge import UNREADABLE
from tests.given.api_requests import ask, holder, trouble
from tests.given.metrics import scrape

pytestmark = pytest.mark.usefixtures("metrics_for_loopback")

TOKEN = "t0ken" * 8
PRIVATE = (
    "Metrics are private: show METRICS_TOKEN as `Authorization: Bearer <token>`, or ask from an "
    "address in METRICS_NETWORKS."
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "proxies", "headers", "allowed"),
    [
        ("127.0.0.1", 0, {}, True),
        ("127.8.9.1", 0, {}, True),
        ("::1", 0, {}, True),
        ("::ffff:127.0.0.1", 0, {}, True),
        ("192.0.2.1", 0, {}, False),
        ("", 0, {}, False),  # a Unix socket
        ("nonsense", 0, {}, False),
        # A proxy that nobody told us of, or more of them than we were told.
        ("127.0.0.1", 0, {"x_forwarded_for": "192.0.2.1"}, False),
        ("127.0.0.1", 0, {"x_forwarded_for": "127.0.0.1"}, False),
        ("127.0.0.1", 0, {"forwarded": "for=192.0.2.1"}, False),
        ("127.0.0.1", 2, {"x_forwarded_for": "127.0.0.1"}, False),
        # Ours: what it says counts, and what the client said does not.
        ("127.0.0.1", 1, {"x_forwarded_for": "192.0.2.1"}, False),
        ("127.0.0.1", 1, {"x_forwarded_for": "127.0.0.1, 192.0.2.1"}, False),
        ("127.0.0.1", 1, {"x_forwarded_for": UNREADABLE}, False),
        ("127.0.0.1", 0, {"forwarded": UNREADABLE}, False),
        ("192.0.2.1", 1, {"x_forwarded_for": "127.0.0.1"}, True),
        # Past the proxy.
        ("127.0.0.1", 1, {}, True),
        ("192.0.2.1", 1, {}, False),
    ],
)
def test_by_address(settings: Settings, address, proxies, headers, allowed):
    settings.TRUSTED_PROXY_COUNT = proxies
    answer = scrape(address=address, **headers)
    if allowed:
        assert answer.status == 200
    else:
        assert (answer.status, answer.json) == (
            403,
            trouble(403, "Forbidden", "metrics-private", PRIVATE),
        )
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_by_token(settings: Settings):
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = [TOKEN], []
    answer = scrape(address="192.0.2.1", by=TOKEN)
    assert (answer.status, b"ringscore_database_up 1.0" in answer.body) == (200, True)
    for wrong in ("", TOKEN[:-1], TOKEN + "x", holder().token, "é"):
        answer = scrape(by=wrong)
        assert answer.status == 401
        assert answer.json == trouble(401, "Unauthorized", "metrics-private", PRIVATE)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ringscore"'
        assert b"ringscore_" not in answer.body


@pytest.mark.django_db
def test_while_a_token_is_replaced_both_are_right(settings: Settings):
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = [TOKEN[::-1], TOKEN], []
    assert [scrape(by=token).status for token in (TOKEN, TOKEN[::-1])] == [200, 200]


@pytest.mark.django_db
def test_a_wrong_token_is_not_made_good_by_the_address(settings: Settings):
    settings.METRICS_TOKEN = [TOKEN]
    assert scrape().status == 200
    assert scrape(by="wrong").status == 401


@pytest.mark.django_db
def test_guessing_is_limited(settings: Settings):
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = [TOKEN], []
    settings.RATE_LIMITS = RATE_LIMITS | {"failed_auth": {"anonymous": "2/m", "key": None}}
    statuses = [scrape(by=f"guess{n}").status for n in range(3)]
    assert statuses == [401, 401, 429]
    assert scrape(by=TOKEN).status == 200


@pytest.mark.django_db
def test_nobody_unless_somebody_is_named(settings: Settings):
    settings.METRICS_NETWORKS = []
    assert scrape().status == 403
    assert scrape(by="").status == 403
    assert ask("GET", "/metrics", address="127.0.0.1", authorization="Bearer ").status == 403


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_but_reading(method):
    answer = ask(method, "/metrics", address="127.0.0.1")
    assert answer.status == 405
    assert answer.json["type"] == "urn:ringscore:problem:method-not-allowed"
    assert answer.headers["Allow"] == "GET, HEAD"
