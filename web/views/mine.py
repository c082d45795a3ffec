"""Pages of a person's own reports: read, edit, add files, withdraw, say that the calls stopped."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from edge import client_address, sealed
from reputation import reports
from reputation.attachments import (
    EXTENSIONS,
    EvidenceNotFound,
    StorageUnavailable,
    download_name,
    list_evidence,
    read_evidence,
)
from reputation.complaints import Incident, incidents_of, total
from reputation.identity import display
from reputation.lookup import CHANNELS
from reputation.models import Report, Reporter
from reputation.privacy import network_of
from reputation.reports import ReportError, ReportNotFound, Statement, diary
from web import locality, uploads, wording
from web.errors import unavailable
from web.forms import StatementForm, initial_of
from web.limits import limited
from web.signed_in import own_voice, signed_in, voice
from web.uploads import taking_files
from web.views.complaints import complaints_of
from web.views.reports import attach, page, refuse

CALLS_SHOWN = REPORTS_SHOWN = 500
PAGES = frozenset(map(str, range(1, 10_000)))


@signed_in
@require_safe
def my_reports(request: HttpRequest) -> HttpResponse:
    reporter = voice(request)
    page = int(asked) if (asked := request.GET.get("page", "")) in PAGES else 1
    context: dict[str, Any] = {"page": page}
    reports: list[Report] = []
    if reporter is not None:
        said = Report.objects.said_by(reporter)
        first = (page - 1) * REPORTS_SHOWN
        rows = said.select_related("number").annotate(files=Count("evidence")).newest_first()
        reports = list(rows[first : first + REPORTS_SHOWN])
        if len(reports) == REPORTS_SHOWN:
            context["older"] = said.count() - first - len(reports)
        context |= complaints_of(reporter, locality.language_of(request), page)
    context["rows"] = [(report, _shown(report)) for report in reports]
    return render(request, "web/my_reports.html", context)


@signed_in
@require_safe
def my_report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    reporter, report = mine_of(request, public_id)
    entries = list_evidence(reporter=reporter, public_id=public_id)
    zone = ZoneInfo(timezone.get_current_timezone_name())
    incidents = incidents_of([report], zone=zone) if report.category != "legitimate" else []
    context = {
        "report": report,
        "shown": _shown(report),
        "number": report.number.key,
        "conduct": [wording.CONDUCT[act] for act in report.conduct if act in wording.CONDUCT],
        "entries": [
            (entry, EXTENSIONS[entry.media_type].lstrip("."))
            for entry in entries
            if not entry.erased_at
        ],
        # A person who withdraws a report has no next step.
        "steps": []
        if report.status == Report.Status.WITHDRAWN
        else wording.next_steps(report.category, report.conduct),
        "calls": [_call(each) for each in reversed(incidents[-CALLS_SHOWN:])],
        "calls_total": total(incidents),
        "calls_hidden": max(len(incidents) - CALLS_SHOWN, 0),
        "earlier": diary.earlier_statements([report]).first(),
        "just_filed": "new" in request.GET,
        "just_updated": "again" in request.GET,
    }
    return render(request, "web/my_report.html", context)


@signed_in
@limited("report", methods=("POST",))
@taking_files
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    reporter, report = mine_of(request, public_id)
    about = report.number.identity
    language = locality.language_of(request)
    more = {"report": report, "shown": display(report.number.key)}
    if request.method != "POST":
        form = StatementForm(language=language, about=about, initial=initial_of(report))
        return page(request, form, "web/edit.html", **more)
    form = StatementForm(request.POST, language=language, about=about, known=report.occurred_at)
    if not form.is_valid():
        return page(request, form, "web/edit.html", **more)
    try:
        reports.submit_report(
            reporter=reporter,
            identity=about,
            statement=form.statement(),
            network=network_of(client_address(request.META)),
            now=timezone.now(),
            corrects=True,
        )
    except ReportError as error:
        refuse(form, error)
        return page(request, form, "web/edit.html", **more)
    attach(request, reporter, report)
    messages.success(
        request, _("Saved. What you said before stays on record, and no longer counts.")
    )
    return redirect("my-report", public_id=public_id)


@signed_in
@limited("evidence")
@taking_files
@require_POST
def add_files(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    reporter, report = mine_of(request, public_id)
    uploads.tell_added(request, attach(request, reporter, report))
    return redirect("my-report", public_id=public_id)


@signed_in
@limited("download")
@require_safe
def file(request: HttpRequest, public_id: uuid.UUID, sha256: str) -> HttpResponseBase:
    reporter, _report = mine_of(request, public_id)
    try:
        entry, content = read_evidence(reporter=reporter, public_id=public_id, sha256=sha256)
    except EvidenceNotFound as error:
        raise Http404 from error
    except StorageUnavailable:
        return unavailable(request)
    return sealed(content, download_name(entry))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    reporter, report = mine_of(request, public_id)
    if request.method != "POST":
        context = {"report": report, "shown": _shown(report)}
        return render(request, "web/withdraw.html", context)
    report = reports.withdraw_report(reporter=reporter, public_id=public_id, now=timezone.now())
    messages.success(
        request,
        _("Noted. It does not count now, and will not when the moderators change their decision.")
        if report.status in Report.KEPT_OUT
        else _("Withdrawn. It no longer counts. You can change your mind below."),
    )
    return redirect("my-report", public_id=public_id)


@signed_in
@require_POST
def settle(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    reporter, _report = mine_of(request, public_id)
    reports.mark_stopped(reporter=reporter, public_id=public_id, now=timezone.now())
    messages.success(
        request,
        _("Good. It stays on record and no longer counts. If they call again, report again."),
    )
    return redirect("my-report", public_id=public_id)


@signed_in
@limited("report")
@require_POST
def restore(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Undoes a withdrawal, or "the calls stopped": the report counts again as it is."""
    reporter, report = mine_of(request, public_id)
    if report.status in (Report.Status.WITHDRAWN, Report.Status.SETTLED):
        stated = {name: getattr(report, name) for name in Statement.__dataclass_fields__}
        try:
            reports.submit_report(
                reporter=reporter,
                identity=report.number.identity,
                statement=Statement(**stated),
                network=network_of(client_address(request.META)),
                now=timezone.now(),
                corrects=True,
            )
        except ReportError:
            messages.error(request, _("It cannot count again as it stands. Edit it."))
        else:
            messages.success(request, _("It counts again."))
    return redirect("my-report", public_id=public_id)


def mine_of(request: HttpRequest, public_id: uuid.UUID) -> tuple[Reporter, Report]:
    """The person's own report; another person's answers 404."""
    reporter = own_voice(request)
    try:
        return reporter, reports.find_report(reporter=reporter, public_id=public_id)
    except ReportNotFound as error:
        raise Http404 from error


def _call(incident: Incident) -> dict[str, Any]:
    """A call as the report's page lists it: from the log, the report, or an earlier statement."""
    at, day = incident.at, incident.day
    return {
        "of": incident,
        "moment": date_format(timezone.localtime(at), "DATETIME_FORMAT")
        if at
        else date_format(day),
        "kind": CHANNELS[incident.kind],
        "conduct": [wording.CONDUCT[act] for act in incident.conduct if act in wording.CONDUCT],
        "minutes": None if incident.seconds is None else divmod(incident.seconds, 60),
    }


def _shown(report: Report) -> dict[str, object]:
    return {
        "number": display(report.number.key),
        "category": wording.CATEGORIES[report.category][0],
        "channel": CHANNELS[report.channel],
        "state": wording.STATES[report.status],
    }
