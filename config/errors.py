"""Errors outside of views: machines get problem details, people a page."""

from django.http import HttpRequest, HttpResponse

from api import errors as api
from api.middleware import is_for_machines
from web import errors as web


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = api.bad_request if _is_program(request) else web.bad_request
    return answer(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = api.not_found if _is_program(request) else web.not_found
    return answer(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return api.server_error(request) if _is_program(request) else web.server_error(request)


def _is_program(request: HttpRequest) -> bool:
    """Whether the client is a program: by path, and on other paths by whether it accepts HTML. So a
    client with a wrong address gets an error that it can read."""
    if is_for_machines(request.path_info):
        return True
    return "text/html" not in request.headers.get("Accept", "")
