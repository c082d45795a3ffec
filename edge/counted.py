"""Requests counted by who sends them, by django-ratelimit, in the cache that all workers share.

A request counts once, however often the server runs it (edge.server), and not at all if it was
answered 503: an outage must not use anybody's limit up.
"""

from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as kept
from typing import Any, Final

from django.core.cache import cache
from django_ratelimit import ALL

# The library has no way to take a count back, so its names for counts are needed.
from django_ratelimit.core import _get_window, _make_cache_key, get_usage

PERIODS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
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
    counted = _usage(group, who, limit, increment=True)
    if counted is not None:
        rate = _rate(limit)
        window = _get_window(who, rate[1])
        known[group] = (_make_cache_key(group, window, rate, who, ALL), counted)
    return counted


def look(group: str, who: str, limit: str) -> Usage | None:
    """What `who` has left, without counting. None if the cache is away."""
    return _usage(group, who, limit, increment=False)


def forgive(environ: MutableMapping[str, Any]) -> None:
    """Takes back what the request was counted for."""
    for key, _ in environ.pop(COUNTED, {}).values():
        with suppress(Exception):  # the cache is away, or the window is over
            cache.decr(key)


def _usage(group: str, who: str, limit: str, *, increment: bool) -> Usage | None:
    try:
        found = get_usage(
            None, group=group, key=lambda *_: who, rate=_rate(limit), increment=increment
        )
    except Exception:
        # Backends share no class of errors. The cache itself says in the log that it is away.
        return None
    if found is None or found["time_left"] < 0:
        return None
    return Usage(
        limit=found["limit"],
        remaining=max(found["limit"] - found["count"], 0),
        reset=found["time_left"],
        exceeded=found["should_limit"],
    )


# Parsed once per limit.
@kept
def _rate(limit: str) -> tuple[int, int]:
    """Requests and seconds."""
    count, _, period = limit.partition("/")
    return int(count), PERIODS[period]
