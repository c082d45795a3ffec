"""Views for signed-in people."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from api.callers import KeyRefused
from reputation.models import Reporter
from web import kept
from web.people import voice_of


def signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view for signed-in people; others sign in first, and keep what they typed.

    Its pages must not be cached.
    """
    view = never_cache(view)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            try:
                return view(request, *args, **kwargs)
            except (User.DoesNotExist, KeyRefused):
                pass  # deleted or erased while the request waited
        return sign_in_first(request, resolve_url("account_request_login_code"))

    return inner


def sign_in_first(request: HttpRequest, entrance: str) -> HttpResponse:
    """Leads to the page for signing in. A form that was sent without a session stays on a page that
    can send it again."""
    if request.method == "POST" and kept.fields_of(request):
        return kept.page(
            request,
            403,
            _("Please sign in again"),
            _("Your session has ended. What you typed is still here: sign in, then send it."),
            sign_in=f"{entrance}?{urlencode({'next': reverse('signed-in')})}",
        )
    return redirect_to_login(_page_of(request), entrance)


def person(request: HttpRequest) -> User:
    """The signed-in user, only for views inside signed_in."""
    assert isinstance(request.user, User)  # noqa: S101 -- signed_in has seen to it
    return request.user


def voice(request: HttpRequest) -> Reporter | None:
    """The voice of the signed-in user for reading; None before the first statement."""
    return voice_of(person(request))


def own_voice(request: HttpRequest) -> Reporter:
    """The same, for what belongs to one voice. Who has none has nothing there, and gets 404."""
    if (reporter := voice(request)) is None:
        raise Http404
    return reporter


def _page_of(request: HttpRequest) -> str:
    """The page to which a person returns after signing in: for a single button, the page with the
    button."""
    sender = urlsplit(request.headers.get("Referer", ""))
    if (
        request.method != "POST"
        or sender.netloc != request.get_host()
        or not kept.is_from_here(request)
    ):
        return request.get_full_path()
    return sender._replace(scheme="", netloc="", fragment="").geturl()
