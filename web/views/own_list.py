"""A person's own list: what their phones block and let through."""

import re

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from reputation import lists
from reputation.identity import InvalidNumber, display
from reputation.languages import colon
from reputation.models import OwnRule
from web import locality, wording
from web.forms import READING_IN, CountryForm
from web.limits import limited
from web.people import speaking
from web.readings import is_bare_name
from web.signed_in import own_voice, person, signed_in, voice

LONGEST = 200_000  # characters of a form: numbers and contacts
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
# Matches the numbers of contacts that were pasted as a vCard.
TEL = re.compile(r"^(?:item\d+\.)?TEL[^:\r\n]*:(?:tel:)?(.+)$", re.MULTILINE | re.IGNORECASE)


class RulesForm(CountryForm):
    """Whom to block or let through: by numbers, by the displayed name, or by both."""

    patterns = forms.CharField(
        label=gettext_lazy("Numbers or patterns, one a line"),
        help_text=gettext_lazy(
            "+4930* stands for all numbers that begin so, +4930?? for those with two more digits, "
            "CN for a whole country. You can also paste contacts (vCard)."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        max_length=LONGEST,
        required=False,
    )
    how = forms.ChoiceField(
        label=gettext_lazy("The name"), choices=list(WAYS.items()), required=False
    )
    caller_name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy(
            "Capital and small letters are alike. It works where the phone or telephone system "
            "tells us the name. A caller can show any name: be careful whom you let through by it."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        max_length=lists.NAME_LENGTH,
        required=False,
    )

    def clean_caller_name(self) -> str:
        """The rule for the name; "" for none."""
        name = self.cleaned_data["caller_name"]
        try:
            return lists.name_pattern(name, self.cleaned_data.get("how", "")) if name else ""
        except lists.InvalidName as error:
            raise forms.ValidationError(_problem(error)) from None

    def leave(self, lines: list[str], name: str) -> None:
        """Keeps only these lines and this name in the form."""
        self.data = {**self.data, "patterns": "\n".join(lines), "caller_name": name}


@signed_in
@limited("report", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def my_list(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    form = RulesForm(request.POST, language=locality.language_of(request))
    if READING_IN in request.POST:
        return _page(request, form)
    lines = _lines(request.POST.get("patterns", ""))
    action = request.POST.get("action", "")
    if form.is_valid():
        if action in OwnRule.Action.values and (lines or form.cleaned_data["caller_name"]):
            _set(request, form, action, lines)
        else:
            form.add_error(
                None, _("Write a number, a pattern or a name, and choose what is to be done.")
            )
    if form.errors:
        return _page(request, form)
    messages.success(request, _("Your list is saved. It holds for your own phones alone."))
    return redirect("my-list")


@signed_in
@limited("report")
@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    reporter = own_voice(request)
    try:
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


def _lines(text: str) -> list[str]:
    if "BEGIN:VCARD" in text.upper():
        text = "\n".join(TEL.findall(text))
    lines = (line.strip() for line in re.split(r"[\r\n,;]+", text.replace("\0", "")))
    return list(dict.fromkeys(filter(None, lines)))


def _set(request: HttpRequest, form: RulesForm, action: str, lines: list[str]) -> None:
    """Sets a rule for the name and for each line. The form keeps what could not be set, with an
    error."""
    region, name = form.cleaned_data["country"], form.cleaned_data["caller_name"]
    read: dict[str, str] = {}  # line → pattern
    unread = 0
    for line in lines:
        try:
            pattern = lists.read_pattern(line, region=region)
            if is_bare_name(line, pattern):
                raise InvalidNumber("letters")
            read[line] = pattern
        except (InvalidNumber, lists.InvalidPattern) as error:
            unread += 1
            if unread <= MOST_TOLD:
                form.add_error("patterns", f"{line[:60]}{colon()}{_problem(error)}")
    wanted = [*([name] if name else []), *read.values()]
    now = timezone.now()
    with speaking(person(request), now=now) as reporter:
        beyond = set(lists.set_rules(reporter=reporter, action=action, patterns=wanted, now=now))
    if beyond:
        form.add_error(None, _("Your list is full. Remove something, or write a pattern."))
    form.leave(
        [line for line in lines if line not in read or read[line] in beyond],
        form.data.get("caller_name", "") if name in beyond else "",
    )


def _problem(error: InvalidNumber | lists.InvalidPattern) -> str:
    if isinstance(error, InvalidNumber):
        return wording.number_error(error, wording.NAME_IN_LIST)
    if isinstance(error, lists.InvalidName):
        return NO_NAME % {"most": lists.NAME_LENGTH}
    return _("A pattern begins with + and the country's code: +4930*.")


def _page(request: HttpRequest, form: RulesForm | None = None) -> HttpResponse:
    reporter = voice(request)
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
        "form": form
        or RulesForm(
            language=locality.language_of(request),
            initial={"country": locality.country_of(request)},
        ),
    }
    wrong = form is not None and form.errors
    return render(request, "web/my_list.html", context, status=400 if wrong else 200)
