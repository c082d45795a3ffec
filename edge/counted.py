"""Counts requests by sender, with django-ratelimit, in the cache that all workers share.

A request counts once, however often the server runs it (edge.server), and not at all if it was
answered 503: an outage must not use up a limit. What it wrote before counts (`insist`).

For answers of its event loop (edge.server), a process takes a hundredth of a limit at a time from
the cache and counts these by itself (`in_blocks`); it takes the next hundredth in time (`refill`).
So the processes together never allow more than the limit. Requests that a process has taken and
does not use before the window ends are lost to the others.
"""

from collections import deque
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache as kept
from functools import lru_cache
from queue import SimpleQueue
from threading import Lock
from time import time
from typing import Any, Final, NamedTuple

from django.core.cache import cache
from django_ratelimit import ALL

# The library's own functions for names and windows: get_usage computes the name anew for each
# request and asks the cache twice, and it cannot take a count back.
from django_ratelimit.core import EXPIRATION_FUDGE, _get_window, _make_cache_key

PERIODS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# An office, a campus or a carrier's phones share an IPv6 site, which gets this many times a limit.
SITE_FACTOR: Final = 16
# In a WSGI environment: the counts of the request.
COUNTED: Final = "ringscore.counted"
# Requests in a block: this share of the limit, and no more than MOST_IN_BLOCK.
BLOCKS: Final = 100
MOST_IN_BLOCK: Final = 64
MOST_BLOCKS: Final = 10_000  # blocks of different names in a process


# Group, name and limit of a count.
type Count = tuple[str, str, str]


class Usage(NamedTuple):
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
    times: int = 1,
    in_blocks: bool = False,
) -> Usage | None:
    """Counts a request of `group` by `who`, or one that does as much as so many `times`; `limit` as
    60/m. None while the cache cannot be reached.

    `environ` remembers the count, so that the request is counted once and the count can be taken
    back. All requests of a `site` together are limited to SITE_FACTOR times the limit; the tighter
    result is returned.
    """
    known: MutableMapping[str, Any] = {} if environ is None else environ
    return _tightest(
        _spend_once(each, known, times, in_blocks) for each in _counts(group, who, limit, site)
    )


def spend_at_once(count: Count) -> Usage | None:
    """Counts a request from a block without waiting; None if no block has anything left."""
    return _blocks.take(count)


def has_at_once(count: Count) -> bool:
    """Whether `spend_at_once` would succeed now."""
    return _blocks.has(count)


def refill() -> None:
    """Waits until half of a block is used, and takes the next from the cache."""
    _blocks.refill_next()


def look(group: str, who: str, limit: str, *, site: str = "") -> Usage | None:
    """What `who` has left; counts nothing. None while the cache cannot be reached."""
    return _tightest(map(_look_once, _counts(group, who, limit, site)))


def forgive(environ: MutableMapping[str, Any], group: str = "") -> None:
    """Takes the counts of the request back: those of a group, or all."""
    counted = environ.get(COUNTED, {})
    groups = [group, f"{group}-site"] if group else list(counted)
    for key, times, _ in [counted.pop(each) for each in groups if each in counted]:
        with suppress(Exception):  # the cache cannot be reached, or the window is over
            cache.decr(key, times)


def insist(environ: MutableMapping[str, Any]) -> None:
    """Lets the counts of the request stand, even if it is answered 503: it left something, which
    nobody may do without end."""
    environ.get(COUNTED, {}).clear()


def _counts(group: str, who: str, limit: str, site: str) -> Iterator[Count]:
    """The counters of a request."""
    yield group, who, limit
    if site and site != who:
        count, _, period = limit.partition("/")
        yield f"{group}-site", site, f"{int(count) * SITE_FACTOR}/{period}"


def _tightest(usages: Iterable[Usage | None]) -> Usage | None:
    """The first that is exceeded, or the one with the least left.

    Stops at the first, so that refused requests of one household do not count for its neighbours.
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
    count: Count, environ: MutableMapping[str, Any], times: int, in_blocks: bool
) -> Usage | None:
    counted: dict[str, tuple[str, int, Usage]] = environ.setdefault(COUNTED, {})
    group, who, limit = count
    if group in counted:
        return counted[group][-1]
    requests, period = _rate(limit)
    window = _get_window(who, period)
    key = _name(group, window, (requests, period), who)
    try:
        usage = _blocks.take_or_fill(count) if in_blocks and times == 1 else None
        if usage is None:
            usage = _usage(_more(key, period, times), requests, window)
    except Exception:
        # Backends share no class of errors. The cache logs the outage itself.
        return None
    counted[group] = (key, times, usage)
    return usage


@dataclass(slots=True)
class _Block:
    """The rest of a counter in this process: numbers of requests, up to `limit` in the window.

    `size`: how many are taken from the cache at a time. `low`: at this number the next are taken.
    `filling`: held while the cache is asked; only requests of the same counter wait for it.
    """

    window: int
    limit: int
    size: int
    rest: deque[int] = field(default_factory=deque)
    low: int = 0
    filling: Lock = field(default_factory=Lock)


class _Blocks:
    """The blocks that this process has taken from the cache and not used up."""

    def __init__(self) -> None:
        self.blocks: dict[Count, _Block] = {}
        self.making = Lock()
        self.wanted: SimpleQueue[Count] = SimpleQueue()

    def take(self, count: Count) -> Usage | None:
        """Counts a request; None if the window's blocks have nothing left."""
        block = self.blocks.get(count)
        if block is None or block.window < int(time()):
            return None
        try:
            number = block.rest.popleft()  # atomic, whatever other threads do
        except IndexError:
            return None
        if number == block.low:
            self.wanted.put(count)
        return _usage(number, block.limit, block.window)

    def has(self, count: Count) -> bool:
        block = self.blocks.get(count)
        return block is not None and block.window >= int(time()) and bool(block.rest)

    def take_or_fill(self, count: Count) -> Usage | None:
        """`take`, with a new block if nothing is left; None if there is no block.

        Raises the cache's errors.
        """
        usage = self.take(count)
        if usage is None and (block := self._block(count)) is not None:
            with block.filling:  # the second of two threads uses what the first gets
                usage = self.take(count)
                if usage is None:
                    _fill(block, count)
                    usage = self.take(count)
        return usage

    def refill_next(self) -> None:
        count = self.wanted.get()
        if (block := self._block(count)) is not None:
            with block.filling, suppress(Exception):  # no cache: requests will find out
                _fill(block, count)

    def _block(self, count: Count) -> _Block | None:
        """The block of the present window; None for limits that are too small for blocks, or if too
        many names have one."""
        _, who, limit = count
        requests, period = _rate(limit)
        window, size = _get_window(who, period), min(requests // BLOCKS, MOST_IN_BLOCK)
        with self.making:
            block = self.blocks.get(count)
            if block is None or block.window != window:
                if len(self.blocks) >= MOST_BLOCKS:
                    now = time()
                    self.blocks = {of: it for of, it in self.blocks.items() if it.window > now}
                if len(self.blocks) >= MOST_BLOCKS or size < 2:
                    return None
                block = self.blocks[count] = _Block(window, requests, size)
        return block

    def unused(self, count: Count, window: int) -> int:
        block = self.blocks.get(count)
        return len(block.rest) if block is not None and block.window == window else 0


def _fill(block: _Block, count: Count) -> None:
    """Takes the next numbers from the cache. Raises the cache's errors."""
    group, who, limit = count
    _, period = rate = _rate(limit)
    last = _more(_name(group, block.window, rate, who), period, block.size)
    block.low = last - block.size // 2
    block.rest.extend(range(last - block.size + 1, last + 1))


_blocks = _Blocks()


def _look_once(count: Count) -> Usage | None:
    group, who, limit = count
    requests, period = _rate(limit)
    window = _get_window(who, period)
    try:
        counted = cache.get(_name(group, window, (requests, period), who), 0)
    except Exception:
        return None
    return _usage(max(counted - _blocks.unused(count, window), 0), requests, window)


def _more(key: str, period: int, requests: int) -> int:
    """The count, increased by this many requests."""
    with suppress(ValueError):  # the first request of the window
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
