"""Imports the log of a phone: shows its callers, and adds the calls that the person chooses."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from edge import as_csv, client_address
from reputation.identity import REGIONS, display
from reputation.models import Report, Reporter
from reputation.privacy import network_of
from reputation.reports import ReportError, call_imports, call_logs
from web import locality, wording
from web.forms import READING_IN, CountryField, CountryForm
from web.limits import left, limited, spend
from web.people import reporter_of
from web.signed_in import person, signed_in
from web.views.calls import back_to_log, message_of
from web.views.mine import mine_of

UNREAD_SHOWN = 20
_UNREADABLE = {
    "empty": gettext_lazy("Paste the calls, or choose a file."),
    "too_long": gettext_lazy(
        "This is too long: at most 5000 calls at once. Choose a shorter time."
    ),
    "no_text": gettext_lazy(
        "This file is not text. Save a spreadsheet as CSV, or copy its rows, or those of a PDF, "
        "and paste them. A screenshot can be added to a report as evidence instead."
    ),
    "no_rows": gettext_lazy(
        "We found no call in it. Each needs a number, a date and a time of day. A screenshot can "
        "be added to a report as evidence instead."
    ),
}


class LogForm(CountryForm):
    log = forms.CharField(
        label=gettext_lazy("Paste the list of calls"),
        help_text=gettext_lazy(
            "One call a line, with number, date and time. Or a number, and the times of its calls "
            "below it. The export of an app or of your carrier works too."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        required=False,
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        help_text=gettext_lazy(
            "CSV, XML, JSON or text: from a backup app on Android, a backup program for iPhone, or "
            "the website of your carrier."
        ),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xml,.json,text/*,application/json,application/xml"}
        ),
        required=False,
        allow_empty_file=True,
    )
    country = CountryField(label=gettext_lazy("Country of numbers without a country code"))


@dataclass(slots=True, kw_only=True)
class Caller(call_imports.Caller):
    """A caller on the page: whether it is ticked, and why its calls cannot be saved."""

    chosen: bool = False
    problem: str = ""

    @property
    def shown(self) -> str:
        return display(self.identity.key)

    @property
    def first(self) -> datetime:
        return self.calls[0].at

    @property
    def last(self) -> datetime:
        return self.calls[-1].at


@csrf_exempt  # `_import` is protected; the upload handler must be set before the body is read
@signed_in
@limited("evidence", methods=("POST",))  # logs are long, and reading them is work
@require_http_methods(["GET", "HEAD", "POST"])
def import_log(request: HttpRequest) -> HttpResponse:
    """Reads a log, shows its callers, and adds the calls that the person chooses."""
    # A log is read in memory and never stored as a file.
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    response: HttpResponse = _import(request)
    return response


@csrf_protect
def _import(request: HttpRequest) -> HttpResponse:
    language = locality.language_of(request)
    about = _about(request)
    if request.method != "POST":
        initial = {"country": locality.country_of(request)}
        return _log_page(request, LogForm(initial=initial, language=language), about)
    typed = request.POST.copy()
    picking = typed.get("do") in ("pick", "save")  # sent by the page of callers
    if picking:  # that page has the log, also when it changes its language
        typed.pop(READING_IN, None)
    form = LogForm(typed, request.FILES, language=language)
    if not form.is_valid():
        return _log_page(request, form, about)
    try:
        log = _log_in(request, form, about)
    except call_logs.LogUnreadable as error:
        form.add_error("file" if request.FILES else "log", _UNREADABLE[error.reason])
        return _log_page(request, form, about)
    reporter = reporter_of(person(request), now=timezone.now())
    callers = _callers(log, reporter, request.POST, picking=picking)
    if typed.get("do") != "save":
        return _callers_page(request, form, log, callers)
    chosen = [each for each in callers if each.chosen]
    if problem := _problem_with(request, chosen):
        return _callers_page(request, form, log, callers, problem=problem)
    spend(request, "report", times=max(_new(chosen), 1))
    try:
        reports, added = call_imports.import_calls(
            reporter=reporter,
            callers=chosen,
            network=network_of(client_address(request.META)),
            now=timezone.now(),
        )
    except ReportError as error:
        messages.error(request, message_of(error))
        return _callers_page(request, form, log, callers)
    return _saved(request, reports, added)


def _problem_with(request: HttpRequest, chosen: Sequence[Caller]) -> str:
    """Why the calls of these callers cannot be added; "" if they can. Also marks the callers of
    which it is not said what they wanted."""
    for each in chosen:
        if each.report is None and not each.category:
            each.problem = _("Choose what it was.")
    if not chosen:
        return _("Tick at least one number.")
    if any(each.problem for each in chosen):
        return _("Choose for each ticked number what it was.")
    room = left(request, "report")
    if room and _new(chosen) > room:
        problem = ngettext(
            "You can report %(count)d more number now. Tick fewer, and go on later.",
            "You can report %(count)d more numbers now. Tick fewer, and go on later.",
            room,
        )
        return problem % {"count": room}
    return ""


def _new(callers: Sequence[Caller]) -> int:
    """How many of these callers the person has not reported yet."""
    return sum(each.report is None for each in callers)


def _log_in(request: HttpRequest, form: LogForm, about: Report | None) -> call_logs.CallLog:
    """The log that was pasted or uploaded. Raises LogUnreadable."""
    file = form.cleaned_data.get("file")
    country = form.cleaned_data.get("country", "")
    return call_logs.read_call_log(
        call_logs.decoded(file.read()) if file else form.cleaned_data.get("log", ""),
        region=country if country in REGIONS else "",
        zone=ZoneInfo(timezone.get_current_timezone_name()),
        now=timezone.now(),
        about=about.number.identity if about else None,
        allow_fictional=settings.FICTIONAL_NUMBERS,
    )


def _saved(request: HttpRequest, reports: Sequence[Report], added: int) -> HttpResponse:
    text = ngettext(
        "%(count)s call was added to your log.", "%(count)s calls were added to your log.", added
    )
    nothing = _("Your log has all of these calls already.")
    messages.success(request, text % {"count": added} if added else nothing)
    if len(reports) == 1:
        return back_to_log(reports[0].public_id)
    return redirect("my-reports")


def _callers(
    log: call_logs.CallLog, reporter: Reporter, typed: QueryDict, *, picking: bool
) -> list[Caller]:
    """The callers in a log: first those already reported, then by how often they called."""
    by_key: dict[str, list[call_logs.FoundCall]] = {}
    for call in log.calls:
        by_key.setdefault(call.identity.key, []).append(call)
    own = Report.objects.filter(reporter=reporter, number__key__in=by_key)
    reports = {report.number.key: report for report in own.select_related("number")}
    picked = set(typed.getlist("caller"))
    callers = []
    for key, calls in by_key.items():
        category = typed.get(f"category {key}", "") or typed.get("category", "")
        callers.append(
            Caller(
                identity=calls[0].identity,
                calls=calls,
                report=reports.get(key),
                chosen=key in picked if picking else key in reports or len(by_key) == 1,
                category=category if category in wording.CATEGORIES else "",
            )
        )
    return sorted(callers, key=lambda each: (each.report is None, -len(each.calls)))


def _log_page(request: HttpRequest, form: LogForm, about: Report | None) -> HttpResponse:
    context = {"form": form, "about": about, "shown": display(about.number.key) if about else ""}
    return render(request, "web/calls_import.html", context, status=400 if form.errors else 200)


def _callers_page(
    request: HttpRequest,
    form: LogForm,
    log: call_logs.CallLog,
    callers: Sequence[Caller],
    *,
    problem: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "callers": callers,
        "kinds": [(name, words[0]) for name, words in wording.CATEGORIES.items()],
        "log": _rows(log.calls),
        "country": form.cleaned_data.get("country", ""),
        "own": log.own,
        "unread": log.unread[:UNREAD_SHOWN],
        "unread_count": len(log.unread),
        "problem": problem,
        "new": _new(callers),
    }
    return render(request, "web/calls_chosen.html", context, status=400 if problem else 200)


def _rows(calls: Sequence[call_logs.FoundCall]) -> str:
    """The calls in the form that `read_call_log` reads, without skipped lines."""
    rows = [
        (
            call.identity.key,
            call.at.astimezone(UTC).isoformat(),
            call.channel,
            "" if call.seconds is None else call.seconds,
        )
        for call in calls
    ]
    return as_csv([("number", "date", "service", "duration"), *rows])


def _about(request: HttpRequest) -> Report | None:
    """The report from whose page the person comes, if it is theirs."""
    try:
        return mine_of(request, uuid.UUID(request.GET.get("report", "")))[1]
    except (ValueError, Http404):
        return None
