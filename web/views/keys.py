"""The person's own keys: make, name, see the last use, revoke."""

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from api import keys
from api.models import ApiKey
from reputation.identity import REGIONS
from reputation.privacy import without_controls
from web import locality, wording
from web.forms import CountryField, CountryForm
from web.limits import limited
from web.people import speaking
from web.signed_in import own_voice, person, signed_in, voice

# What a key may do, in words.
WORDS = {
    "lookup": gettext_lazy("Look numbers up"),
    "report": gettext_lazy("Report numbers in your name, and read your reports"),
    "feed": gettext_lazy("Download the whole list"),
    "compat": gettext_lazy("All that apps for PhoneBlock ask for, such as SpamBlocker"),
}


# How long a sent form is remembered: after a broken connection people try again within minutes.
SENT_AGAIN = 3600  # seconds


class KeyForm(CountryForm):
    name = forms.CharField(
        label=gettext_lazy("Name: where you use it"),
        max_length=keys.NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    country = CountryField(
        label=gettext_lazy("Country of its line, for numbers without a country code")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=list(WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=["lookup"],
    )

    def clean_name(self) -> str:
        name = name_from(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(self.fields["name"].error_messages["required"])
        return name


@signed_in
@limited("link")
@require_http_methods(["GET", "HEAD", "POST"])
def my_keys(request: HttpRequest) -> HttpResponse:
    form = _form(request, request.POST) if request.method == "POST" else None
    if form is None or not form.is_valid():
        return _page(request, form)
    now, entered = timezone.now(), form.cleaned_data
    try:
        with speaking(person(request), now=now) as reporter:
            _key, token = made_once(
                request,
                lambda: keys.create_key(
                    name=entered["name"],
                    scopes=entered["scopes"],
                    region=entered["country"],
                    reporter=reporter,
                    now=now,
                ),
            )
    except keys.TooManyKeys:
        form.add_error(None, wording.TOO_MANY_KEYS)
        return _page(request, form)
    return _page(request, token=token)


@transaction.atomic
def made_once(request: HttpRequest, make: Callable[[], tuple[ApiKey, str]]) -> tuple[ApiKey, str]:
    """A key and its secret, made by `make`, for a page that shows it.

    If a form is sent twice, by a double click or after a broken connection, people see only the
    second answer. Its key replaces the first key, unless that was used.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=person(request).pk)
    sent = f"{user.pk} {request.path} {form_of(request)}"
    name = f"web-key:{hashlib.sha256(sent.encode()).hexdigest()}"
    known = 0
    with suppress(Exception):  # the cache cannot be reached
        known = cache.get(name, 0)
    before = ApiKey.objects.filter(pk=known, revoked_at=None, last_used_at=None).first()
    if before is not None:
        keys.revoke_key(key=before, now=timezone.now())
        text = _("This form came twice: this key is in the place of the first.")
        messages.info(request, text)
    key, token = make()
    with suppress(Exception):
        cache.set(name, key.pk, SENT_AGAIN)
    return key, token


def form_of(request: HttpRequest) -> str:
    """What tells this opened page from all others: the CSRF token that it got."""
    return request.POST.get("csrfmiddlewaretoken") or secrets.token_hex()


def region_of(request: HttpRequest) -> str:
    """The country that a form names; "" for none."""
    country = request.POST.get("country", "")
    return country if country in REGIONS else ""


def name_from(typed: str) -> str:
    """The name of a key in a form that can be shown."""
    shown = "".join(filter(str.isprintable, without_controls(typed)))
    return shown.strip()[: keys.NAME_LENGTH]


@signed_in
@limited("link")
@require_POST
def revoke(request: HttpRequest, prefix: str) -> HttpResponse:
    reporter = own_voice(request)
    try:
        closed = keys.revoke_own(reporter_id=reporter.pk, prefix=prefix, now=timezone.now())
    except keys.KeyNotFound:
        raise Http404 from None
    messages.success(request, _("The key is revoked: it opens nothing any more."))
    if made := [key.name for key in closed[1:]]:
        text = _("The keys that were made with it are revoked too: %(names)s.")
        messages.success(request, text % {"names": ", ".join(made)})
    return redirect("my-keys")


def _form(request: HttpRequest, data: Any = None) -> KeyForm:
    initial = {"country": locality.country_of(request)}
    return KeyForm(data, language=locality.language_of(request), initial=initial)


def _page(request: HttpRequest, form: KeyForm | None = None, *, token: str = "") -> HttpResponse:
    reporter = voice(request)
    now = timezone.now()
    own = (
        keys.keys_of(reporter.pk, now=now).select_related("made_with")
        if reporter is not None
        else []
    )
    shown = [(key, [WORDS.get(scope, scope) for scope in key.scopes]) for key in own]
    context = {"keys": shown, "form": form or _form(request), "token": token}
    wrong = form is not None and form.errors
    return render(request, "web/my_keys.html", context, status=400 if wrong else 200)
