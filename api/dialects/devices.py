"""Requests of PhoneBlock's dongle and apps other than lookups: account, log, and ways to pages."""

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from api.dialects.gate import TEXT, Visit
from api.errors import InvalidField
from api.rendering import dump
from edge import page_of
from reputation.identity import calling_code

# A ticket names a page, and gives no access. Seconds between the device and its browser.
TICKET = "api.dialects.devices"
TICKET_SECONDS = 300


def account(visit: Visit) -> HttpResponse:
    """The key's calling code, by which the dongle reads national numbers."""
    code = calling_code(visit.known_caller.region)
    body = {"dialPrefix": f"+{code}"} if code else {}
    return HttpResponse(dump(body), content_type="application/json")


def log(visit: Visit) -> HttpResponse:
    """Accepts the dongle's daily log and stores nothing of it: it may contain the numbers of
    callers."""
    return HttpResponse(status=204, content_type=TEXT)


def login_ticket(visit: Visit) -> HttpResponse:
    """A ticket to a page. At PhoneBlock it also signs a browser in; here it never does, since a
    signed-in user may do more than any key."""
    following = visit.request.POST.get("next", "")
    if not following.startswith("/nums/"):
        raise InvalidField("next", "next must be the page of a number: /nums/0049….")
    ticket = signing.dumps(following, salt=TICKET)
    return HttpResponse(dump({"ticket": ticket}), content_type="application/json")


@require_safe
def follow_ticket(request: HttpRequest) -> HttpResponse:
    """Redirects a browser to the page of its ticket, or to the first page if the ticket is too
    old."""
    try:
        following = signing.loads(
            request.GET.get("t", ""), salt=TICKET, max_age=TICKET_SECONDS
        ).removeprefix("/nums/")
    except signing.BadSignature:
        return HttpResponseRedirect("/")
    return number(request, following)


@require_safe
def number(request: HttpRequest, number: str) -> HttpResponse:
    """Redirects to the page of a number, which these devices write with 00 instead of a plus."""
    key = f"+{number[2:]}" if number.startswith("00") else number
    return HttpResponseRedirect(page_of(key))


@require_safe
def log_in(request: HttpRequest) -> HttpResponse:
    """Redirects to the page where the user gives an app or a device a key (api.pairing)."""
    return HttpResponseRedirect(f"/pair?{request.META.get('QUERY_STRING', '')}")
