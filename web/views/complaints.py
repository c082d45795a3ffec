"""Complaints: choose reports and an authority, and prepare a complaint to it."""

import re
import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reputation.complaints import ComplaintError, cases, filing
from reputation.identity import display
from reputation.models import Authority, Complaint, Report, Reporter
from reputation.reports import ReporterBlocked, ReportError
from web import locality, wording
from web.limits import limited
from web.people import reporter_of
from web.signed_in import person, signed_in, voice

REPORTS_SHOWN = 200
COMPLAINTS_SHOWN = 50
NUMBERS_SHOWN = 4
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

LANGUAGES = (
    ("", gettext_lazy("the language of the authority")),
    ("en", "English"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文（台灣）"),
    ("zh-hk", "繁體中文（香港）"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("id", "Bahasa Indonesia"),
)


@signed_in
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The choice of reports and country, then the authorities that take such complaints there."""
    language = locality.language_of(request)
    reporter = voice(request)
    chosen = set(request.GET.getlist("report"))
    own, older = _reports(reporter, chosen) if reporter is not None else ([], 0)
    picked = [report for report in own if str(report.public_id) in chosen]
    country = request.GET.get("country", "").upper() or _country(request, picked)
    asked = "country" in request.GET or bool(picked and country)
    authorities = _authorities(picked, country) if asked and picked else []
    letters = request.GET.get("language", "")
    # The lender itself has no country. If no authority is known, the lender is not preselected.
    start = next((authority.pk for authority in authorities if authority.country), None)
    context = {
        **locality.helpers_in(country, language),
        "start": start,
        "older": older,
        "rows": [(report, shown(report), report in picked) for report in own],
        "country": country,
        "countries": locality.countries(language),
        "asked": asked,
        "picked": picked,
        "authorities": [
            (
                each,
                each.name_in(language),
                each.takes_in(language),
                language_name(letters or cases.letter_language(each, picked)),
            )
            for each in authorities
        ],
        "languages": LANGUAGES,
        "chosen_language": letters,
        **(complaints_of(reporter, language, 1) if reporter is not None else {}),
    }
    return render(request, "web/complaints.html", context)


@signed_in
@limited("complaint")
@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        complaint = filing.prepare_complaint(
            reporter=reporter_of(person(request), now=now),
            reports=[uuid.UUID(each) for each in request.POST.getlist("report")],
            authority=request.POST.get("authority", "").replace("\0", ""),
            language=request.POST.get("language", ""),
            now=now,
        )
    except ValueError as error:
        raise Http404 from error
    except (ComplaintError, ReportError) as error:
        messages.error(request, message_of(error))
        again = QueryDict(mutable=True)
        for name in ("report", "country", "language"):
            again.setlist(name, request.POST.getlist(name))
        return redirect(f"/complaints?{again.urlencode()}")
    return redirect("complaint", public_id=complaint.public_id)


def message_of(error: Exception) -> str:
    """A domain error in words for people."""
    texts: dict[type[Exception], str] = {
        cases.NothingReported: _("Choose at least one of your reports of an unwanted call."),
        cases.TooMuch: _("This is more than one pack holds. Choose fewer reports."),
        filing.AuthorityUnknown: _("This authority is no longer in use here. Choose another."),
        filing.QuotaUsed: _("That is as many as one person can prepare in a day. Go on tomorrow."),
        cases.LanguageUnknown: _("There is no letter in this language. Choose another."),
        ReporterBlocked: str(wording.BLOCKED),
        filing.StatusWrong: _("Choose how they answered."),
    }
    return texts.get(type(error), str(error))


def _reports(reporter: Reporter, chosen: set[str]) -> tuple[list[Report], int]:
    """The reports to choose from: the newest, and older ones that are chosen. How many are left."""
    own = Report.objects.said_by(reporter).exclude(category="legitimate")
    rows = own.select_related("number").newest_first()
    newest = list(rows[:REPORTS_SHOWN])
    if len(newest) < REPORTS_SHOWN:
        return newest, 0
    named = [uuid.UUID(each) for each in chosen if UUID.fullmatch(each)]
    shown = {report.pk for report in newest}
    newest += rows.filter(public_id__in=named).exclude(pk__in=shown)
    return newest, own.count() - len(newest)


def complaints_of(reporter: Reporter, language: str, page: int) -> dict[str, object]:
    """What `web/complaint_list.html` shows: a page of the reporter's complaints, newest first, and
    how many are older."""
    found = Complaint.objects.of(reporter)
    first = (page - 1) * COMPLAINTS_SHOWN
    rows = list(found[first : first + COMPLAINTS_SHOWN])
    return {
        "complaints": [
            (
                each,
                each.authority.name_in(language),
                wording.COMPLAINT_STATES[each.status],
                max(len(each.reports.all()) - NUMBERS_SHOWN, 0),
            )
            for each in rows
        ],
        "numbers_shown": f":{NUMBERS_SHOWN}",
        "older_complaints": max(found.count() - first - len(rows), 0)
        if len(rows) == COMPLAINTS_SHOWN
        else 0,
        "next": page + 1,
    }


def shown(report: Report) -> dict[str, object]:
    """A report as the pages of complaints list it."""
    return {
        "number": display(report.number.key),
        "category": wording.CATEGORIES[report.category][0],
    }


def _country(request: HttpRequest, picked: list[Report]) -> str:
    """The country of the complaint: the reader's, else the number's."""
    here = locality.place_of(request)
    return here or (picked[0].number.country if picked else "")


def language_name(code: str) -> str:
    """A language's name in the reader's language; "" for an unknown code."""
    try:
        name: str = get_language_info(code)["name_translated"]
    except KeyError:
        return ""
    return name


def _authorities(picked: list[Report], country: str) -> Sequence[Authority]:
    """Authorities for one of the reports' categories, the best match first."""
    acts = {act for report in picked for act in report.conduct}
    # The gravest category comes first, and with it its authorities.
    order = list(wording.CATEGORIES)
    categories = sorted({report.category for report in picked}, key=order.index)
    if "threat" in categories:
        categories = ["threat", *(each for each in categories if each != "threat")]
    return filing.where_to_complain(country=country, categories=categories, acts=acts)
