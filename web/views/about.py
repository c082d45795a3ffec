"""Pages that explain, and the choice of a language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from reputation.scoring.policy import BLOCK_AT, FLAG_AT
from web import locality, wording
from web.statistics import overview


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    context = {"flag": f"{FLAG_AT:.0%}", "block": f"{BLOCK_AT:.0%}"}
    return render(request, "web/how.html", context)


@require_safe
def advice(request: HttpRequest) -> HttpResponse:
    category = request.GET.get("category", "")
    known = category if category in wording.CATEGORIES else ""
    context = {
        "category": known,
        "label": wording.CATEGORIES[known][0] if known else "",
        "kinds": [(name, words[0]) for name, words in wording.CATEGORIES.items()],
    }
    return render(request, "web/advice.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "web/privacy.html")


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    return render(request, "web/statistics.html", {"all": overview(now=timezone.now())})


@csrf_exempt  # whoever forges this changes a language, which the reader changes back
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=locality.YEAR,
            samesite="Lax",
            secure=settings.HTTPS,
        )
    return response
