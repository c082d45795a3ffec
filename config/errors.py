"""Errors outside a view, by who asked: a machine gets problem details, a person a page."""

from django.http import HttpRequest, HttpResponse

from api import errors as api
from api.middleware import MACHINES
from web import errors as web


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = api.bad_request if _is_machine(request) else web.bad_request
    return answer(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No machine meets this: what a key may not do is said by api.errors."""
    return web.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = api.not_found if _is_machine(request) else web.not_found
    return answer(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return api.server_error(request) if _is_machine(request) else web.server_error(request)


def _is_machine(request: HttpRequest) -> bool:
    """By where it asked, and elsewhere by whether it could read a page: a client that has the
    address wrong is told so in words it understands."""
    if MACHINES.match(request.path_info):
        return True
    return "text/html" not in request.headers.get("Accept", "")
