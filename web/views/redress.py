"""The card of a rejected call and its certificate, for networks that got the rejection."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from edge import page_of
from reputation.identity import InvalidNumber, identify
from web import redress
from web.limits import limited

# Seconds. The card contains its time of signing, so an old one is recognized.
FRESH = 300


@require_safe
@limited("lookup")
def card(request: HttpRequest, number: str) -> HttpResponse:
    try:
        key = identify(number, allow_fictional=True).key
        signed = redress.card(
            redress_url=f"{settings.PUBLIC_URL}{page_of(key).replace('+', '%2B')}/dispute",
            certificate_url=settings.PUBLIC_URL + reverse("redress-certificate"),
            now=timezone.now(),
        )
    except (InvalidNumber, redress.NoCards) as error:
        raise Http404 from error
    headers = {"Cache-Control": f"public, max-age={FRESH}"}
    return HttpResponse(signed, redress.MEDIA_TYPE, headers=headers)


@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    try:
        return HttpResponse(redress.certificate(), "application/pem-certificate-chain")
    except redress.NoCards as error:
        raise Http404 from error
