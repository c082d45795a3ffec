"""Requests counted by who sends them, in windows of time, in the cache that all workers share.

A request counts once, however often the server runs it (edge.server), and not at all if it was
answered 503: an outage must not use anybody's limit up.
"""

import hashlib
import time
import zlib
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as kept
from typing import Any, Final

from django.core.cache import cache

PERIODS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# Seconds for which a count outlives its window.
MARGIN: Final = 5
# In a WSGI environment: what the request was counted for.
COUNTED: Final = "ringscore.counted"


@dataclass(frozen=True, slots=True)
class Usage:
    """`remaining` requests of `limit` until the window ends in `reset` seconds."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool


def spend(
    group: str, who: str, limit: str, environ: MutableMapping[str, Any] | None = None
) -> Usage | None:
    """Counts a request of `group` by `who`; `limit` as 60/m. None if the cache is away.

    `environ` remembers the count, to count the request once and to take the count back.
    """
    known = {} if environ is None else environ.setdefault(COUNTED, {})
    if group in known:
        usage: Usage = known[group][1]
        return usage
    most, period = _rate(limit)
    key, reset = _window(group, who, most, period)
    try:
        count = 1 if cache.add(key, 1, period + MARGIN) else cache.incr(key)
    except Exception:
        # Backends share no class of errors. The cache itself says in the log that it is away.
        return None
    usage = _usage(most, count, reset)
    known[group] = (key, usage)
    return usage


def look(group: str, who: str, limit: str) -> Usage | None:
    """What `who` has left, without counting. None if the cache is away."""
    most, period = _rate(limit)
    key, reset = _window(group, who, most, period)
    try:
        return _usage(most, cache.get(key, 0), reset)
    except Exception:
        return None


def forgive(environ: MutableMapping[str, Any]) -> None:
    """Takes back what the request was counted for."""
    for key, _ in environ.pop(COUNTED, {}).values():
        with suppress(Exception):  # the cache is away, or the window is over
            cache.decr(key)


def _usage(most: int, count: int, reset: int) -> Usage:
    return Usage(most, max(most - count, 0), reset, exceeded=count > most)


def _window(group: str, who: str, most: int, period: int) -> tuple[str, int]:
    """The present window's key in the cache, and seconds until it ends.

    Windows of different callers end at different seconds: not all begin anew at once.
    """
    now = int(time.time())
    end = now + period - (now - zlib.crc32(who.encode()) % period) % period
    name = hashlib.sha256(f"{group} {most}/{period} {end} {who}".encode()).hexdigest()
    return f"limit:{name}", end - now


# Parsed once per limit.
@kept
def _rate(limit: str) -> tuple[int, int]:
    """Requests and seconds."""
    count, _, period = limit.partition("/")
    return int(count), PERIODS[period]
