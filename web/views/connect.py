"""Connects a phone: lists the clients, makes a key for one, and shows whether it has sent a
request."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api import callers, keys
from api.callers import KeyRefused
from api.views.feeds import send_snapshot
from reputation.feeds import NotPublished, snapshots
from web import connecting, locality, wording
from web.clients import CLIENTS, GROUPS, Client, Step
from web.limits import limited
from web.people import speaking
from web.signed_in import own_voice, person, signed_in
from web.views.keys import WORDS, made_once, region_of

# An iPhone recognizes a profile by its type.
TYPES = {"mobileconfig": "application/x-apple-aspen-config"}
OTHER = "application/octet-stream"


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    return render(request, "web/connect.html", {"groups": GROUPS})


@signed_in
@limited("link", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    """A form; afterwards the key and what to enter where."""
    client = _client(slug)
    if request.method != "POST":
        return _page(request, client)
    now = timezone.now()
    region = region_of(request)
    try:
        with speaking(person(request), now=now) as reporter:
            key, token = made_once(
                request,
                lambda: keys.create_key(
                    name=str(client.title),
                    scopes=list(client.scopes),
                    region=region,
                    reporter=reporter,
                    now=now,
                ),
            )
    except keys.TooManyKeys:
        messages.error(request, wording.TOO_MANY_KEYS)
        return redirect("my-keys")
    steps = [_shown(step, token, region) for step in client.steps]
    response = _page(request, client, key=key, token=token, region=region, steps=steps)
    locality.keep_country(response, region)
    return response


@signed_in
@limited("download")
@require_POST
def file(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """A part as a file. Only this page has the key."""
    step = next((step for step in _client(slug).steps if step.file and step.part == part), None)
    token = request.POST.get("token", "")
    reporter = own_voice(request)
    try:
        owner = callers.find(token, now=timezone.now()).reporter_id
    except KeyRefused:
        raise Http404 from None
    if step is None or owner != reporter.pk:
        raise Http404
    filled = connecting.parts()[part].filled(token=token, region=region_of(request))
    response = HttpResponse(filled.code, TYPES.get(step.file.rpartition(".")[2], OTHER))
    response["Content-Disposition"] = f'attachment; filename="{step.file}"'
    return response


@signed_in
@limited("download")
@require_safe
def download(request: HttpRequest, format: str) -> HttpResponseBase:
    """The list as a file, for people without a program that fetches it."""
    if format not in {
        step.feed for client in CLIENTS.values() for step in client.steps if step.feed
    }:
        raise Http404
    try:
        return send_snapshot(request, snapshots.NUMBERS, format, cacheable="private")
    except NotPublished:
        messages.error(request, _("There is no list yet. Try again in a few minutes."))
        return redirect("connections")


@signed_in
@require_safe
def seen(request: HttpRequest, prefix: str) -> HttpResponse:
    """Whether a key of this person has already sent a request."""
    own = keys.keys_of(own_voice(request).pk, now=timezone.now())
    return render(request, "web/seen.html", {"key": get_object_or_404(own, prefix=prefix)})


def _client(slug: str) -> Client:
    if slug not in CLIENTS:
        raise Http404
    return CLIENTS[slug]


def _shown(step: Step, token: str, region: str) -> dict[str, Any]:
    if not step.part:
        return {"text": step.text, "feed": step.feed}
    part = connecting.parts()[step.part].filled(token=token, region=region)
    return {
        "text": step.text,
        "name": step.part,
        "part": part,
        "file": step.file,
        "feed": step.feed,
        # The last row of a table is the key.
        "qr": connecting.qr(part.code or part.rows[-1][1]) if step.scanned else "",
    }


def _page(request: HttpRequest, client: Client, **more: Any) -> HttpResponse:
    context = {
        "client": client,
        "may": [WORDS[scope] for scope in client.scopes],
        "countries": locality.countries(locality.language_of(request)),
        "country": locality.country_of(request),
        **more,
    }
    return render(request, "web/connect_client.html", context)
