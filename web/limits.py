"""Rate limits on pages, by address: settings.PAGE_LIMITS, counted by django-ratelimit.

A broken cache lets people through with a log line, as in the API.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_ratelimit.core import get_usage

from edge import client_address, household

logger = logging.getLogger(__name__)

type View = Callable[..., HttpResponseBase]


class TooMany(Exception):
    """The client must wait for `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many requests. Try again in {seconds} seconds.")
        self.seconds = seconds


def spend(request: HttpRequest, group: str) -> None:
    """Counts a request of `group` by its address. Raises TooMany."""
    address = household(client_address(request.META))
    try:
        usage = get_usage(
            None,
            group=f"page-{group}",
            key=lambda _group, _request: address,
            rate=settings.PAGE_LIMITS[group],
            increment=True,
        )
    except Exception:
        logger.exception("page limit not counted: the cache is unreachable")
        return
    if usage is not None and usage["should_limit"] and usage["time_left"] >= 0:
        raise TooMany(max(usage["time_left"], 1))


def limited(group: str, *, methods: tuple[str, ...] = ("GET", "POST")) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods:
                spend(request, group)
            return view(request, *args, **kwargs)

        return counted

    return decorate
