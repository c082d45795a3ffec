"""Rate limits, by key and by address, on a real Redis where it matters."""

import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache, caches
from pytest_django import Settings

from api import limits
from config.cache import parse
from edge import UNREADABLE, Usage, counted, look, spend, spend_at_once
from edge.origin import client_address, household
from tests.given.api_requests import NOW, Answer, ask, holder, trouble

LOOKUP = "/v1/numbers/+8613812345678"


@pytest.fixture
def tight(settings: Settings) -> None:
    """Three of everything, and four wrong keys."""
    settings.RATE_LIMITS = {
        group: {who: rate and "3" + rate[rate.index("/") :] for who, rate in row.items()}
        for group, row in settings.RATE_LIMITS.items()
    } | {"failed_auth": {"anonymous": "4/m", "key": None}}


def assert_too_many(answer: Answer, limit: int = 3) -> None:
    assert answer.status == 429
    seconds = answer.headers["RateLimit-Reset"]
    assert answer.headers == {
        "Content-Type": "application/problem+json",
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": seconds,
        "Retry-After": str(max(int(seconds), 1)),
    } | {name: answer.headers[name] for name in ("Allow",) if name in answer.headers}
    assert answer.json == trouble(
        *(429, "Too Many Requests", "rate-limited"),
        f"Too many requests. Try again in {max(int(seconds), 1)} seconds.",
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("shared_cache", "tight")
def test_by_address_over_the_shared_cache():
    answers = [ask("GET", LOOKUP) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert [answer.left for answer in answers] == [(3, 2), (3, 1), (3, 0), (3, 0)]
    assert_too_many(answers[-1])
    assert ask("GET", LOOKUP, address="192.0.2.2").status == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("shared_cache", "tight")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", LOOKUP, None),
        ("POST", "/v1/numbers/lookup", {"numbers": ["+8613812345678"]}),
        ("GET", LOOKUP + "/reports", None),
        ("POST", "/v1/reports", {"number": "+8613812345678", "category": "other"}),
        ("GET", "/v1/reports/00000000-0000-4000-8000-000000000000", None),
        ("GET", "/v1/me", None),
        ("GET", "/v1/categories", None),
    ],
)
def test_by_key_wherever_it_comes_from(method, path, body):
    by, other = holder(), holder()
    answers = [ask(method, path, by=by, body=body, address=f"192.0.2.{n}") for n in range(4)]
    assert [answer.left for answer in answers] == [(3, 2), (3, 1), (3, 0), (3, 0)]
    assert 429 not in [answer.status for answer in answers[:3]]
    assert_too_many(answers[-1])
    assert ask(method, path, by=other, body=body).status != 429


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_keys_that_a_key_made_share_its_limits():
    by = holder("lookup")
    made = [ask("POST", "/v1/me/keys", by=by, body={"name": n, "scopes": ["lookup"]}) for n in "ab"]
    keys = [by, *(answer.json["token"] for answer in made)]
    answers = [ask("GET", LOOKUP, by=key) for key in (*keys, by)]
    assert [answer.left for answer in answers] == [(3, 2), (3, 1), (3, 0), (3, 0)]
    assert_too_many(answers[-1])


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_a_new_window_is_a_new_start(clock):
    for _ in range(4):
        answer = ask("GET", LOOKUP)
    assert answer.status == 429
    clock.now = NOW + timedelta(seconds=int(answer.headers["Retry-After"]) + 1)
    assert ask("GET", LOOKUP).left == (3, 2)


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_one_kind_of_request_does_not_use_another_up():
    for _ in range(4):
        ask("GET", LOOKUP)
    assert ask("GET", "/v1/categories").status == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_errors_count_like_answers():
    for _ in range(3):
        assert ask("GET", "/v1/numbers/!!!").status == 400
    assert_too_many(ask("GET", "/v1/numbers/!!!"))


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_too_many_in_the_format_asked_for():
    for _ in range(4):
        answer = ask("GET", LOOKUP + "?format=text")
    assert answer.body.startswith(b"ERROR rate-limited: Too many requests. Try again in ")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Retry-After" in answer.headers


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize("path", [LOOKUP, "/v1/me"])
def test_wrong_keys_are_told_to_slow_down(path):
    unknown = f"rsk_abcdefgh_{'a' * 43}"
    answers = [ask("GET", path, by=unknown) for _ in range(5)]
    assert [answer.status for answer in answers] == [401, 401, 401, 401, 429]
    assert_too_many(answers[-1], limit=4)
    # A good key from the same address is nobody's concern.
    assert ask("GET", path, by=holder()).status == 200


@pytest.mark.django_db
def test_no_limit_where_the_table_sets_none(settings: Settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"lookup": {"anonymous": None, "key": None}}
    answer = ask("GET", LOOKUP)
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("RateLimit")]


# --- One count for all workers ---

# Another worker, with the settings of the environment; its clock stands still as ours does.
WORKER = f"""
import django
from django.conf import settings
from django_ratelimit import core
django.setup()
core.time.time = lambda: {NOW.timestamp()}
settings.RATE_LIMITS = {{"lookup": {{"anonymous": "1000/d", "key": None}}}}
from api.limits import use
for _ in range(40):
    use("lookup", "anonymous", "192.0.2.1")
"""


@pytest.mark.slow
@pytest.mark.usefixtures("shared_cache")
def test_two_processes_count_together(redis_url: str, tmp_path: Path, settings: Settings):
    settings.RATE_LIMITS = {"lookup": {"anonymous": "1000/d", "key": None}}
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CACHE_URL": redis_url,
        "WEB_WORKERS": "2",
        "DATA_DIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    subprocess.run([sys.executable, "-c", WORKER], env=environment, check=True)
    for _ in range(2):
        mine = limits.use("lookup", "anonymous", "192.0.2.1")
    assert mine is not None
    assert mine.remaining == 1000 - 42


@pytest.mark.usefixtures("shared_cache")
def test_two_cache_clients_count_together(settings: Settings):
    """Another connection, as another thread of the same worker has it."""
    settings.RATE_LIMITS = {"lookup": {"anonymous": "5/m", "key": None}}
    first = limits.use("lookup", "anonymous", "a")
    caches["default"].close()
    second = limits.use("lookup", "anonymous", "a")
    assert first is not None
    assert second is not None
    assert (first.remaining, second.remaining) == (4, 3)


# --- When the cache is away ---


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LOOKUP, "/v1/categories", "/v1/me"])
def test_a_broken_cache_lets_requests_through_with_a_line_in_the_log(
    path: str, settings: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    by = holder()
    settings.CACHES = {"default": parse(f"unix://{tmp_path}/gone?db=0", workers=2)}
    for _ in range(3):
        answer = ask("GET", path, by=by)
        assert answer.status == 200
        assert not [name for name in answer.headers if name.startswith("RateLimit")]
    [record] = caplog.records
    assert record.message.startswith("the cache is away, limits are not counted: Error 2")
    assert record.exc_info is None


@pytest.mark.django_db
def test_a_redis_that_stops_in_the_middle(
    redis_url: str, settings: Settings, caplog: pytest.LogCaptureFixture
):
    """Not a wrong address but a server that answered a moment ago."""
    settings.CACHES = {"default": parse(redis_url, workers=2)}
    cache.clear()
    by = holder()
    assert ask("GET", LOOKUP, by=by).left == (6000, 5999)
    client: Any = cache._cache.get_client(None)  # type: ignore[attr-defined]
    client.client_kill_filter(skipme=False)
    # The broken connection is replaced, and the count goes on.
    assert ask("GET", LOOKUP, by=by).status == 200
    assert ask("GET", LOOKUP, by=by).status == 200


@pytest.mark.django_db
def test_refused_keys_are_refused_also_without_the_cache(settings: Settings, tmp_path: Path):
    settings.CACHES = {"default": parse(f"unix://{tmp_path}/gone?db=0", workers=2)}
    assert ask("GET", LOOKUP, by="junk").status == 401


# --- Whose address it is ---


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "10.0.0.1"),
        (0, "198.51.100.7", "10.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.66, 198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.66,198.51.100.7", "198.51.100.7"),
        (2, "198.51.100.7, 10.0.0.9", "198.51.100.7"),
        (2, "203.0.113.66, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
        # Fewer entries than proxies: nothing in it can be trusted.
        (1, "", "10.0.0.1"),
        (2, "203.0.113.66", "10.0.0.1"),
        # An empty entry is nobody.
        (1, "203.0.113.66,", "10.0.0.1"),
        (1, "203.0.113.66, ", "10.0.0.1"),
        (2, ",198.51.100.7", "10.0.0.1"),
        # With a port, which changes with each connection.
        (1, "198.51.100.7:4711", "198.51.100.7"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "unknown", "unknown"),
        # What the client wrote made the whole header unreadable: it does not become our proxy.
        (0, UNREADABLE, "10.0.0.1"),
        (1, UNREADABLE, UNREADABLE),
        (2, UNREADABLE, UNREADABLE),
    ],
)
def test_the_client_behind_counted_proxies(settings: Settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(headers) == expected


def test_no_address_at_all(settings: Settings):
    settings.TRUSTED_PROXY_COUNT = 1
    assert client_address({}) == ""


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("unknown", "unknown", True),
        ("", "unknown", False),
    ],
)
def test_an_ipv6_client_has_one_limit_for_all_its_addresses(one, other, together):
    assert (household(one) == household(other)) is together


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_a_site_of_many_households_buys_few_requests():
    """A /48 costs nothing and holds 65,536 households."""
    statuses = [ask("GET", LOOKUP, address=f"2001:db8:1:{n:x}::1").status for n in range(60)]
    assert statuses == [200] * 48 + [429] * 12
    assert ask("GET", LOOKUP, address="2001:db8:2::1").status == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_what_one_household_is_refused_costs_its_neighbours_nothing():
    for _ in range(60):
        ask("GET", LOOKUP, address="2001:db8:1:1::1")
    assert ask("GET", LOOKUP, address="2001:db8:1:2::1").left == (3, 2)


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_forged_entries_buy_no_requests(settings: Settings, proxies):
    """Each request invents other addresses to the left of what our proxies wrote."""
    settings.TRUSTED_PROXY_COUNT = proxies
    real = {0: "", 1: ", 198.51.100.7", 2: ", 198.51.100.7, 10.0.0.9"}[proxies]
    statuses = [
        ask("GET", LOOKUP, address="10.0.0.1", x_forwarded_for=f"203.0.113.{n}{real}").status
        for n in range(4)
    ]
    assert statuses == [200, 200, 200, 429]


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_clients_behind_one_proxy_have_each_their_own(settings: Settings):
    settings.TRUSTED_PROXY_COUNT = 1
    for n in range(4):
        answer = ask("GET", LOOKUP, address="10.0.0.1", x_forwarded_for=f"198.51.100.{n}")
        assert answer.left == (3, 2)


def spend_a_block(blocks: counted._Blocks, monkeypatch: pytest.MonkeyPatch, limit: str) -> Usage:
    """A request that is counted in the worker of these `blocks`, on its loop where that can be."""
    monkeypatch.setattr(counted, "_blocks", blocks)
    usage = spend_at_once(("lookup", "key:1", limit))
    if usage is None:
        usage = spend("lookup", "key:1", limit, in_blocks=True)
    assert usage is not None
    return usage


def unused(blocks: counted._Blocks) -> int:
    return sum(len(block.rest) for block in blocks.blocks.values())


@pytest.mark.usefixtures("shared_cache")
@pytest.mark.parametrize("limit", [7, 300, 1000])
def test_workers_that_take_blocks_never_allow_more(monkeypatch, limit):
    """Some take the next block early, some only when they need it."""
    workers, chance = [counted._Blocks() for _ in range(3)], random.Random(limit)
    answers = []
    for _ in range(limit + 200):
        worker = chance.choice(workers)
        answers.append(spend_a_block(worker, monkeypatch, f"{limit}/m"))
        if not worker.wanted.empty() and chance.random() < 0.5:
            worker.refill_next()
    allowed = sum(not answer.exceeded for answer in answers)
    assert limit - 3 * 2 * (limit // 100) <= allowed <= limit
    assert max(map(unused, workers)) <= 2 * (limit // 100)


def test_one_worker_counts_blocks_as_it_counts_one_by_one(monkeypatch):
    blocks = counted._Blocks()
    usages = [spend_a_block(blocks, monkeypatch, "250/m") for _ in range(252)]
    assert [usage.remaining for usage in usages] == [*range(249, -1, -1), 0, 0]
    assert [usage.exceeded for usage in usages[-3:]] == [False, True, True]


def test_no_request_waits_for_the_next_block_when_it_comes_in_time(monkeypatch):
    blocks = counted._Blocks()
    first = spend_a_block(blocks, monkeypatch, "6400/m")
    for number in range(1, 500):
        usage = counted.spend_at_once(("lookup", "key:1", "6400/m"))
        assert usage is not None
        assert usage.remaining == first.remaining - number
        if not blocks.wanted.empty():
            blocks.refill_next()


def test_what_is_left_of_a_block_is_left_to_the_key(monkeypatch):
    blocks = counted._Blocks()
    for _ in range(3):
        spend_a_block(blocks, monkeypatch, "500/m")
    left = look("lookup", "key:1", "500/m")
    assert left is not None
    assert left.remaining == 497


def test_a_key_does_not_wait_for_the_cache_of_another(monkeypatch):
    """The first waits within the cache, as behind a slow network."""
    blocks, waits, go_on = counted._Blocks(), threading.Event(), threading.Event()
    backend = type(caches["default"])
    incr = backend.incr

    def slow(self: Any, key: str, *more: int) -> int:
        if threading.current_thread() is first:
            waits.set()
            go_on.wait(30)
        return int(incr(self, key, *more))

    monkeypatch.setattr(backend, "incr", slow)
    first = threading.Thread(target=blocks.take_or_fill, args=[("lookup", "key:1", "500/m")])
    first.start()
    assert waits.wait(30)
    others = ThreadPoolExecutor()
    other = others.submit(blocks.take_or_fill, ("lookup", "key:2", "500/m"))
    try:
        assert other.result(timeout=10) is not None
    finally:
        go_on.set()
        first.join()
        others.shutdown()


def test_a_block_ends_with_its_window(monkeypatch, clock):
    blocks = counted._Blocks()
    spend_a_block(blocks, monkeypatch, "500/m")
    clock.now += timedelta(minutes=1)
    assert spend_a_block(blocks, monkeypatch, "500/m").remaining == 499


def test_names_beyond_the_room_for_blocks_are_counted_one_by_one_until_windows_end(
    monkeypatch, clock
):
    monkeypatch.setattr(counted, "MOST_BLOCKS", 1)
    blocks = counted._Blocks()
    monkeypatch.setattr(counted, "_blocks", blocks)

    def left(who: str) -> list[int]:
        counts = [spend("lookup", who, "500/m", in_blocks=True) for _ in range(3)]
        return [usage.remaining for usage in counts if usage is not None]

    assert left("key:1") == left("key:2") == [499, 498, 497]
    assert [who for _, who, _ in blocks.blocks] == ["key:1"]
    clock.now += timedelta(minutes=2)
    assert left("key:2") == [499, 498, 497]
    assert [who for _, who, _ in blocks.blocks] == ["key:2"]
