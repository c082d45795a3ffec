"""Caches counts that everybody may request, so that they are seldom computed."""

from collections.abc import Callable
from contextlib import suppress

from django.core.cache import cache


def cached[T](name: str, count: Callable[[], T], *, seconds: float) -> T:
    """The result of `count`, which must not be None, cached for `seconds`. Computed each time while
    there is no cache."""
    with suppress(Exception):
        found: T | None = cache.get(name)
        if found is not None:
            return found
    found = count()
    with suppress(Exception):
        cache.set(name, found, seconds)
    return found
