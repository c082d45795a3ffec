"""What anybody may have counted: where there is a cache, it is counted once in a while."""

from collections.abc import Callable
from contextlib import suppress

from django.core.cache import cache


def kept[T](name: str, count: Callable[[], T], *, seconds: float) -> T:
    """What `count` returns, which is not None, or did so long ago at most. Without a cache it
    counts anew."""
    with suppress(Exception):
        found: T | None = cache.get(name)
        if found is not None:
            return found
    found = count()
    with suppress(Exception):
        cache.set(name, found, seconds)
    return found
