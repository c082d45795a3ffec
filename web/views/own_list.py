"""A person's own list: what their phones block and let through."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from reputation import lists
from reputation.identity import InvalidNumber, display
from reputation.models import OwnRule
from web import locality, wording
from web.kept import signed_in
from web.limits import limited
from web.people import reporter_of, voice_of
from web.readings import is_bare_name
from web.views.keys import region_of
from web.views.reports import person

MOST_LINES = lists.MOST
MOST_TOLD = 20  # errors; the lines themselves stay in the form
NO_NAME = gettext_lazy("Write a name of at most %(most)d characters, without a star (*).")
WAYS = {
    "contains": gettext_lazy("contains"),
    "begins": gettext_lazy("begins with"),
    "equals": gettext_lazy("is exactly"),
}
SHOWN = {
    "contains": gettext_lazy("The name contains “%(name)s”"),
    "begins": gettext_lazy("The name begins with “%(name)s”"),
    "equals": gettext_lazy("The name is “%(name)s”"),
}
# Contacts that were pasted as a vCard: their numbers are what is meant.
TEL = re.compile(r"^(?:item\d+\.)?TEL[^:\r\n]*:(?:tel:)?(.+)$", re.MULTILINE | re.IGNORECASE)


@signed_in
@never_cache
@limited("report", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def my_list(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    action = request.POST.get("action", "")
    try:
        lines = _named(request) or _lines(request.POST.get("patterns", ""))
    except lists.InvalidName:
        messages.error(request, NO_NAME % {"most": lists.NAME_LENGTH})
        return _page(request, kept=request.POST)
    if action not in OwnRule.Action.values or not lines:
        messages.error(
            request, _("Write a number, a pattern or a name, and choose what is to be done.")
        )
        return _page(request, kept=request.POST)
    left = _set(request, action, lines)
    if left:
        return _page(request, kept={**request.POST.dict(), "patterns": "\n".join(left)})
    messages.success(request, _("Your list is saved. It holds for your own phones alone."))
    return redirect("my-list")


@signed_in
@never_cache
@limited("report")
@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    reporter = voice_of(person(request))
    try:
        if reporter is None:
            raise lists.RuleNotFound("Somebody without a voice has no list.")
        lists.drop_rule(reporter_id=reporter.pk, pattern=request.POST.get("pattern", ""))
    except lists.RuleNotFound:
        raise Http404 from None
    return redirect("my-list")


def shown(rule: OwnRule, countries: dict[str, str]) -> str:
    """A rule as people read it."""
    if rule.pattern.startswith(lists.NAME):
        name, how = lists.name_in(rule.pattern)
        return SHOWN[how] % {"name": name}
    if "*" in rule.pattern or "?" in rule.pattern:
        return rule.pattern
    return countries.get(rule.pattern) or display(rule.pattern)


def _named(request: HttpRequest) -> list[str]:
    """The rule that the form for names makes; nothing of the other forms. Raises InvalidName."""
    name = request.POST.get("caller_name", "").replace("\0", "")
    return [lists.name_pattern(name, request.POST.get("how", ""))] if name.strip() else []


def _lines(text: str) -> list[str]:
    if "BEGIN:VCARD" in text.upper():
        text = "\n".join(TEL.findall(text))
    lines = (line.strip() for line in re.split(r"[\r\n,;]+", text.replace("\0", "")))
    return list(dict.fromkeys(filter(None, lines)))[:MOST_LINES]


def _set(request: HttpRequest, action: str, lines: list[str]) -> list[str]:
    """Sets a rule for each line. Returns the lines that cannot be read, each with a message."""
    now = timezone.now()
    left: list[str] = []
    reporter = reporter_of(person(request), now=now)
    region = region_of(request)
    for line in lines:
        try:
            pattern = lists.read_pattern(line, region=region)
            if is_bare_name(line, pattern):
                raise InvalidNumber("letters")
            lists.set_rule(reporter=reporter, action=action, pattern=pattern, now=now)
        except lists.TooManyRules:
            messages.error(request, _("Your list is full. Remove something, or write a pattern."))
            return [*left, *lines[lines.index(line) :]]
        except (InvalidNumber, lists.InvalidPattern) as error:
            if len(left) < MOST_TOLD:
                messages.error(request, f"{line[:60]}: {_problem(error)}")
            left.append(line)
    return left


def _problem(error: InvalidNumber | lists.InvalidPattern) -> str:
    if isinstance(error, InvalidNumber):
        return wording.number_error(error, wording.NAME_IN_LIST)
    if isinstance(error, lists.InvalidName):
        return NO_NAME % {"most": lists.NAME_LENGTH}
    return _("A pattern begins with + and the country's code: +4930*.")


def _page(request: HttpRequest, kept: Any = None) -> HttpResponse:
    reporter = voice_of(person(request))
    rules = list(lists.rules_of(reporter.pk)) if reporter is not None else []
    countries = locality.countries(locality.language_of(request))
    names = dict(countries)
    named = [(rule, shown(rule, names)) for rule in rules if rule.pattern != lists.EVERYBODY]
    everybody = any(rule.pattern == lists.EVERYBODY and rule.action == "block" for rule in rules)
    context = {
        "blocked": [each for each in named if each[0].action == "block"],
        "allowed": [each for each in named if each[0].action == "allow"],
        "contacts_only": everybody,
        "everybody": lists.EVERYBODY,
        "ways": WAYS,
        "name_length": lists.NAME_LENGTH,
        "countries": countries,
        "country": locality.country_of(request),
        "kept": kept,
    }
    return render(request, "web/my_list.html", context)
