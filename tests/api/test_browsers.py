"""Scripts of other sites, as browsers ask for them: only those that settings name, only for /v1."""

import pytest
from pytest_django import Settings

from tests.given.api_requests import Answer, ask
from tests.given.contract import document

pytestmark = pytest.mark.django_db

SITE = "https://app.example"
ALLOWED = "Access-Control-Allow-Origin"
LOOKUP, CATEGORIES, REFUSED = "/v1/numbers/+12025550143", "/v1/categories", "/v1/feeds"


def from_site(path: str, origin: str = SITE) -> Answer:
    return ask("GET", path, origin=origin)


@pytest.mark.parametrize("path", [LOOKUP, CATEGORIES, REFUSED])
def test_a_site_that_settings_name_may_read_answers_and_errors(path: str, settings: Settings):
    assert ALLOWED not in from_site(path).headers
    settings.BROWSER_ORIGINS = {SITE}
    answer = from_site(path)
    assert answer.headers[ALLOWED] == SITE
    assert answer.headers["Vary"] == "Origin"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    # No cookies, ever: a key is all that the API wants.
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for other in ("https://other.example", "https://app.example.other.example", "null", ""):
        answer = from_site(path, other)
        assert ALLOWED not in answer.headers
        assert answer.headers["Vary"] == "Origin"  # or a cache would give it to the site


def test_a_browser_asks_before_it_sends_a_key(settings: Settings):
    settings.BROWSER_ORIGINS = {SITE}
    asks = {"access_control_request_method": "POST", "origin": SITE}
    answer = ask("OPTIONS", "/v1/reports", **asks)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers[ALLOWED] == SITE
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    for name in ("Authorization", "Content-Type", "Idempotency-Key"):
        assert name in answer.headers["Access-Control-Allow-Headers"]
    assert ALLOWED not in ask("OPTIONS", "/v1/reports", **asks | {"origin": "null"}).headers


# Browsers show these by themselves.
SAFE = {"Cache-Control", "Last-Modified"}


def test_a_script_sends_and_reads_every_header_that_the_document_names(settings: Settings):
    settings.BROWSER_ORIGINS = {SITE}
    asks = {"access_control_request_method": "GET", "origin": SITE}
    told = ask("OPTIONS", "/v1/feeds", **asks).headers
    whole = document()
    operations = [each for path in whole["paths"].values() for each in path.values()]
    sent = {
        each["name"]
        for operation in operations
        if "intake" not in operation["tags"]  # gateways are no browsers
        for each in operation.get("parameters", ())
        if each["in"] == "header"
    }
    assert sent <= set(told["Access-Control-Allow-Headers"].split(", "))
    read = set(whole["components"]["headers"]) - SAFE - {"WWW-Authenticate"}
    assert read <= set(told["Access-Control-Expose-Headers"].split(", "))


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/login/", "/phoneblock/api/test"])
def test_pages_and_foreign_protocols_stay_closed(path: str, settings: Settings):
    settings.BROWSER_ORIGINS = {"*"}
    assert from_site(LOOKUP).headers[ALLOWED] == "*"
    assert ALLOWED not in from_site(path).headers
