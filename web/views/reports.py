"""Reporting a number: one form, files included, and a page that names the next steps."""

from contextlib import suppress
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from edge import client_address
from reputation import reports
from reputation.attachments import Draft, EvidenceError, attach_evidence
from reputation.identity import Identity, InvalidNumber, display, identify
from reputation.languages import semicolon
from reputation.models import Report, Reporter
from reputation.privacy import network_of
from reputation.reports import ReportError
from web import locality, uploads, wording
from web.forms import StatementForm
from web.limits import limited
from web.people import reporter_of
from web.readings import other_readings, typed
from web.signed_in import person, signed_in
from web.uploads import taking_files


@signed_in
@limited("report", methods=("POST",))
@taking_files
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    language = locality.language_of(request)
    if request.method != "POST":
        return page(request, _form_for(request, language))
    form = StatementForm(request.POST, language=language)
    form.is_valid()
    if form.identity is not None:
        _ask_which(request, form, form.identity)
    if not form.is_valid() or form.identity is None:
        return page(request, form)
    now = timezone.now()
    reporter = reporter_of(person(request), now=now)
    try:
        submission = reports.submit_report(
            reporter=reporter,
            identity=form.identity,
            statement=form.statement(),
            network=network_of(client_address(request.META)),
            now=now,
        )
    except ReportError as error:
        refuse(form, error)
        return page(request, form)
    attach(request, reporter, submission.report)
    response = redirect("my-report", public_id=submission.report.public_id)
    response["Location"] += "?new" if submission.created else "?again"
    locality.keep_country(response, form.cleaned_data["country"])
    return response


def _form_for(request: HttpRequest, language: str) -> StatementForm:
    """An empty form, with the number of the link that led here as the person would type it."""
    raw = request.GET.get("number", "")[:200]
    initial = {"number": raw, "country": locality.country_of(request)}
    about = None
    with suppress(InvalidNumber):
        about = identify(raw, allow_fictional=True)
        home = initial["country"] if about.kind == "e164" else about.country
        initial = {"number": typed(about.key, home=home), "country": home}
        if about.kind == "sender":
            initial["channel"] = Report.Channel.SMS
    form = StatementForm(language=language, initial=initial)
    form.read_as = about.key if about else ""
    return form


def _ask_which(request: HttpRequest, form: StatementForm, identity: Identity) -> None:
    """Asks which number is meant if the text may mean two, unless the page has already asked."""
    raw, region = form.cleaned_data["number"], form.cleaned_data.get("country", "")
    others = other_readings(request, raw, identity, region=region)
    if others and request.POST.get("read_as") != identity.key:
        listed = semicolon().join(f"{each.shown} ({each.country})" for each in others)
        form.read_as = identity.key
        if identity.country == region:
            asked = _(
                "Is it a number of this country? It can also be: %(others)s. Choose the country."
            )
        else:
            asked = _(
                "Is it %(read)s? Then send it once more. It can also be: %(others)s. Choose the "
                "country."
            )
        said = {"read": display(identity.key), "others": listed}
        form.add_error("country", ValidationError(asked % said))


def page(
    request: HttpRequest, form: StatementForm, template: str = "web/report.html", **more: Any
) -> HttpResponse:
    context = {
        "form": form,
        "problems": uploads.problems(request) if form.is_bound else [],
        "had_files": form.is_bound and bool(request.uploads.drafts),  # type: ignore[attr-defined]
        "write_to": parseaddr(settings.INTAKE_ADDRESS)[1],
        "text_to": wording.own_numbers()[:1],
        **more,
    }
    return render(request, template, context, status=400 if form.errors else 200)


def refuse(form: StatementForm, error: ReportError) -> None:
    """Shows the domain's error about a statement beside the field at fault."""
    text = wording.BLOCKED if isinstance(error, reports.ReporterBlocked) else str(error)
    form.add_error(error.field or None, ValidationError(text))


def attach(request: HttpRequest, reporter: Reporter, report: Report) -> list[bool]:
    """Adds the form's files to a report (uploads.add_each)."""

    def add(draft: Draft) -> bool:
        return attach_evidence(
            reporter=reporter, public_id=report.public_id, draft=draft, now=timezone.now()
        ).created

    return uploads.add_each(request, add, refusals=(EvidenceError, ReportError))
