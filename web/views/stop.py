"""How to stop calls on the reader's phone, and the reader's numbers to block."""

from collections.abc import Iterable
from itertools import batched

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reputation.models import Report
from web import locality
from web.signed_in import signed_in, voice

# The most numbers that address books accept in one contact.
MOST_NUMBERS = 500


@require_safe
def stop(request: HttpRequest) -> HttpResponse:
    country = locality.place_of(request)
    context = {
        "country": country,
        "police": locality.police_of(country),
        "zones": locality.zones_of(country),
    }
    return render(request, "web/stop.html", context)


@signed_in
@require_safe
def block_list(request: HttpRequest) -> HttpResponse:
    """The numbers that the person reported, as contacts: blocking these blocks all of them."""
    reporter = voice(request)
    reported = Report.objects.live().said_by(reporter).filter(number__key__startswith="+")
    unwanted = reported.exclude(category="legitimate").newest_first()
    keys = list(unwanted.values_list("number__key", flat=True))
    if not keys:
        messages.info(request, _("You have reported no number to block yet."))
        return redirect("my-reports")
    cards = (_card(place, some) for place, some in enumerate(batched(keys, MOST_NUMBERS)))
    response = HttpResponse("".join(cards), "text/vcard; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="block-list.vcf"'
    return response


def _card(place: int, keys: Iterable[str]) -> str:
    """A contact with these numbers. A later import replaces it, by its UID."""
    more = f" {place + 1}" if place else ""
    name = _("Do not answer") + more
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:ringscore-my-block-list{more.replace(' ', '-')}",
        f"FN:{name}",
        f"N:{name};;;;",
        *(f"TEL;TYPE=CELL:{key}" for key in keys),
        "END:VCARD",
        "",
    ]
    return "\r\n".join(lines)
