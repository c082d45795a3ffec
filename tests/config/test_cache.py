"""The cache that workers share, on a real redis-server."""

import re
import socket
import threading
import time
from pathlib import Path

import pytest
from django.core.cache import cache, caches
from pytest_django import Settings
from redis import Redis, RedisError

from config.cache import RestingClient, parse
from edge import spend
from tests.given.redis_server import redis_server


@pytest.mark.usefixtures("shared_cache")
def test_workers_count_together() -> None:
    cache.add("count", 0)
    other = caches.create_connection("default")  # as another worker has it
    assert [cache.incr("count"), other.incr("count"), cache.incr("count")] == [1, 2, 3]


def test_a_cache_that_hangs_is_asked_once_and_then_left_alone(
    settings: Settings, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        settings.CACHES = {"default": parse(f"unix://{tmp_path}/s?db=0", workers=2)}
        with pytest.raises(RedisError, match="Timeout"):
            cache.get("x")
        for act in (cache.get, cache.incr):
            with pytest.raises(RedisError, match="the cache is away"):
                act("x")
        asked, _ = silent.accept()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()
        asked.close()
        cache.close()
        settings.CACHES = {"default": parse("", workers=1)}


@pytest.mark.usefixtures("shared_cache")
def test_a_cache_that_stays_slow_is_left_alone_until_it_is_quick(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Below the time limit of one answer it was never away: with 200 ms each, lookups used up the
    threads, five of six got 503, and neither log nor metrics nor /readyz said why."""
    cache.add("x", 1)
    monkeypatch.setattr("config.cache.SLOW", 0.0)
    assert [cache.get("x"), cache.get("x")] == [1, 1], "slow ones may be our own machine's doing"
    _pass(redis_url, first=1.0, last=0.5)
    assert cache.get("x") == 1, "for a second none was quick"
    for _ in range(2):
        with pytest.raises(RedisError, match="the cache is away"):
            cache.get("x")
        RestingClient.resting[redis_url] = time.monotonic() - 1  # the rest is over
        assert cache.incr("x"), "it is tried, and is as slow as before"
    monkeypatch.setattr("config.cache.SLOW", 60.0)
    RestingClient.resting[redis_url] = time.monotonic() - 1
    assert [cache.incr("x"), cache.get("x")] == [4, 4]
    told = [re.sub(r"[0-9.]+ s", "… s", record.getMessage()) for record in caplog.records]
    assert told == [
        "the cache is away, limits are not counted: answers take … s",
        "the cache is back",
    ]


@pytest.mark.usefixtures("shared_cache")
def test_a_cache_that_was_slow_once_and_once_again_minutes_later_is_not_left_alone(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kept in ("slow", "resting", "away"):
        monkeypatch.setattr(RestingClient, kept, type(getattr(RestingClient, kept))())
    monkeypatch.setattr("config.cache.SLOW", 0.0)
    cache.add("x", 1)
    _pass(redis_url, first=300.0, last=300.0)
    assert [cache.get("x"), cache.get("x")] == [1, 1]
    _pass(redis_url, first=1.0, last=0.5)
    assert cache.get("x") == 1, "since then it was slow for a second"
    with pytest.raises(RedisError, match="the cache is away"):
        cache.get("x")


def _pass(server: str, *, first: float, last: float) -> None:
    """Lets the first and the last of its slow answers lie so many seconds further back."""
    then, latest = RestingClient.slow[server]
    RestingClient.slow[server] = then - first, latest - last


@pytest.mark.usefixtures("shared_cache")
def test_a_cache_that_came_back_empty_counts_from_the_first_request(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A counter that is not there yet is an answer too. Taken for none, it kept the cache from
    being asked for a second more, each time: no limit was counted again."""
    RestingClient.resting[redis_url] = time.monotonic() - 1  # it was away
    RestingClient.away.add(redis_url)
    usage = spend("lookup", "key:1", "60/m")
    assert usage is not None
    assert usage.remaining == 59
    assert [record.getMessage() for record in caplog.records] == ["the cache is back"]


@pytest.mark.usefixtures("shared_cache")
def test_a_cache_that_can_only_be_read_is_not_called_back_by_what_it_answers(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that became a replica, or is full: it said "away" and "back" each second."""
    server = Redis.from_url(redis_url)
    server.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        for _ in range(3):
            assert spend("lookup", "key:1", "60/m") is None
            RestingClient.resting.clear()  # a second is over
            assert cache.get("x") is None
    finally:
        server.execute_command("REPLICAOF", "NO", "ONE")
        server.close()
    assert spend("lookup", "key:1", "60/m") is not None
    assert [record.getMessage() for record in caplog.records] == [
        "the cache is away, limits are not counted: You can't write against a read only replica.",
        "the cache is back",
    ]


def test_after_a_failover_the_server_that_the_address_leads_to_by_now_counts(
    redis_url: str, settings: Settings, tmp_path: Path
) -> None:
    """Connections to the former primary stay open. Until the process was started again no limit
    was counted, and nobody could sign in."""
    address = tmp_path / "address"
    with redis_server(tmp_path) as former:
        address.symlink_to(former)
        settings.CACHES = {"default": parse(f"unix://{address}?db=0", workers=2)}
        assert spend("lookup", "key:1", "60/m") is not None
        with Redis(unix_socket_path=str(former)) as server:
            server.execute_command("REPLICAOF", "127.0.0.1", "1")
        address.unlink()
        address.symlink_to(redis_url.removeprefix("unix://").removesuffix("?db=0"))
        assert spend("lookup", "key:1", "60/m") is not None
        cache.close()
        settings.CACHES = {"default": parse("", workers=1)}


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_a_cache_whose_name_is_not_resolved_in_time_is_left_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """Name servers that were away held each thread of lookups for 20 seconds, again and again."""
    over = threading.Event()

    def ask_in_vain(*_: object) -> list[object]:
        over.wait(20)
        return []

    settings.CACHES = {"default": parse(f"{scheme}://cache.example:6379/0", workers=2)}
    with monkeypatch.context() as away:
        away.setattr(socket, "getaddrinfo", ask_in_vain)
        with pytest.raises(RedisError, match="Timeout connecting"):
            cache.get("x")
        over.set()
    with pytest.raises(RedisError, match="the cache is away"):
        cache.get("x")
    cache.close()
    settings.CACHES = {"default": parse("", workers=1)}
