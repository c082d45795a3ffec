"""The service about itself: categories, the key, the schema, its health."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import Settings

from api.metrics import template_of
from api.urls import urlpatterns
from api.views.schema import document
from config.cache import parse
from config.version import release
from reputation.scoring.categories import CATEGORIES
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.heartbeat import beat
from tests.given.reporters import DAY

pytestmark = pytest.mark.django_db

NOTHING_HERE = trouble(
    *(404, "Not Found", "not-found", "There is nothing at this address. See /v1/docs.")
)


NOT_ALLOWED = trouble(405, "Method Not Allowed", "method-not-allowed", "Use GET here.")


# --- /v1/categories ---


def test_categories_are_told_in_their_order():
    answer = ask("GET", "/v1/categories")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.left == (60, 59)
    vocabulary = answer.json
    assert [entry["id"] for entry in vocabulary["categories"]] == list(CATEGORIES)
    assert vocabulary["categories"][0] == {
        "id": "illegal_collection",
        "label": "illegal debt collection",
        "unwanted": True,
    }
    assert vocabulary["categories"][-1] == {
        "id": "legitimate",
        "label": "legitimate call",
        "unwanted": False,
    }
    assert vocabulary["conduct"] == [
        "threats",
        "insult_or_defamation",
        "false_accusation",
        "witness_retaliation",
        "repeated_intimidation",
        "privacy_disclosure",
        "contacted_third_parties",
        "undisclosed_collector",
        "no_written_notice",
    ]
    assert set(vocabulary) == {"categories", "conduct"}


def test_categories_with_a_key_has_the_limits_of_the_key():
    assert ask("GET", "/v1/categories", by=holder("feed")).left == (600, 599)


# --- /v1/me ---


def test_a_key_is_told_its_scopes_and_limits():
    by = holder("lookup", "report", region="DE", name="PBX of the office", expires_at=NOW + DAY)
    ask("GET", "/v1/numbers/+8613812345678", by=by)
    answer = ask("GET", "/v1/me", by=by)
    assert answer.status == 200
    body = answer.json
    assert {allowance.pop("reset") >= 0 for allowance in body["limits"].values()} == {True}
    limits = body.pop("limits")
    assert {name: limits[name] for name in ("lookup", "bulk_lookup", "report", "read")} == {
        "lookup": {"limit": 6000, "remaining": 5999},
        "bulk_lookup": {"limit": 60, "remaining": 60},
        "report": {"limit": 120, "remaining": 120},
        "read": {"limit": 600, "remaining": 599},
    }
    assert "failed_auth" not in limits
    assert body == {
        "key": f"rsk_{by.key.prefix}…",
        "name": "PBX of the office",
        "scopes": ["lookup", "report"],
        "region": "DE",
        "expires_at": "2026-11-25T12:00:00Z",
    }
    assert by.token not in answer.body.decode()


def test_asking_what_is_left_uses_nothing_up_but_itself():
    by = holder("lookup")
    ask("GET", "/v1/me", by=by)
    limits = ask("GET", "/v1/me", by=by).json["limits"]
    assert (limits["read"]["remaining"], limits["lookup"]["remaining"]) == (598, 6000)


def test_a_key_for_ever_has_no_last_day():
    assert ask("GET", "/v1/me", by=holder(region="")).json["expires_at"] == ""


# --- /v1/schema and /v1/docs ---


def test_the_schema_names_every_path():
    answer = ask("GET", "/v1/schema")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/vnd.oai.openapi")
    schema = yaml.safe_load(answer.body)
    ours = {
        template_of(str(pattern.pattern))
        for pattern in urlpatterns
        # Of no number there is nothing to say but the error.
        if str(pattern.pattern) != "v1/numbers"
        and str(pattern.pattern).startswith(("v1/numbers", "v1/reports", "v1/me", "v1/cat"))
    }
    assert ours
    assert ours <= set(schema["paths"])
    assert schema["servers"]
    operations = [each for path in schema["paths"].values() for each in path.values()]
    assert all("security" in each for each in operations)
    named = {tag["name"] for tag in schema["tags"]}
    assert all(set(each["tags"]) <= named for each in operations)


def test_no_text_of_the_schema_is_a_number_to_other_readers_of_yaml():
    number = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
    for event in yaml.scan(ask("GET", "/v1/schema").body):
        if isinstance(event, yaml.ScalarToken) and event.plain and number.fullmatch(event.value):
            assert isinstance(yaml.safe_load(event.value), int | float), event.value


def test_the_schema_says_nothing_of_how_we_are_built():
    text = ask("GET", "/v1/schema").body.decode()
    for secret in ("settings.", "RATE_LIMITS", "visitor", "api.views", "self)"):
        assert secret not in text


def test_the_schema_is_written_once_and_counts_against_the_limit():
    asked = [ask("GET", "/v1/schema") for _ in range(2)]
    assert [answer.left for answer in asked] == [(60, 59), (60, 58)]
    assert asked[0].headers["Cache-Control"] == "private, max-age=3600"
    assert document() is document()
    assert asked[0].body == asked[1].body == document()


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_the_page_of_the_api_is_for_reading(method: str):
    answer = ask(method, "/v1/docs")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/v1/schema", "/v1/schema?format=json", "/v1/docs"])
@pytest.mark.parametrize("accept", ["text/html", "application/json", "nonsense"])
def test_schema_and_docs_whatever_is_accepted(path, accept):
    assert ask("GET", path, accept=accept).status == 200


def test_the_docs_ask_no_third_party():
    answer = ask("GET", "/v1/docs")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = answer.body.decode()
    assert "swagger-ui" in page
    for address in ("https://", "//cdn", "http://"):
        assert address not in page.replace("http://testserver", "")


def test_the_docs_say_without_scripts_where_the_document_is():
    page = ask("GET", "/v1/docs").body.decode()
    assert re.search(r'<noscript>.*<a href="/v1/schema">', page)


def test_the_document_begins_with_a_lookup_and_with_where_keys_are_made(client: Client):
    told = yaml.safe_load(ask("GET", "/v1/schema").body)["info"]["description"]
    first = re.search(r"needs no key: `GET (\S+)`", told)
    assert first is not None
    assert ask("GET", first[1]).status == 200
    places = re.findall(r"\]\((/\S+)\)", told)
    assert places == ["/my/keys", "/organisations"]
    assert all(client.get(place).status_code in (200, 302) for place in places)


@pytest.mark.parametrize("path", ["/v1/schema", "/v1/docs"])
def test_errors_of_schema_and_docs_are_json_too(path):
    answer = ask("POST", path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.json) == (405, NOT_ALLOWED)
    refused = ask("GET", path, by="junk")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (refused.status, refused.json["type"]) == (401, "urn:ringscore:problem:key-refused")


# --- /healthz and /readyz ---


def test_healthz_says_that_the_process_lives():
    answer = ask("GET", "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Content-Type"] == "application/json"


def test_healthz_asks_nobody(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ask("GET", "/healthz").status == 200


def test_readyz_says_what_the_service_stands_on():
    beat()
    answer = ask("GET", "/readyz")
    assert answer.json == {
        "status": "ok",
        "version": release(),
        "database": "ok",
        "migrations": "ok",
        "cache": "ok",
        "disk": "ok",
        "worker": "ok",
        "feeds": "ok",
    }
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"


def test_readyz_when_a_migration_is_pending():
    beat()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'api'")
    answer = ask("GET", "/readyz")
    assert answer.status == 503
    assert answer.json == {
        "status": "unavailable",
        "version": release(),
        "database": "ok",
        "migrations": "pending",
        "cache": "ok",
        "disk": "ok",
        "worker": "ok",
        "feeds": "ok",
    }


def test_readyz_when_the_cache_is_away(settings: Settings):
    beat()
    settings.CACHES = {"default": parse("unix:///nowhere/redis?db=0", workers=2)}
    answer = ask("GET", "/readyz")
    assert answer.status == 200, "a balancer must not send lookups away for what they do without"
    assert answer.json == {
        "status": "degraded",
        "version": release(),
        "database": "ok",
        "migrations": "ok",
        "cache": "unavailable",
        "disk": "ok",
        "worker": "ok",
        "feeds": "ok",
    }
    # The reason is for who runs it, not for who asks.
    assert b"nowhere" not in answer.body


def test_readyz_says_that_files_are_refused_as_the_disk_fills(settings: Settings):
    settings.DISK_RESERVE_BYTES = 1 << 60
    answer = ask("GET", "/readyz")
    assert (answer.status, answer.json["status"], answer.json["disk"]) == (200, "degraded", "low")


def test_readyz_says_that_the_disk_takes_no_files(settings: Settings):
    settings.FEEDS_DIR = Path("/proc/feeds")  # where nobody can make a file
    answer = ask("GET", "/readyz")
    expected = (200, "degraded", "read-only")
    assert (answer.status, answer.json["status"], answer.json["disk"]) == expected


def test_readyz_says_that_no_worker_runs():
    answer = ask("GET", "/readyz")
    assert (answer.status, answer.json["status"], answer.json["worker"]) == (
        200,
        "degraded",
        "away",
    )


def test_readyz_uses_the_cache():
    ask("GET", "/readyz")
    assert cache.get("readyz") == 1


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_balancer_may_ask_with_head_and_surplus_slashes(path):
    assert ask("HEAD", path).status == 200
    assert ask("GET", f"/{path}/").status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_health_is_for_reading(path, method):
    answer = ask(method, path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.json) == (405, NOT_ALLOWED)
    assert answer.headers["Allow"] == "GET, HEAD"


# --- Nothing there ---


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/number/+8613812345678",
        "/v1/numbers/+8613812345678/reports/1",
        "/v2/numbers/+8613812345678",
        "/%00",
        "/%FF",
        "/healthz/x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_there(path, method):
    answer = ask(method, path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.json) == (404, NOTHING_HERE)


def test_a_text_that_no_database_holds_breaks_no_address():
    """NUL, which PostgreSQL refuses in every text, wherever an address takes a text."""
    by = holder("lookup", "report", "feed", "compat")
    for path, operations in yaml.safe_load(document())["paths"].items():
        for method in operations if "{" in path else ():
            answer = ask(method.upper(), re.sub(r"{\w+}", "%00", path), by=by)
            assert answer.status < 500, (method, path)
    assert Client().get("/campaigns/%00").status_code == 404
    assert Client().get("/numbers/%00").status_code == 404


def test_it_stays_json_for_a_browser_where_machines_ask():
    answer = ask("GET", "/v1/nothing", accept="text/html")
    assert json.loads(answer.body) == NOTHING_HERE


def test_elsewhere_a_browser_gets_a_page():
    answer = ask("GET", "/nothing", accept="text/html")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


# --- When we are broken ---


@pytest.mark.parametrize(
    ("table", "column", "path"),
    [("report", "comment_public", "/reports"), ("number", "gathered", "")],
)
def test_a_bug_of_ours_is_a_problem_too(
    caplog: pytest.LogCaptureFixture, table: str, column: str, path: str
):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE reputation_{table} RENAME COLUMN {column} TO gone")
    answer = ask("GET", f"/v1/numbers/+8613812345678{path}")
    assert answer.status == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == trouble(
        *(500, "Internal Server Error", "internal"),
        "Something broke on our side, and we have a log of it.",
    )
    assert column in caplog.text


@pytest.mark.parametrize("host", ["evil.example", "test_server", ""])
def test_a_host_that_is_not_ours(host):
    answer = ask("GET", "/v1/categories", host=host)
    assert answer.headers["Content-Type"] == "application/problem+json"
    detail = "This is no host name of the service: ALLOWED_HOSTS has further ones."
    assert answer.json == trouble(400, "Bad Request", "bad-request", detail)
    assert answer.status == 400
