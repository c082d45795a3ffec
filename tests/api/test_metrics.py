"""GET /metrics: the figures for Prometheus."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import Settings

from api import limits, metrics
from api.views import metrics as view
from config.settings import RATE_LIMITS
from reputation.disputes import costs
from reputation.models import FeedChange, FeedHead, Number, PaidMessage
from reputation.moderation import clear_number, confirm_number
from tests.given.api_requests import NOW, ask, holder, only_django
from tests.given.metrics import growth, samples, scrape
from tests.given.reporters import BAKERY, DAY, SCAMMER, moderator, newcomer, say

pytestmark = pytest.mark.usefixtures("metrics_for_loopback")


@pytest.mark.django_db
def test_requests_by_endpoint_method_and_status():
    by = holder("lookup", "report")
    with growth() as grown:
        for target in (
            "/v1/numbers/+8613812345678",
            "//v1/numbers//+4930901820/",
            "/v1/numbers/!!!",
        ):
            ask("GET", target, by=by)
        ask("GET", "/v1/numbers/+8613812345678", by=by, app=only_django)
        ask("HEAD", "/v1/numbers/+8613812345678", by=by)
        ask("GET", "/v1/numbers/+8613812345678/reports", by=by)
        ask("GET", "/v1/reports/00000000-0000-4000-8000-000000000000", by=by)
        ask("PURGE", "/v1/me", by=by)
        ask("GET", "/wp-admin/+8613812345678", by=by)
        ask("GET", "/admin/reputation/number/17/change/")
        ask("GET", "/compat/cidlookup/+8613812345678")
        ask("GET", "/v1/me", by=by, host="not.ours")
    count = "ringscore_request_seconds_count"
    assert grown == {
        (count, "/v1/numbers/{number}", "GET", "200"): 3,
        (count, "/v1/numbers/{number}", "GET", "400"): 1,
        (count, "/v1/numbers/{number}", "HEAD", "200"): 1,
        (count, "/v1/numbers/{number}/reports", "GET", "200"): 1,
        (count, "/v1/reports/{public_id}", "GET", "404"): 1,
        (count, "/v1/me", "other", "405"): 1,
        (count, "none", "GET", "404"): 1,
        (count, "/admin", "GET", "302"): 1,
        (count, "/compat/cidlookup/{number}", "GET", "200"): 1,
        (count, "none", "GET", "400"): 1,
    }


@pytest.mark.django_db
def test_no_number_is_told():
    ask("GET", "/v1/numbers/+8613812345678", by=holder())
    ask("GET", "/v1/numbers/+8613812345678/reports")
    ask("GET", "/nothing/+8613812345678")
    assert b"138123" not in scrape().body


@pytest.mark.django_db
def test_how_long_requests_took():
    metrics.lookup_answered(200, 0.004)
    before = samples()
    metrics.lookup_answered(200, 0.004)
    metrics.lookup_answered(200, 60.0)
    after = samples()
    name = "ringscore_request_seconds"
    where = ("/v1/numbers/{number}", "GET", "200")

    def grew(suffix: str, *labels: str) -> float:
        key = (name + suffix, *labels)
        return after[key] - before[key]

    assert grew("_sum", *where) == pytest.approx(60.004)
    assert grew("_count", *where) == 2
    endpoint, method, status = where
    # By the names of the labels: endpoint, le, method, status.
    assert [
        grew("_bucket", endpoint, le, method, status) for le in ("0.0025", "0.005", "5.0", "+Inf")
    ] == [0, 1, 1, 2]


@pytest.mark.django_db
def test_reports_by_the_way_they_came():
    by, compat = holder("report", "bulk"), holder("compat")
    single = {"number": "+8613812345678", "category": "loan_scam"}
    rows = b'{"number":"+8613812345679","category":"robocall"}\n{"number":"x"}\n'
    rate = {"phone": "008613812345678", "rating": "G_FRAUD", "comment": ""}
    with growth() as grown:
        for _ in range(2):
            ask("POST", "/v1/reports", by=by, body=single, idempotency_key="a")
        ask("POST", "/v1/reports", by=by, body=single)
        ask("POST", "/v1/reports", by=by, body=single | {"category": "nonsense"})
        ask("POST", "/v1/reports/bulk", by=by, body=rows)
        ask("POST", "/v1/reports/bulk", by=by, body=rows)
        ask("POST", "/phoneblock/api/rate", by=compat, body=rate)
        ask("POST", "/phoneblock/api/rate", by=compat, body=rate)
    assert {
        name: value for name, value in grown.items() if name[0] == "ringscore_reports_total"
    } == {
        ("ringscore_reports_total", "api", "created"): 1,
        ("ringscore_reports_total", "api", "updated"): 1,
        ("ringscore_reports_total", "bulk", "created"): 1,
        ("ringscore_reports_total", "bulk", "updated"): 1,
        ("ringscore_reports_total", "phoneblock", "created"): 1,
        ("ringscore_reports_total", "phoneblock", "updated"): 1,
    }


@pytest.mark.django_db
def test_refusals_by_limit(settings: Settings):
    settings.RATE_LIMITS = RATE_LIMITS | {
        "lookup": {"anonymous": "1/m", "key": "1/m"},
        "read": {"anonymous": "1/m", "key": "60/m"},
    }
    by = holder()
    with growth() as grown:
        for _ in range(3):
            ask("GET", "/v1/numbers/+8613812345678")
            ask("GET", "/v1/numbers/+8613812345678", by=by)
            ask("GET", "/v1/categories")
    assert {
        name: value for name, value in grown.items() if name[0] == "ringscore_limit_refusals_total"
    } == {
        ("ringscore_limit_refusals_total", "anonymous", "lookup"): 2,
        ("ringscore_limit_refusals_total", "key", "lookup"): 2,
        ("ringscore_limit_refusals_total", "anonymous", "read"): 2,
    }


@pytest.mark.django_db
def test_requests_let_through_while_the_cache_is_away(settings: Settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
    with growth() as grown:
        assert limits.use("lookup", "key", "1") is None
    cache.close()
    assert grown == {("ringscore_limit_uncounted_total", "lookup"): 1}


@pytest.mark.django_db
def test_changes_of_actions_are_counted():
    with growth() as grown:
        confirm_number(actor=moderator("a"), identity=SCAMMER, reason="heard it", now=NOW)
        confirm_number(actor=moderator("b"), identity=BAKERY, reason="heard it", now=NOW)
        clear_number(actor=moderator("c"), identity=BAKERY, reason="a bakery", now=NOW)
    assert grown == {
        ("ringscore_actions_changed_total", "block", "allow"): 2,
        ("ringscore_actions_changed_total", "allow", "block"): 1,
    }


@pytest.mark.django_db
def test_queues_show_what_waits_and_for_how_long():
    """What waits, and for how long the oldest has."""
    say(newcomer("a"))
    FeedChange.objects.all().delete()
    change = {"key": "+8613812345678", "bucket": 0, "previous": "allow", "action": "flag"}
    change |= {"status": "listed", "score": 61}
    FeedChange.objects.create(cursor=7, changed_at=NOW - timedelta(days=9), **change)
    FeedHead.objects.update_or_create(id=1, defaults={"cursor": 7})
    FeedChange.objects.create(changed_at=NOW - timedelta(seconds=90), **change)
    FeedChange.objects.create(changed_at=NOW - timedelta(seconds=30), **change)
    Number.objects.update(reassess_at=NOW - timedelta(hours=1))
    say(newcomer("b"), number=BAKERY)
    Number.objects.filter(key=BAKERY.key).update(reassess_at=NOW + timedelta(seconds=1))
    FeedChange.objects.filter(key=BAKERY.key).delete()
    told = samples()
    assert {
        name[0]: value for name, value in told.items() if len(name) == 1 and "ringscore" in name[0]
    } == {
        "ringscore_database_up": 1.0,
        "ringscore_feed_waiting": 2.0,
        "ringscore_feed_oldest_seconds": 90.0,
        "ringscore_reassess_waiting": 1.0,
        "ringscore_reassess_oldest_seconds": 3600.0,
    }


@pytest.mark.django_db
def test_paid_messages(settings):
    """What an alarm compares with the budgets."""
    settings.CODES_PER_HOUR, settings.CODES_PER_DAY = 7, 8
    settings.CODES_PER_COUNTRY_HOUR, settings.CODES_PER_COUNTRY_DAY = 5, 6
    for number, ago in (("+8613812345678", 0), ("+8613812345678", 2), ("+14155552671", 1)):
        at = NOW - timedelta(hours=ago)
        costs.spend(number, PaidMessage.Purpose.CODE, now=at)
    told = {name: value for name, value in samples().items() if "paid" in name[0]}
    sent, budget = "ringscore_paid_messages", "ringscore_paid_messages_budget"
    assert told == {
        (sent, "CN", "hour"): 1.0,
        (sent, "CN", "day"): 2.0,
        (sent, "US", "hour"): 0.0,
        (sent, "US", "day"): 1.0,
        (budget, "all", "hour"): 7.0,
        (budget, "all", "day"): 8.0,
        (budget, "country", "hour"): 5.0,
        (budget, "country", "day"): 6.0,
    }


@pytest.mark.django_db
def test_empty_queues():
    told = samples()
    assert told[("ringscore_feed_oldest_seconds",)] == told[("ringscore_feed_waiting",)] == 0.0
    assert told[("ringscore_reassess_oldest_seconds",)] == 0.0


@pytest.mark.django_db
def test_jobs_show_when_each_last_ended_well():
    """When each last ended well: not when it failed since."""
    for status in ("succeeded", "failed"):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status)"
                " VALUES ('default', 'an example', NULL, '{}', %s) RETURNING id",
                [status],
            )
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, %s, %s)",
                [cursor.fetchone()[0], status, NOW if status == "succeeded" else NOW + DAY],
            )
    told = samples()
    assert told[("ringscore_job_succeeded_timestamp_seconds", "an example")] == NOW.timestamp()


@pytest.mark.django_db
def test_what_doctor_finds(settings: Settings, tmp_path: Path) -> None:
    """So that somebody is told whose backups ended months ago."""
    settings.IS_SERVER, settings.DATA_DIR = True, tmp_path
    parts = {name[1]: value for name, value in samples().items() if "part_level" in name[0]}
    assert parts | {"backup": 2.0, "worker": 3.0, "keys": 0.0} == parts
    assert not {"packages", "mail server", "tls"} & set(parts), "a scrape asks no other server"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"require_auth": "none"})
    with ThreadPoolExecutor(1) as other:  # whose connection is a new one, and fails
        told = other.submit(samples).result()
    assert told[("ringscore_database_up",)] == 0.0
    assert ("ringscore_feed_waiting",) not in told
    assert ("process_resident_memory_bytes",) in told


@pytest.mark.django_db
def test_a_scrape_does_not_wait_for_locks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(view, "QUEUES", "SELECT pg_sleep(60), %s, %s, 1")
    monkeypatch.setattr(view, "PATIENCE_MS", 20)
    assert samples()["ringscore_database_up",] == 0.0


@pytest.mark.django_db
def test_the_process_itself():
    told = samples()
    assert told[("process_resident_memory_bytes",)] > 1_000_000
    assert scrape().headers["Content-Type"].startswith("text/plain; version=")
