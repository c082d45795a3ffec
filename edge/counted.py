"""Requests counted by who sends them, by django-ratelimit, in the cache that all workers share.

A request counts once, however often the server runs it (edge.server), and not at all if it was
answered 503: an outage must not use anybody's limit up.

Where the event loop answers (edge.server), a process takes a hundredth of a limit at a time from
the cache and counts on by itself: the processes together never allow more than the limit. What one
has taken and does not use before the window ends, the others lack.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as kept
from functools import lru_cache
from operator import length_hint
from threading import Lock
from time import time
from typing import Any, Final

from django.core.cache import cache
from django_ratelimit import ALL

# The library's names and windows, by the shortest way to a count: get_usage puts the name together
# anew for each request and asks the cache once more, and there is no way to take a count back.
from django_ratelimit.core import EXPIRATION_FUDGE, _get_window, _make_cache_key

from edge.waiting import AT_ONCE, wait

PERIODS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# An office, a campus or a carrier's phones share an IPv6 site; who has a site alone gets this much.
SITE_FACTOR: Final = 16
# In a WSGI environment: what the request was counted for.
COUNTED: Final = "ringscore.counted"
# Requests in a block: this share of the limit, and no more than MOST_IN_BLOCK.
BLOCKS: Final = 100
MOST_IN_BLOCK: Final = 64
MOST_BLOCKS: Final = 10_000  # of different names that a process holds


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
    known: MutableMapping[str, Any] = {} if environ is None else environ
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


def _spend_once(
    group: str, who: str, limit: str, environ: MutableMapping[str, Any]
) -> Usage | None:
    counted: dict[str, tuple[str, Usage]] = environ.setdefault(COUNTED, {})
    if group in counted:
        return counted[group][1]
    rate = _rate(limit)
    window = _get_window(who, rate[1])
    key = _name(group, window, rate, who)
    size = min(rate[0] // BLOCKS, MOST_IN_BLOCK) if AT_ONCE in environ else 1
    count = _rest.take(key) if size > 1 else None
    if count is None:
        wait(environ)
        try:
            count = _rest.refill(key, window, rate[1], size) if size > 1 else _more(key, rate[1])
        except Exception:
            # Backends share no class of errors. The cache itself says in the log that it is away.
            return None
    usage = _usage(count, rate[0], window)
    counted[group] = (key, usage)
    return usage


NOTHING: Final[tuple[int, Iterator[int]]] = (0, iter(()))


class _Blocks:
    """What this process has taken from the cache and not used yet, by the name of the count."""

    def __init__(self) -> None:
        # With the end of the window. `next` takes one, whatever other threads do.
        self.rests: dict[str, tuple[int, Iterator[int]]] = {}
        self.refilling = Lock()

    def take(self, key: str) -> int | None:
        """The next count of the block; None when it is used up."""
        _, rest = self.rests.get(key, NOTHING)
        return next(rest, None)

    def refill(self, key: str, window: int, period: int, size: int) -> int:
        """Takes a block, and its first count. Raises what the cache raises."""
        with self.refilling:  # of two threads at once, the second uses the block of the first
            if (count := self.take(key)) is not None:
                return count
            if len(self.rests) >= MOST_BLOCKS:
                now = time()
                self.rests = {name: rest for name, rest in self.rests.items() if rest[0] > now}
            if len(self.rests) >= MOST_BLOCKS:
                return _more(key, period)
            last = _more(key, period, size)
            block = iter(range(last - size + 1, last + 1))
            first = next(block)
            self.rests[key] = (window, block)
            return first

    def unused(self, key: str) -> int:
        return length_hint(self.rests.get(key, NOTHING)[1])


_rest = _Blocks()


def _look_once(group: str, who: str, limit: str) -> Usage | None:
    rate = _rate(limit)
    window = _get_window(who, rate[1])
    key = _name(group, window, rate, who)
    try:
        count = cache.get(key, 0)
    except Exception:
        return None
    return _usage(max(count - _rest.unused(key), 0), rate[0], window)


def _more(key: str, period: int, requests: int = 1) -> int:
    """The count with so many requests more."""
    with suppress(ValueError):  # the first of its window
        return cache.incr(key, requests)
    if cache.add(key, requests, period + EXPIRATION_FUDGE):
        return requests
    return cache.incr(key, requests)


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
