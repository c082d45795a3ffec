"""Rate limits on pages, by address: settings.PAGE_LIMITS, counted by edge.counted.

An unreachable cache lets people through, as in the API.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from edge import client_address, household
from edge import spend as count

type View = Callable[..., HttpResponseBase]


class TooMany(Exception):
    """The client must wait for `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many requests. Try again in {seconds} seconds.")
        self.seconds = seconds


def spend(request: HttpRequest, group: str) -> None:
    """Counts a request of `group` by its address. Raises TooMany."""
    address = household(client_address(request.META))
    usage = count(f"page-{group}", address, settings.PAGE_LIMITS[group], request.META)
    if usage is not None and usage.exceeded:
        raise TooMany(max(usage.reset, 1))


def limited(group: str, *, methods: tuple[str, ...] = ("GET", "POST")) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods:
                spend(request, group)
            return view(request, *args, **kwargs)

        return counted

    return decorate
