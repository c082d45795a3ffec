"""Requests counted by who sends them, by django-ratelimit, in the cache that all workers share.

A request counts once, however often the server runs it (edge.server), and not at all if it was
answered 503: an outage must not use anybody's limit up.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as kept
from functools import lru_cache
from time import time
from typing import Any, Final

from django.core.cache import cache
from django_ratelimit import ALL

# The library's names and windows, by the shortest way to a count: get_usage puts the name together
# anew for each request and asks the cache once more, and there is no way to take a count back.
from django_ratelimit.core import EXPIRATION_FUDGE, _get_window, _make_cache_key

PERIODS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# An office, a campus or a carrier's phones share an IPv6 site; who has a site alone gets this much.
SITE_FACTOR: Final = 16
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
    group: str,
    who: str,
    limit: str,
    environ: MutableMapping[str, Any] | None = None,
    *,
    site: str = "",
) -> Usage | None:
    """Counts a request of `group` by `who`; `limit` as 60/m. None if the cache is away.

    `environ` remembers the count, to count the request once and to take the count back. All of a
    `site` together may make SITE_FACTOR times the requests of one; the tighter of both is returned.
    """
    known = {} if environ is None else environ.setdefault(COUNTED, {})
    return _tightest(
        _spend_once(each, name, rate, known)
        for each, name, rate in _counts(group, who, limit, site)
    )


def look(group: str, who: str, limit: str, *, site: str = "") -> Usage | None:
    """What `who` has left, without counting. None if the cache is away."""
    counts = _counts(group, who, limit, site)
    return _tightest(_look_once(each, name, rate) for each, name, rate in counts)


def forgive(environ: MutableMapping[str, Any]) -> None:
    """Takes back what the request was counted for."""
    for key, _ in environ.pop(COUNTED, {}).values():
        with suppress(Exception):  # the cache is away, or the window is over
            cache.decr(key)


def _counts(group: str, who: str, limit: str, site: str) -> Iterator[tuple[str, str, str]]:
    """Group, name and limit of each count of a request."""
    yield group, who, limit
    if site and site != who:
        count, _, period = limit.partition("/")
        yield f"{group}-site", site, f"{int(count) * SITE_FACTOR}/{period}"


def _tightest(usages: Iterable[Usage | None]) -> Usage | None:
    """The first that is exceeded, or the one with the least left.

    Stops at the first, so that what one household is refused costs its neighbours nothing.
    """
    tightest = None
    for usage in usages:
        if usage is None:
            continue
        if usage.exceeded:
            return usage
        if tightest is None or usage.remaining < tightest.remaining:
            tightest = usage
    return tightest


def _spend_once(group: str, who: str, limit: str, known: dict[str, Any]) -> Usage | None:
    if group in known:
        usage: Usage = known[group][1]
        return usage
    rate = _rate(limit)
    window = _get_window(who, rate[1])
    key = _name(group, window, rate, who)
    try:
        count = _one_more(key, rate[1])
    except Exception:
        # Backends share no class of errors. The cache itself says in the log that it is away.
        return None
    counted = _usage(count, rate[0], window)
    known[group] = (key, counted)
    return counted


def _look_once(group: str, who: str, limit: str) -> Usage | None:
    rate = _rate(limit)
    window = _get_window(who, rate[1])
    try:
        count = cache.get(_name(group, window, rate, who), 0)
    except Exception:
        return None
    return _usage(count, rate[0], window)


def _one_more(key: str, period: int) -> int:
    with suppress(ValueError):  # the first of its window
        return cache.incr(key)
    return 1 if cache.add(key, 1, period + EXPIRATION_FUDGE) else cache.incr(key)


def _usage(count: int, limit: int, window: int) -> Usage:
    left = max(window - int(time()), 0)
    return Usage(limit, max(limit - count, 0), left, exceeded=count > limit)


@lru_cache(4096)
def _name(group: str, window: int, rate: tuple[int, int], who: str) -> str:
    name: str = _make_cache_key(group, window, rate, who, ALL)
    return name


# Parsed once per limit.
@kept
def _rate(limit: str) -> tuple[int, int]:
    """Requests and seconds."""
    count, _, period = limit.partition("/")
    return int(count), PERIODS[period]
