"""The page on which a person gives an app or a device a key (api.pairing)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from api import keys, pairing
from api.pairing import Pairing
from web import kept, locality, wording
from web.forms import READING_IN, Form
from web.limits import limited
from web.people import speaking
from web.signed_in import person, signed_in
from web.views.keys import form_of, name_from, region_of


@signed_in
@limited("link", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """Asks the person, and grants the key. The parameters have PhoneBlock's names: appId, callback,
    state, tokenLabel."""
    asked = request.POST if request.method == "POST" else request.GET
    label = name_from(asked.get("tokenLabel", ""))
    try:
        wanted = pairing.asked(
            app=asked.get("appId", ""),
            callback=asked.get("callback", ""),
            state=asked.get("state", ""),
        )
        if request.method != "POST" or READING_IN in request.POST:
            return _page(request, wanted, label or wanted.app)
        return _grant(request, wanted, label or wanted.app)
    except pairing.PairedBefore:
        return kept.page(
            request,
            409,
            _("This link was used before"),
            _("It gives no second key. Start again in the app or on the device."),
            keep=False,
        )
    except pairing.PairingRefused as error:
        text = _(
            "No key was made. The app sent something that we do not accept (%(field)s). Start "
            "again in the app; if that does not help, tell its makers."
        )
        return kept.page(
            request, 400, _("This link is not right"), text % {"field": error.field}, keep=False
        )
    except keys.TooManyKeys:
        messages.error(request, wording.TOO_MANY_KEYS)
        return redirect("my-keys")


def _grant(request: HttpRequest, wanted: Pairing, name: str) -> HttpResponse:
    now = timezone.now()
    with speaking(person(request), now=now) as reporter:
        token = pairing.grant(
            pairing=wanted,
            name=name,
            region=region_of(request),
            reporter=reporter,
            form=form_of(request),
            now=now,
        )
    # Not HttpResponseRedirect, which refuses the schemes of apps: this address is registered.
    return HttpResponse(status=302, headers={"Location": wanted.answered(token)})


def _page(request: HttpRequest, wanted: Pairing, name: str) -> HttpResponse:
    context = {
        "pairing": wanted,
        "name": name,
        "countries": locality.countries(locality.language_of(request)),
        "country": region_of(request) or locality.country_of(request),
        "form": Form(),
    }
    response = render(request, "web/pair.html", context)
    # Browsers apply form-action to the redirection after a form too.
    csp = settings.SECURE_CSP
    response._csp_config = {**csp, "form-action": [*csp["form-action"], wanted.source]}  # type: ignore[attr-defined]
    return response
