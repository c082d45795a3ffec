"""CACHE_URL → Django's cache settings. The cache counts rate limits, so workers must share it."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def parse(url: str, *, workers: int) -> dict[str, Any]:
    """A CACHES entry: Valkey or Redis at `url`, or this process's memory if `url` is empty.

    Raises:
        ImproperlyConfigured: another kind of URL, or a per-process cache with several workers.
    """
    if url:
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ImproperlyConfigured(
                "CACHE_URL must be redis://host:port/0, rediss://… or unix:///path?db=0 "
                "(Valkey speaks the same)."
            )
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "ringscore",
            # Lookups are answered while a phone rings: a cache that hangs must fail fast.
            "OPTIONS": {"socket_connect_timeout": 0.25, "socket_timeout": 0.25},
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
