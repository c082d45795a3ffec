"""GET /metrics: the figures for Prometheus, and which other clients may read them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psutil
import pytest
from django.core.cache import cache
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from api import limits, metrics, tally
from api.models import ChangeTally
from api.views import metrics as view
from config.metrics import SPACE, shared_folder
from config.settings import RATE_LIMITS
from reputation.disputes import costs
from reputation.feeds import compaction, log
from reputation.models import FeedChange, FeedHead, Number, PaidMessage
from reputation.moderation import clear_number, confirm_number
from tests.given.api_requests import NOW, Answer, ask, holder, only_django, trouble
from tests.given.concurrency import together
from tests.given.reporters import BAKERY, DAY, SCAMMER, moderator, newcomer, say

TOKEN = "t0ken" * 8
PRIVATE = (
    "Metrics are private: show METRICS_TOKEN as `Authorization: Bearer <token>`, or ask from an "
    "address in METRICS_NETWORKS."
)
LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1")]

type Samples = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = "", LOOPBACK
    settings.TRUSTED_PROXY_COUNT = 0


def scrape(**kwargs: Any) -> Answer:
    return ask("GET", "/metrics", **({"address": "127.0.0.1"} | kwargs))


def samples() -> Samples:
    """All that is told, by name and labels in the order of their names."""
    answer = scrape()
    assert answer.status == 200, answer.body
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


@contextmanager
def growth() -> Iterator[Samples]:
    """What the counters of the service grew by meanwhile: they are the process's, not a test's."""
    grown: Samples = {}
    before = samples()
    yield grown
    for name, value in samples().items():
        if name[0].startswith("ringscore") and not name[0].endswith(
            ("_created", "_bucket", "_sum")
        ):
            grown[name] = value - before.get(name, 0.0)
    # The scrapes themselves.
    grown.pop(("ringscore_request_seconds_count", "/metrics", "GET", "200"))
    grown.pop(("ringscore_feed_waiting",), None)
    for name in [name for name, value in grown.items() if value == 0]:
        del grown[name]


# --- What is told ---


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
def test_actions_changed():
    with growth() as grown:
        confirm_number(actor=moderator("a"), identity=SCAMMER, reason="heard it", now=NOW)
        confirm_number(actor=moderator("b"), identity=BAKERY, reason="heard it", now=NOW)
        clear_number(actor=moderator("c"), identity=BAKERY, reason="a bakery", now=NOW)
    assert grown == {
        ("ringscore_actions_changed_total", "block", "allow"): 2,
        ("ringscore_actions_changed_total", "allow", "block"): 1,
    }


@pytest.mark.django_db
def test_queues():
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
def test_jobs():
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


# --- Who is told ---


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
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = TOKEN, []
    answer = scrape(address="192.0.2.1", by=TOKEN)
    assert (answer.status, b"ringscore_database_up 1.0" in answer.body) == (200, True)
    for wrong in ("", TOKEN[:-1], TOKEN + "x", holder().token, "é"):
        answer = scrape(by=wrong)
        assert answer.status == 401
        assert answer.json == trouble(401, "Unauthorized", "metrics-private", PRIVATE)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ringscore"'
        assert b"ringscore_" not in answer.body


@pytest.mark.django_db
def test_a_wrong_token_is_not_made_good_by_the_address(settings: Settings):
    settings.METRICS_TOKEN = TOKEN
    assert scrape().status == 200
    assert scrape(by="wrong").status == 401


@pytest.mark.django_db
def test_guessing_is_limited(settings: Settings):
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = TOKEN, []
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


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_but_reading(method):
    answer = ask(method, "/metrics", address="127.0.0.1")
    assert answer.status == 405
    assert answer.json["type"] == "urn:ringscore:problem:method-not-allowed"
    assert answer.headers["Allow"] == "GET, HEAD"


# --- The tally of actions ---


def changed(*actions: str) -> None:
    """Changes of one number, from allow through each of `actions`."""
    previous = "allow"
    for action in actions:
        FeedChange.objects.create(
            key="+8613812345678",
            bucket=0,
            previous=previous,
            action=action,
            status="listed",
            score=50,
            changed_at=NOW - timedelta(days=60),
        )
        previous = action


@pytest.mark.django_db
def test_the_tally_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log, "MAX_PAGE", 2)
    changed("flag", "block", "block", "flag", "allow")
    assert tally.action_changes() == {
        ("allow", "flag"): 1,
        ("block", "flag"): 1,
        ("flag", "allow"): 1,
        ("flag", "block"): 1,
    }
    changed("flag")
    assert tally.action_changes()["allow", "flag"] == 2
    assert ChangeTally.objects.get().cursor == 6


@pytest.mark.django_db(transaction=True)
def test_what_the_log_forgets_stays_counted():
    changed("flag", "allow")
    before = tally.action_changes()
    assert compaction.compact(now=NOW).forgotten == 2
    assert tally.action_changes() == before == {("allow", "flag"): 1, ("flag", "allow"): 1}


@pytest.mark.django_db(transaction=True)
def test_a_log_that_has_moved_on_too_far_is_counted_from_its_end():
    changed("flag", "allow")
    compaction.compact(now=NOW)
    assert tally.action_changes() == {}
    changed("flag")
    assert tally.action_changes() == {("allow", "flag"): 1}


@pytest.mark.django_db(transaction=True)
def test_eight_scrapes_at_once_count_once():
    changed("flag", "block")
    answers = together(*[tally.action_changes for _ in range(8)])
    assert tally.action_changes() == {("allow", "flag"): 1, ("flag", "block"): 1}
    for answer in answers:
        assert answer.items() <= {("allow", "flag"): 1, ("flag", "block"): 1}.items()


# --- Several workers ---

WORKER = """
import sys
from pathlib import Path
import django
django.setup()
from config.metrics import share
share(Path(sys.argv[1]))
from api import metrics
metrics.lookup_answered(200, 0.004)
metrics.reports_taken("api", created=2)
print("counted", flush=True)
"""


def folders(data_dir: Path) -> list[Path]:
    """Those of the servers on `data_dir` that live, this process's own among them."""
    home = shared_folder(data_dir).parent
    shared_folder(data_dir).rmdir()
    return list(home.iterdir())


@pytest.fixture
def _tidy(tmp_path: Path) -> Iterator[None]:
    yield
    shutil.rmtree(shared_folder(tmp_path).parent)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("_tidy")
def test_each_worker_answers_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Two at once, and after them one that replaces a dead one.
    line = [sys.executable, "-c", WORKER + "input()", str(tmp_path)]
    living = [subprocess.Popen(line, stdin=PIPE, stdout=PIPE) for _ in range(2)]
    for worker in living:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"counted\n"
    [folder] = folders(tmp_path)
    for worker in living:
        worker.communicate(b"\n")
    subprocess.run([sys.executable, "-c", WORKER, str(tmp_path)], check=True)
    files = sorted(folder.glob("*.db"))
    assert [file.name for file in files] == [
        *("counter_0.db", "counter_1.db", "histogram_0.db", "histogram_1.db"),
    ]
    for file in files:  # a full disk, or full memory, cannot take this space away
        assert file.stat().st_blocks * 512 >= file.stat().st_size == SPACE
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    told = samples()
    assert told["ringscore_reports_total", "api", "created"] == 6.0
    where = ("ringscore_request_seconds_count", "/v1/numbers/{number}", "GET", "200")
    assert told[where] == 3.0
    assert told[("ringscore_database_up",)] == 1.0


@pytest.mark.usefixtures("_tidy")
def test_the_folder_of_a_server_and_what_dead_ones_left(tmp_path: Path):
    parent = psutil.Process(os.getppid())
    home = shared_folder(tmp_path).parent
    living = psutil.Process()
    left = {
        "dead": f"{parent.pid}-{parent.create_time() - 5:.0f}",  # its number is another's now
        "gone": "4194304-1700000000",
        "odd": "what-is-this",
        "living": f"{living.pid}-{living.create_time():.0f}",
    }
    for name in left.values():
        (home / name).mkdir(parents=True)
        (home / name / "counter_1.db").write_bytes(b"")
    folder = shared_folder(tmp_path)
    assert folder == home / f"{parent.pid}-{parent.create_time():.0f}"
    assert folder == shared_folder(tmp_path)
    assert {path.name for path in home.iterdir()} == {folder.name, left["living"]}
