"""Exceptions of page views as error pages: too many requests, a large form, no database."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from redis import RedisError

from api.middleware import MACHINES
from edge import is_outage
from web import errors
from web.accounts import MailNotSent
from web.limits import TooMany
from web.uploads import BodyTooLarge

logger = logging.getLogger(__name__)


class Refusals:
    """Middleware for pages. api.errors chooses the answers for machines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if MACHINES.match(request.path_info):
            return None
        match error:
            case TooMany():
                return errors.too_many(request, error.seconds)
            case MailNotSent():
                return errors.no_mail(request, ever=error.ever)
            case BodyTooLarge():
                return errors.too_large(request)
        if isinstance(error, RedisError) or is_outage(error):
            logger.error("database or cache unavailable: %s", error)
            return errors.unavailable(request)
        return None
