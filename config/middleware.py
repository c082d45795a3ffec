from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from api.middleware import MACHINES
from web import locality


def in_their_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A page speaks its reader's language and clock; the API speaks English.

    Either way the thread has its former language afterwards: the next request on it may be a lookup
    that never meets Django's middleware (api.wsgi).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if MACHINES.match(request.path_info):
            with translation.override("en"):
                return get_response(request)
        with locality.of(request):
            response = get_response(request)
            locality.note(response)
        return response

    return middleware
