"""Looks a number up, without an account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from edge import page_of
from reputation.campaigns import numbers_lately
from reputation.identity import Identity, InvalidNumber, display, is_valid
from reputation.lookup import LINES, in_words, look_up
from reputation.moderation import service_of
from reputation.privacy import FEW, SealBroken
from reputation.scoring import Code, Reason, Status
from web import locality, verdicts, wording
from web.forms import LookupForm
from web.limits import limited
from web.numbers import attacked, story, words_of
from web.readings import Reading, other_readings, read_number


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page. `number` and `country`: what was typed before a change of language."""
    typed = {name: request.GET[name][:200] for name in ("number", "country") if name in request.GET}
    return render(request, "web/home.html", {"form": _form(request, typed=typed)})


@require_safe
@limited("lookup")
def lookup(request: HttpRequest) -> HttpResponse:
    """Redirects the form to the number's page, under its only address."""
    form = _form(request, data=request.GET)
    if not form.is_valid() or form.identity is None:
        return render(request, "web/home.html", {"form": form}, status=400)
    raw, region = form.cleaned_data["number"], form.cleaned_data["country"]
    if others := other_readings(request, raw, form.identity, region=region):
        own = Reading(
            form.identity,
            display(form.identity.key),
            country_name(request, form.identity),
            known=False,
        )
        context = {
            "typed": raw,
            "readings": [(each, page_of(each.identity.key)) for each in (own, *others)],
        }
        return render(request, "web/which.html", context)
    response = redirect(page_of(form.identity.key))
    locality.keep_country(response, region)
    return response


@require_safe
@limited("lookup")
def number(request: HttpRequest, number: str) -> HttpResponse:
    try:
        identity = read_number(number, region=locality.country_of(request))
    except InvalidNumber as error:
        form = _form(request, data={"number": number})
        form.is_valid()
        context = {"form": form, "problem": wording.number_error(error, wording.NAME_UNKNOWN)}
        return render(request, "web/home.html", context, status=404)
    if identity.key != number:
        return redirect(page_of(identity.key))
    return render(request, "web/number.html", _told(request, identity))


@dataclass(slots=True)
class _Reasons:
    """The reasons of an answer, as it is worded: the codes of all, and those in plain words."""

    codes: set[Code] = field(default_factory=set)
    plain: list[str] = field(default_factory=list)

    def say(self, reason: Reason) -> str:
        words = in_words(reason)
        self.codes.add(reason.code)
        if reason.code in verdicts.PLAIN_REASONS:
            self.plain.append(words)
        return words


def _told(request: HttpRequest, identity: Identity) -> dict[str, Any]:
    """What the page tells about a number."""
    now, reasons = timezone.now(), _Reasons()
    answer = look_up(identity, now=now, say=reasons.say)
    language, here = locality.language_of(request), locality.place_of(request)
    service = service_of(identity.key)
    official = answer.status == Status.OFFICIAL
    dial = locality.dial(identity, here)
    faked = official and attacked(identity.key, now=now)
    number_story = story(identity.key, now=now)
    only_new = Code.CEILING in reasons.codes
    return {
        "name": service.name_in(language) if service and official else answer.name,
        "what": service.what_in(language) if service and official else "",
        "dial": dial if official else "",
        **locality.helpers_in(here, language),
        "zones": locality.zones_of(here),
        "number": identity.key,
        "shown": locality.shown(identity),
        "answer": answer,
        "verdict": verdicts.verdict(answer, attacked=faked),
        "why": reasons.plain
        + verdicts.why(
            answer,
            number_story.categories,
            last_day=_day(answer.last_reported_at),
            only_new=only_new,
        ),
        "steps": verdicts.steps(answer, attacked=faked, dials=bool(dial)),
        "scored": verdicts.speaks_of_the_caller(answer),
        "certainty": verdicts.certainty(answer.confidence, only_new=only_new),
        "category": wording.CATEGORIES[answer.category][0] if answer.category else "",
        "line": LINES.get(answer.line_type, ""),
        "in_no_plan": identity.kind == "e164" and not is_valid(identity),
        "country": country_name(request, identity),
        "by_week": 0 < answer.reports < FEW,
        "first_day": _day(answer.first_reported_at),
        "last_day": _day(answer.last_reported_at),
        "story": number_story,
        "place_this_week": numbers_lately(answer.campaign, now=now),
        "dispute": f"{page_of(identity.key)}/dispute",
    }


@require_safe
@limited("lookup")
def words(request: HttpRequest, number: str) -> HttpResponse:
    """All other people's texts about a number, page by page."""
    try:
        identity = read_number(number, region=locality.country_of(request))
        after = request.GET.get("after", "")
        found, more = words_of(identity.key, after=after, now=timezone.now())
    except (InvalidNumber, SealBroken) as error:
        raise Http404 from error
    context = {
        "shown": display(identity.key),
        "page": page_of(identity.key),
        "found": found,
        "more": more,
    }
    return render(request, "web/number_words.html", context)


def _day(moment: str) -> date | None:
    """The day in UTC, as in the list of reports and the chart; None without one."""
    return datetime.fromisoformat(moment).date() if moment else None


def country_name(request: HttpRequest, identity: Identity) -> str:
    return dict(locality.countries(locality.language_of(request))).get(identity.country, "")


def _form(
    request: HttpRequest, data: object = None, *, typed: Mapping[str, str] = MappingProxyType({})
) -> LookupForm:
    return LookupForm(
        data,
        language=locality.language_of(request),
        initial={"country": locality.country_of(request), **typed},
    )
