"""Rate limits, by whose key it is or by address: settings.RATE_LIMITS, counted by edge.counted.

While the cache cannot be reached, requests are admitted: a failed lookup harms a person more than
an uncounted request.
"""

from collections.abc import MutableMapping
from typing import Any

from django.conf import settings

from api import metrics
from api.callers import Caller
from edge import Count, Usage, client_address, household, look, site, spend

ANONYMOUS, KEY, PERSON = "anonymous", "key", "person"


class LimitExceeded(Exception):
    """Too many requests: wait for `usage.reset` seconds."""

    def __init__(self, usage: Usage) -> None:
        super().__init__(f"Too many requests. Try again in {max(usage.reset, 1)} seconds.")
        self.usage = usage


def headers_of(usage: Usage) -> dict[str, str]:
    headers = {
        "RateLimit-Limit": str(usage.limit),
        "RateLimit-Remaining": str(usage.remaining),
        "RateLimit-Reset": str(usage.reset),
    }
    if usage.exceeded:
        headers["Retry-After"] = str(max(usage.reset, 1))
    return headers


def count(
    group: str,
    caller: Caller | None,
    environ: MutableMapping[str, Any],
    *,
    in_blocks: bool = False,
) -> Usage | None:
    """Counts a request by whose key it shows, or by its address without one. Raises
    LimitExceeded."""
    around = ""
    if caller is not None:
        kind, value = whose(caller)
    else:
        address = client_address(environ)
        kind, value, around = ANONYMOUS, household(address), site(address)
    limit = limit_of(group, kind, caller)
    usage = use(group, kind, value, environ, around=around, limit=limit, in_blocks=in_blocks)
    if usage is not None and usage.exceeded:
        metrics.REFUSALS.labels(group, kind).inc()
        raise LimitExceeded(usage)
    return usage


def whose(caller: Caller) -> tuple[str, str]:
    """The column of the table, and who is counted: a voice with all keys that speak for it, since a
    key makes others, or an organisation."""
    if caller.personal:
        return PERSON, str(caller.reporter_id)
    return KEY, f"grant-{caller.grant}" if caller.grant else str(caller.reporter_id)


def limit_of(group: str, kind: str, caller: Caller | None) -> str | None:
    """The limit from the table, or from the organisation's grant; None for none."""
    if group == "lookup" and caller is not None and caller.grant:
        return f"{caller.lookups_per_minute}/m"
    return settings.RATE_LIMITS[group][kind]


def use(
    group: str,
    kind: str,
    value: str,
    environ: MutableMapping[str, Any] | None = None,
    *,
    around: str = "",
    limit: str | None = None,
    in_blocks: bool = False,
) -> Usage | None:
    """Counts one request of `group` by a key or an address, and returns what is left of the limit.

    `around` is the site of an address. `limit`: replaces the table's.

    None if the table sets no limit, or if the cache cannot be reached.
    """
    limit = limit or settings.RATE_LIMITS[group][kind]
    if limit is None:
        return None
    around = around and f"{kind}:{around}"
    usage = spend(group, f"{kind}:{value}", limit, environ, site=around, in_blocks=in_blocks)
    if usage is None:
        metrics.UNCOUNTED.labels(group).inc()
    return usage


def left(group: str, caller: Caller) -> Usage | None:
    """What is left of a caller's limit; counts nothing."""
    counted = counted_as(group, caller)
    return None if counted is None else look(*counted)


def counted_as(group: str, caller: Caller) -> Count | None:
    """The counter of a caller's requests of `group`; None without a limit."""
    kind, value = whose(caller)
    limit = limit_of(group, kind, caller)
    return None if limit is None else (group, f"{kind}:{value}", limit)
