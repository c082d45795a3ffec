"""Rate limits, by key or by address, counted by django-ratelimit in the shared cache.

settings.RATE_LIMITS is the table of limits. A broken cache lets requests through with a log line:
a failed lookup harms a person more than an uncounted request.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django_ratelimit.core import get_usage

from api import metrics
from api.keys import Caller
from edge import client_address, household

logger = logging.getLogger(__name__)

ANONYMOUS, KEY = "anonymous", "key"
PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Usage:
    """`remaining` requests of `limit` until the window ends in `reset` seconds."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        if self.exceeded:
            headers["Retry-After"] = str(max(self.reset, 1))
        return headers


class LimitExceeded(Exception):
    """Too many requests: wait for `usage.reset` seconds."""

    def __init__(self, usage: Usage) -> None:
        super().__init__(f"Too many requests. Try again in {max(usage.reset, 1)} seconds.")
        self.usage = usage


def count(group: str, caller: Caller | None, headers: Mapping[str, str]) -> Usage | None:
    """Counts a request by its key, or by its address without one. Raises LimitExceeded."""
    if caller is not None:
        usage = use(group, KEY, str(caller.key_id))
    else:
        usage = use(group, ANONYMOUS, household(client_address(headers)))
    if usage is not None and usage.exceeded:
        metrics.REFUSALS.labels(group, ANONYMOUS if caller is None else KEY).inc()
        raise LimitExceeded(usage)
    return usage


def use(group: str, kind: str, value: str, *, increment: bool = True) -> Usage | None:
    """Counts one request of `group` by a key or an address, and returns the rest of the limit.

    None when the table sets no limit, or when the cache is unreachable.
    """
    limit = settings.RATE_LIMITS[group][kind]
    if limit is None:
        return None
    try:
        usage = get_usage(
            None,
            group=group,
            key=lambda _group, _request: f"{kind}:{value}",
            rate=_rate(limit),
            increment=increment,
        )
    except Exception:
        # Any exception of a cache backend: Redis and socket errors share no base class.
        logger.exception("rate limit not counted: the cache is unreachable")
        metrics.UNCOUNTED.labels(group).inc()
        return None
    if usage is None or usage["time_left"] < 0:
        return None
    return Usage(
        limit=usage["limit"],
        remaining=max(usage["limit"] - usage["count"], 0),
        reset=usage["time_left"],
        exceeded=usage["should_limit"],
    )


# Parsed once per limit; django-ratelimit would parse it twice per request.
@cache
def _rate(limit: str) -> tuple[int, int]:
    """Requests and seconds."""
    count, _, period = limit.partition("/")
    return int(count), PERIODS[period]
