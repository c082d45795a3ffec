"""CACHE_URL → Django's cache settings. The cache counts rate limits, so workers must share it."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.connection import Connection, ConnectionPool, SSLConnection, parse_url
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import ReadOnlyError, RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

# Seconds. Lookups are answered while a phone rings, so a cache that hangs must fail fast.
PATIENCE: Final = 0.25
# A lookup asks several times, so a cache whose answers take longer uses up the time of its phone.
SLOW: Final = 0.1
# Seconds for which a cache that failed is not asked.
REST: Final = 1.0
# Seconds. A slow answer so long after another is no sequel to it: nobody asked in between.
FORGOTTEN: Final = 10.0


class Resting(RedisError):
    """The cache failed a moment ago and is not asked now."""


class RestingClient(RedisCacheClient):
    """Asks a server that is away or slow once in REST seconds, and fails at once in between.

    It is slow if all of its answers were for REST seconds, with no FORGOTTEN seconds between two:
    single ones are slow where this machine is busy.

    Logs one line when the server is away, slow or cannot be written to, and one when it is back.
    """

    _servers: list[str]  # Django's

    # By address, when a failed server may be asked again, in time.monotonic().
    resting: ClassVar[dict[str, float]] = {}
    # Addresses of servers that the log calls away.
    away: ClassVar[set[str]] = set()
    # By address, when the first and the last of its slow answers came, in time.monotonic().
    slow: ClassVar[dict[str, tuple[float, float]]] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        until, now = self.resting.get(self._servers[0]), time.monotonic()
        if until is not None:
            if now < until:
                raise Resting("the cache is away")
            self.resting[self._servers[0]] = now + REST  # so that other threads need not wait
        return super().get_client(key, write=write)

    def watched[**P, T](self, act: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        began = time.monotonic()
        try:
            result = act(*args, **options)
        except Resting:
            raise
        except (RedisError, OSError) as error:
            self._leave(error)
            raise
        except ValueError:  # Django's: there is nothing to increase, says a server that answers
            self._answered(time.monotonic() - began)
            raise
        self._answered(time.monotonic() - began)
        return result

    def _answered(self, seconds: float) -> None:
        server, now = self._servers[0], time.monotonic()
        if seconds < SLOW:
            self.slow.pop(server, None)
            self.resting.pop(server, None)
            return
        first, last = self.slow.get(server, (now, now))
        if now - last > FORGOTTEN:
            first = now
        self.slow[server] = first, now
        if now - first >= REST:
            self._leave(f"answers take {seconds:.2f} s")

    def _leave(self, why: object) -> None:
        server = self._servers[0]
        if server not in self.away:
            logger.error("the cache is away, limits are not counted: %s", why)
        self.away.add(server)
        self.resting[server] = time.monotonic() + REST

    def written[**P, T](self, act: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Like `watched`, for acts that write. Success shows that the cache is back; reading works
        on a full server or a replica too."""
        result = self.watched(act, *args, **options)
        if self._servers[0] in self.away and self._servers[0] not in self.resting:
            self.away.discard(self._servers[0])
            logger.warning("the cache is back")
        return result

    def add(self, *args: Any) -> Any:
        return self.written(super().add, *args)

    def get(self, *args: Any) -> Any:
        return self.watched(super().get, *args)

    def set(self, *args: Any) -> Any:
        return self.written(super().set, *args)

    def incr(self, *args: Any) -> Any:
        return self.written(super().incr, *args)

    def delete(self, *args: Any) -> Any:
        return self.watched(super().delete, *args)


class RestingCache(RedisCache):
    """Django's cache for a server that may fail: every failure raises RedisError."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = RestingClient


class InTime(Connection):
    """A connection that resolves its server's name within PATIENCE: the system may ask name servers
    that are away for half a minute."""

    def _connect(self) -> socket.socket:
        resolved = threading.Event()

        def resolve() -> None:
            with suppress(OSError):  # which comes again below
                socket.getaddrinfo(self.host, self.port)
            resolved.set()

        threading.Thread(target=resolve, name="cache-name", daemon=True).start()
        if not resolved.wait(PATIENCE):
            raise TimeoutError
        return super()._connect()  # type: ignore[no-any-return, no-untyped-call]


class EncryptedInTime(InTime, SSLConnection):
    """The same over TLS."""


def parse(url: str, *, workers: int) -> dict[str, Any]:
    """A CACHES entry: Valkey or Redis at `url`, or this process's memory if `url` is empty.

    Raises:
        ImproperlyConfigured: another kind of URL, or a per-process cache with several workers.
    """
    if url:
        try:
            found, parts = parse_url(url), urlsplit(url)  # type: ignore[no-untyped-call]
            if "db" not in found and parts.scheme != "unix" and parts.path.strip("/"):
                raise ValueError("redis-py takes database 0 for a path that is no number")
            # Only a connection's constructor, which does not connect yet, refuses unknown options.
            ConnectionPool.from_url(url).make_connection()
        except (TypeError, ValueError):
            raise ImproperlyConfigured(
                "CACHE_URL must be redis://host:port/0, rediss://… or unix:///path?db=0 (Valkey "
                "speaks the same), with the number of a database and options that redis-py knows. "
                "In a password, write / as %2F, ? as %3F and # as %23."
            ) from None
        named = {Connection: InTime, SSLConnection: EncryptedInTime}
        own = found.get("connection_class", Connection)
        return {
            "BACKEND": "config.cache.RestingCache",
            "LOCATION": url,
            "KEY_PREFIX": "ringscore",
            "OPTIONS": {
                "connection_class": named.get(own, own),
                "socket_connect_timeout": PATIENCE,
                "socket_timeout": PATIENCE,
                # Connects anew and tries once more if the server had closed the connection, or is
                # the primary no longer; never after a timeout.
                "retry": Retry(NoBackoff(), 1, supported_errors=(NoConnection, ReadOnlyError)),
            },
        }
    if workers > 1:
        raise ImproperlyConfigured(
            f"WEB_WORKERS is {workers} but CACHE_URL is not set: each worker would count rate "
            f"limits by itself, and together they would allow {workers} times as much. "
            "Point CACHE_URL at a Valkey or Redis, or use one worker."
        )
    return {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # With the default of 300, a few hundred addresses could evict all other counters.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
