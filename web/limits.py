"""Rate limits on pages: settings.PAGE_LIMITS, counted by edge.counted.

By account, or by address without one, since a carrier puts thousands of people behind one address.
While the cache cannot be reached, requests are admitted, as in the API.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

import edge
from web.people import mailbox_of

type View = Callable[..., HttpResponseBase]


class TooMany(Exception):
    """The client must wait for `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many requests. Try again in {seconds} seconds.")
        self.seconds = seconds


def spend(request: HttpRequest, group: str, *, times: int = 1) -> None:
    """Counts a request of `group`, or a request that does as much as so many. Raises TooMany."""
    _require(_spend(request, group, times))


def spend_of(who: str, request: HttpRequest, group: str) -> None:
    """Counts what a request does to somebody else, such as a mail to their address. Raises
    TooMany."""
    _require(edge.spend(f"page-{group}", who, settings.PAGE_LIMITS[group], request.META))


def _require(usage: edge.Usage | None) -> None:
    if usage is not None and usage.exceeded:
        raise TooMany(max(usage.reset, 1))


def left(request: HttpRequest, group: str) -> int | None:
    """How often `group` may be done now; None while the cache cannot be reached."""
    usage = _look(request, group)
    return None if usage is None else usage.remaining


def _spend(request: HttpRequest, group: str, times: int = 1) -> edge.Usage | None:
    name, who, limit, site = _limit_of(request, group)
    return edge.spend(name, who, limit, request.META, site=site, times=times)


def _look(request: HttpRequest, group: str) -> edge.Usage | None:
    name, who, limit, site = _limit_of(request, group)
    return edge.look(name, who, limit, site=site)


def _limit_of(request: HttpRequest, group: str) -> tuple[str, str, str, str]:
    """The group, who is counted in it, the limit, and the site of an address."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        # By the mailbox, which has one voice: however many accounts its addresses have, and however
        # often they were deleted.
        who, site = f"user:{mailbox_of(user) or user.pk}", ""
    else:
        address = edge.client_address(request.META)
        who, site = edge.household(address), edge.site(address)
    return f"page-{group}", who, settings.PAGE_LIMITS[group], site


def limited(group: str, *, methods: tuple[str, ...] = ("GET", "POST")) -> Callable[[View], View]:
    """Counts lookups and accepted forms. Refused forms have a limit of their own, so that mistakes
    do not use up the right to report, and nobody can send rubbish without end.

    A form is counted before it is read, and the count is taken back if it is refused: of forms that
    come at once, no more than the limit are accepted.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # Who asks for the head of a page costs as much, and learns its length.
            method = "GET" if request.method == "HEAD" else request.method
            if method not in methods:
                return view(request, *args, **kwargs)
            if method == "GET":
                spend(request, group)
                return view(request, *args, **kwargs)
            usage = _look(request, "refused")
            if usage is not None and not usage.remaining:
                raise TooMany(max(usage.reset, 1))
            spend(request, group)
            accepted = False
            try:
                response = view(request, *args, **kwargs)
                accepted = response.status_code < 400
            finally:
                if not accepted:
                    edge.forgive(request.META, f"page-{group}")
            if not accepted:
                _spend(request, "refused")
            return response

        return counted

    return decorate
