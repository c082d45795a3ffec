from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from api.middleware import is_for_machines
from web import locality


def in_their_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: pages use the reader's language and clock, the API uses English.

    Restores the thread's language afterwards: the next request in the thread may be a lookup that
    bypasses Django's middleware (api.wsgi).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_for_machines(request.path_info):
            with translation.override("en"):
                return get_response(request)
        with locality.of(request):
            response = get_response(request)
            locality.note(response)
        return response

    return middleware


def signing_in_uncached(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no cache keeps the pages of signing in. They show secrets of second factors and
    recovery codes, which who comes to the browser later would find; allauth says so of some."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith("/accounts/"):
            add_never_cache_headers(response)
        return response

    return middleware
