"""Errors outside of views: machines get problem details, people a page."""

import inspect
import logging
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from redis import RedisError

from api import errors as api
from api.middleware import is_for_machines
from edge import is_full, is_outage
from web import errors as web

logger = logging.getLogger(__name__)

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, SessionInterrupted):
        # Django says of each session that cannot be saved that it was deleted meanwhile.
        for cause in _causes(exception):
            if page := page_for_outage(request, cause):
                return page
    answer = api.bad_request if _is_program(request) else web.bad_request
    return answer(request, exception)


def _causes(error: BaseException) -> Iterator[BaseException]:
    while error.__context__ is not None:
        error = error.__context__
        yield error


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = api.not_found if _is_program(request) else web.not_found
    return answer(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answers errors that neither a view nor `config.refusals` answered, such as those of a
    middleware. Django still handles the error meanwhile."""
    error = sys.exception()
    if _is_program(request):
        return api.server_error(request, error)
    return page_for_outage(request, error) or web.server_error(request)


def page_for_outage(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The page for an error of the database, the cache or the disk; None for another error."""
    if error is None:
        return None
    if isinstance(error, RedisError) or is_outage(error):
        logger.error("database or cache unavailable: %s", error)
        return web.unavailable(request)
    if is_full(error):
        logger.error("a file could not be kept", exc_info=error)
        return web.unavailable(request)
    return None


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """`allowed`: the methods that the address accepts, as in the header Allow."""
    if request.method not in ("GET", "HEAD") and _is_program(request):
        return api.not_allowed(request, allowed.split(", "))
    return web.not_allowed(request, allowed)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answers a request to a page that lacks the mark of its form.

    A body that is no form comes from a program with a wrong address. For methods that no form has,
    config.refusals writes the answer."""
    if request.method != "POST":
        return HttpResponseNotAllowed(_methods_of(request))
    if request.content_type not in FORMS and _is_program(request):
        return api.not_found(request, Http404())
    return web.csrf_failure(request, reason)


def _methods_of(request: HttpRequest) -> Sequence[str]:
    """The methods of the page that the request found: what `require_http_methods` was given, which
    stands in its closure only. Pages of the panel and of signing in were given none."""
    view: Any = request.resolver_match and request.resolver_match.func
    while view is not None:
        closure = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        if methods := closure.get("request_method_list"):
            return list(methods)
        view = getattr(view, "__wrapped__", None)
    return ["GET", "HEAD", "POST"]


def _is_program(request: HttpRequest) -> bool:
    """Whether the client is a program: by path, and on other paths by whether it accepts HTML. So a
    client with a wrong address gets an error that it can read."""
    if is_for_machines(request.path_info):
        return True
    return "text/html" not in request.headers.get("Accept", "")
