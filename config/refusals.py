"""Error pages for refused requests: too many requests, a large form, no database, a full disk, no
form, no session in the panel."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from api.middleware import is_for_machines
from config.errors import not_allowed, page_for_outage
from web import errors
from web.accounts import MailNotSent
from web.limits import TooMany
from web.signed_in import sign_in_first
from web.uploads import BodyTooLarge


class Refusals:
    """Middleware for pages. api.errors chooses the answers for machines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        entrance = reverse("admin:login")
        if request.method == "POST" and response.headers.get("Location", "").startswith(entrance):
            return sign_in_first(request, entrance)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or is_for_machines(
            request.path_info
        ):
            return response
        return not_allowed(request, response.headers["Allow"])

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_for_machines(request.path_info):
            return None
        match error:
            case TooMany():
                return errors.too_many(request, error.seconds)
            case MailNotSent():
                return errors.no_mail(request, ever=error.ever)
            case BodyTooLarge():
                return errors.too_large(request)
        return page_for_outage(request, error)
