"""/compat/cidlookup/{number}: the body becomes the caller's name on the phone.

FreePBX can put the number only into the query: /compat/cidlookup?number=… means the same.

FreeSWITCH shows any body, errors included, and FreePBX's Superfecta drops a body that is just `1`.
So the body is a name or empty, and an error consists of its status alone.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.dialects.gate import TEXT, Visit, number_of, with_plus
from reputation import lookup
from reputation.lookup import Answer
from reputation.scoring import CATEGORIES, Action

PATH = re.compile(r"/+compat/+cidlookup(?:/|$)")
BLOCKED, FLAGGED = "SPAM", "Spam?"


def look_up(visit: Visit, number: str = "") -> HttpResponse:
    identity = number_of(number or with_plus(visit.asked("number")), visit.caller)
    attestation = visit.asked("attestation")
    answer = visit.own(lookup.look_up(identity, now=visit.now, attestation=attestation))
    return HttpResponse(name_of(answer), content_type=TEXT)


def name_of(answer: Answer) -> str:
    """The name that a phone shows: a warning, else the verified name, else nothing. Never `1`."""
    if answer.action == Action.ALLOW.value:
        return "" if answer.name == "1" else answer.name
    warning = BLOCKED if answer.action == Action.BLOCK.value else FLAGGED
    category = CATEGORIES.get(answer.category)
    return f"{warning} {category.label}" if category else warning


def complain(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    return HttpResponse(b"", status=status, content_type=TEXT)


def is_shown(path: str) -> bool:
    """Whether who asks at this path shows every body as the caller's name."""
    return PATH.match(path) is not None


def quiet_errors(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: empties errors that never reach the view, such as a host that is not allowed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code >= 400 and is_shown(request.path_info):
            response.content = b""
            response.headers["Content-Type"] = TEXT
        return response

    return middleware
