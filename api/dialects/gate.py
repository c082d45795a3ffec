"""Common parts of all endpoints of foreign protocols: key, limit, scope, and errors in their form.

Plain Django views rather than REST framework's: these protocols have their own formats, errors and
places for a key, and a client that gets any other answer blocks nothing, or the wrong people.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from api import callers
from api.admission import Admission
from api.callers import Caller
from api.errors import describe, require_plain
from api.problems import problem
from reputation.identity import Identity, InvalidNumber, identify
from reputation.lookup import Answer, with_own
from reputation.models import Reporter

logger = logging.getLogger(__name__)

SCOPE = "compat"
TEXT = "text/plain; charset=utf-8"
# The parameters that may hold a key in the address. tellows' clients use either of the first two.
KEY_NAMES = ("apikey", "apikeyMd5", "key")
# Basic, unlike in our own API: some of these clients send a password only after a challenge.
CHALLENGE = 'Basic realm="ringscore", charset="UTF-8"'
# In these protocols no parameter names a country.
NO_COUNTRY = (
    "The country is not clear from this number: write it with + and calling code, or use a key "
    "that has a country."
)

type Complain = Callable[[HttpRequest, int, str], HttpResponse]
type View = Callable[..., HttpResponse]


class NothingHere(Exception):
    """The protocol has no such address, or its part of the protocol is not supported here."""


class NotAllowed(Exception):
    """The address does not allow this method."""


class Forbidden(Exception):
    """The protocol forbids this to everybody."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One admitted request. `caller` is None where a protocol needs no key."""

    request: HttpRequest
    caller: Caller | None
    now: datetime

    def asked(self, name: str) -> str:
        """A query parameter; "" if it is missing."""
        return self.request.GET.get(name, "")

    @property
    def caller_name(self) -> str:
        """The name that the telephone call displays, if the protocol transmits it."""
        return self.asked("caller_name")

    def own(self, answer: Answer) -> Answer:
        """The answer with the own list of the key applied."""
        if self.caller is None or not self.caller.rules:
            return answer
        return with_own(answer, self.caller.rules, self.caller_name)

    @property
    def known_caller(self) -> Caller:
        return callers.require(self.caller)

    def reporter(self) -> Reporter:
        return Reporter.objects.get(pk=self.known_caller.reporter_id)


def endpoint(
    complain: Complain,
    *,
    limit: str,
    scope: str = SCOPE,
    anonymous: bool = False,
    key_in_query: bool = False,
) -> Callable[..., View]:
    """Turns {method: function of a Visit} into a Django view that answers all errors itself.

    `limit` is a row of settings.RATE_LIMITS. `anonymous`: a key is optional, and raises the limit.
    `key_in_query`: the protocol has no other place for the key.
    """

    def make(**methods: View) -> View:
        allowed = [*methods, *(["HEAD"] if "GET" in methods else [])]

        @csrf_exempt
        def view(request: HttpRequest, **path: str) -> HttpResponse:
            now = timezone.now()
            admission = Admission(limit, scope, anonymous=anonymous)
            more: dict[str, str] = {}
            try:
                act = methods.get("GET" if request.method == "HEAD" else str(request.method))
                if act is None:
                    raise NotAllowed(f"Use {' or '.join(methods)} here.")
                caller = _caller(request, now, scope if key_in_query else "")
                caller = admission.admit(caller, request.META, now=now)
                require_plain(request.headers)
                response = act(Visit(request, caller, now), **path)
            except Exception as error:
                status, detail, headers = _described(error, request)
                response = complain(request, status, detail)
                if status == 405:
                    response.headers["Allow"] = ", ".join(allowed)
                more = headers
            for name, value in (admission.headers | more).items():
                response.headers.setdefault(name, value)
            return response

        return view

    return make


def dead_end(complain: Complain) -> View:
    """A view for addresses that a protocol does not have."""

    @csrf_exempt
    def view(request: HttpRequest, **path: str) -> HttpResponse:
        return complain(request, 404, "There is nothing at this address.")

    return view


def text(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    return HttpResponse(detail, status=status, content_type=TEXT)


def number_of(raw: str, caller: Caller | None, *, allow_fictional: bool = True) -> Identity:
    """The identity of a number written as +49…, 0049… or in the national format of the key's
    region.

    Clients of these protocols write 00 for the plus in every country. Raises InvalidNumber.
    """
    bare = raw.strip()
    if bare.startswith("00") and bare[2:3] != "0":
        bare = "+" + bare[2:]
    region = caller.region if caller is not None else ""
    identity = identify(bare, region=region, allow_fictional=allow_fictional)
    # A plus before too few digits: without the plus, the digits are a service code of the region,
    # which nobody meant. These protocols answer 400, by which their clients count the mistakes in a
    # list.
    if bare.startswith("+") and identity.key == f"{region}:{bare[1:]}":
        raise InvalidNumber("impossible")
    return identity


def with_plus(number: str) -> str:
    """A number of an address or a form, where a plus that was not encoded reads as a blank."""
    return f"+{number[1:]}" if number[:1] == " " and number[1:2].isdigit() else number


def _caller(request: HttpRequest, now: datetime, in_query: str) -> Caller | None:
    """The caller. `in_query`: the only scope that a key in the address may have; "" if none is
    allowed."""
    token = next(filter(None, map(request.GET.get, KEY_NAMES)), "") if in_query else ""
    if not token:
        token = callers.presented(_mended(request.META))
        if in_query:
            token = token or request.META.get("HTTP_X_AUTH_TOKEN", "")
        return callers.find(token, now=now) if token else None
    # Authorization is ignored here, since Vonage puts its signature there, which is not a key.
    caller = callers.find(token, now=now)
    if caller.scopes != (in_query,):
        # Proxies log addresses, so a key in one must not permit more than this.
        raise callers.KeyRefused(f"A key in the address needs the scope `{in_query}` and no other.")
    return caller


def _mended(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """The headers with `Bearer: <key>` corrected, which old versions of PhoneBlock's app send."""
    shown = headers.get("HTTP_AUTHORIZATION", "")
    if shown[:7].lower() == "bearer:":
        return {"HTTP_AUTHORIZATION": f"Bearer {shown[7:].strip()}"}
    return headers


def _described(error: Exception, request: HttpRequest) -> tuple[int, str, dict[str, str]]:
    match error:
        case NothingHere():
            return 404, str(error), {}
        case NotAllowed():
            return 405, str(error), {}
        case Forbidden():
            return 403, str(error), {}
        case InvalidNumber(code="region_required"):
            return 400, NO_COUNTRY, {}
    described = describe(error, request.META)
    headers: dict[str, str] = {}
    if described is None:
        logger.error(
            "%s failed", request.resolver_match and request.resolver_match.route, exc_info=error
        )
        body = problem(500, "internal", "Something broke on our side.")
    else:
        body, headers = described
    if body["status"] == 401:
        headers = {"WWW-Authenticate": CHALLENGE}
    return body["status"], body["detail"], headers
