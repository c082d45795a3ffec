"""Pages that explain the service, and the choice of a language."""

from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, Q, When
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from reputation.identity import display
from reputation.lookup import for_situation
from reputation.models import Number
from reputation.moderation import numbers_file, service_of, services
from reputation.privacy import RETENTION
from reputation.scoring import BLOCK_AT, FLAG_AT
from web import kept, locality, wording
from web.forms import READING_IN
from web.limits import limited
from web.statistics import overview

DIRECTORY = 50


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    context = {"flag_at": f"{FLAG_AT:.0%}", "block_at": f"{BLOCK_AT:.0%}"}
    return render(request, "web/how.html", context)


@require_safe
def advice(request: HttpRequest) -> HttpResponse:
    category = request.GET.get("category", "")
    if category not in wording.CATEGORIES or category == "legitimate":
        category = "illegal_collection"
    language = locality.language_of(request)
    country = request.GET.get("country", locality.place_of(request)).upper()
    steps = for_situation(category, request.GET.getlist("conduct"), country, language)
    context = {
        "category": category,
        "country": country,
        "kinds": [(name, words[0]) for name, words in wording.CATEGORIES.items()][:-1],
        "countries": locality.countries(language),
        **locality.helpers_in(country, language),
        "zones": None if "country" in request.GET else locality.zones_of(country),
        "groups": [
            (wording.URGENCY[urgency], list(items))
            for urgency, items in groupby(steps, key=attrgetter("urgency"))
        ],
    }
    return render(request, "web/advice.html", context)


@require_safe
@limited("lookup")
def directory(request: HttpRequest) -> HttpResponse:
    """Verified holders of numbers, by name."""
    name = request.GET.get("name", "").replace("\0", "").strip()[:100]
    numbers = Number.objects.filter(official=True).exclude(name="")
    if name:
        keys = [
            key
            for key, each in services().items()
            if name.lower() in f"{each.name} {each.name_zh} {each.what} {each.what_zh}".lower()
        ]
        numbers = numbers.filter(Q(name__icontains=name) | Q(key__in=keys))
    language, country = locality.language_of(request), locality.place_of(request)
    here = Case(When(country=country, then=0), default=1)
    rows = list(numbers.order_by(here, "country", "name", "key")[: DIRECTORY + 1])
    names = dict(locality.countries(language))
    context = {
        "name": name,
        "found": [
            _entry(row, language, country) | {"country": names.get(row.country, "")}
            for row in rows[:DIRECTORY]
        ],
        "police": locality.police_of(country),
        "zones": locality.zones_of(country),
        "more": len(rows) > DIRECTORY,
    }
    return render(request, "web/directory.html", context)


def _entry(row: Number, language: str, here: str) -> dict[str, str]:
    service = service_of(row.key)
    return {
        "key": row.key,
        "name": service.name_in(language) if service else row.name,
        "what": service.what_in(language) if service else "",
        "shown": locality.shown(service.identity) if service else display(row.key),
        "dial": locality.dial(row.identity, here),
    }


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    context = {
        "operator": settings.OPERATOR_NAME,
        "contact": settings.OPERATOR_CONTACT,
        "numbers_at": f"https://example.com{numbers_file.PATH}",
    }
    return render(request, "web/about.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    context = {
        "operator": settings.OPERATOR_NAME,
        "contact": settings.OPERATOR_CONTACT,
        "terms": settings.TERMS,
    }
    return render(request, "web/terms.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "operator": settings.OPERATOR_NAME,
        "contact": settings.OPERATOR_CONTACT,
        "legal_bases": settings.LEGAL_BASES,
        "retention": [rule.shown() for rule in RETENTION],
    }
    return render(request, "web/privacy.html", context)


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    return render(request, "web/statistics.html", {"all": overview(now=timezone.now())})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may list the pages that explain the service. Pages of numbers have noindex: a
    search for a number must not show a person's name beside an accusation."""
    return HttpResponse("User-agent: *\nDisallow: /my/\nDisallow: /admin/\n", "text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("web/icon.svg"))


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that the service worker shows without a connection, in every language, and to
    everybody: it does not know which the reader chose meanwhile, or who is signed in."""
    own = request.LANGUAGE_CODE
    tongues = sorted(dict(settings.LANGUAGES), key=lambda code: code != own)
    return render(request, "web/offline.html", {"tongues": tongues, "user": None})


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, since it serves the pages below its own address only."""
    context = {"release": settings.RELEASE}
    response = render(request, "web/service_worker.js", context, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to add the pages to its apps."""
    content = {
        "name": "Ringscore",
        "short_name": "Ringscore",
        "description": gettext("See what others reported about a number. Report calls."),
        "lang": request.LANGUAGE_CODE,
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": "#0b4f8a",
        "icons": [
            {"src": static("web/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static("web/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("web/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


def closed(request: HttpRequest) -> HttpResponse:
    """A page of allauth that this service does not need."""
    raise Http404


@csrf_exempt  # a forged request only changes the language, which the reader can change back
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language") or request.POST.get(READING_IN, "")
    target = request.GET.get("next") or request.POST.get("next", "")
    # Only a path, since `redirect` would read a bare word as the name of a view.
    if not target.startswith("/") or not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}
    ):
        target = "/"
    if "kept" in request.POST and chosen in dict(settings.LANGUAGES):
        response = _in_language(request, chosen, target)
    elif READING_IN in request.POST and "by" in request.GET:
        typed = [each for each in kept.fields_of(request) if each[0] != READING_IN]
        response = redirect(f"{target}?{urlencode(typed)}")
    elif READING_IN in request.POST:
        response = redirect(target, preserve_request=True)
    else:
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


def _in_language(request: HttpRequest, chosen: str, target: str) -> HttpResponse:
    """The page that a form was sent from, in another language with the typed text."""
    with translation.override(chosen):
        return kept.page(
            request, 200, gettext("Go on in English"), gettext("Nothing is lost."), path=target
        )
