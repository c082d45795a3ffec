"""A prepared complaint: read the letter, download the pack, note the outcome, ask for a mail.

A person's details for the letter (name, address) are in the form and the pack, and never stored.
"""

import io
import uuid
from datetime import date
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from edge import sealed
from reputation import watching
from reputation.attachments import StorageUnavailable
from reputation.complaints import (
    ComplaintError,
    ComplaintNotFound,
    Details,
    Filled,
    Pack,
    Person,
    StatusWrong,
    cases,
    filing,
    unchecked_laws,
)
from reputation.models import Channel, Complaint, Reminder, Reporter
from reputation.reports import ReportError
from web import locality, wording
from web.errors import unavailable
from web.forms import READING_IN, Form
from web.limits import limited, spend
from web.signed_in import own_voice, person, signed_in
from web.views.complaints import language_name, message_of, shown


class DetailsForm(Form):
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=cases.LINE, required=False)
    identity = forms.CharField(
        label=gettext_lazy("Number of your identity document"),
        help_text=gettext_lazy("Only if the authority asks for it."),
        max_length=cases.LINE,
        required=False,
    )
    own_number = forms.CharField(
        label=gettext_lazy("Your telephone number"), max_length=cases.LINE, required=False
    )
    email = forms.CharField(
        label=gettext_lazy("Your e-mail"), max_length=cases.LINE, required=False
    )
    address = forms.CharField(
        label=gettext_lazy("Your address"), max_length=cases.PARAGRAPH, required=False
    )
    addressee = forms.CharField(
        label=gettext_lazy("To whom, if not as above"),
        help_text=gettext_lazy("Such as your own police station."),
        max_length=cases.PARAGRAPH,
        required=False,
    )
    statement = forms.CharField(
        label=gettext_lazy("What happened, in your words"),
        help_text=gettext_lazy("Leave it empty to say what your reports say."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=cases.STATEMENT,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, hint in (
            *(("name", "name"), ("own_number", "tel"), ("email", "email")),
            *(("address", "street-address"), ("identity", "off"), ("addressee", "off")),
        ):
            self.fields[name].widget.attrs["autocomplete"] = hint

    def details(self, *, reader: str, time_zone: str) -> Details:
        entered = self.cleaned_data
        who = {name: entered[name] for name in Person.__dataclass_fields__}
        return Details(
            person=Person(**who),
            statement=entered["statement"],
            addressee=entered["addressee"],
            reader=reader,
            time_zone=time_zone,
        )


class StatusForm(Form):
    status = forms.ChoiceField(
        label=gettext_lazy("How it stands"),
        choices=list(wording.COMPLAINT_STATES.items()),
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(
        label=gettext_lazy("Number that the authority gave it"),
        max_length=filing.REFERENCE_LENGTH,
        required=False,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("How they answered"),
        choices=[("", gettext_lazy("— choose —")), *Complaint.Outcome.choices],
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        answered = self.cleaned_data.get("status") == Complaint.Status.ANSWERED
        if answered and "outcome" not in self.errors and not self.cleaned_data.get("outcome"):
            self.add_error("outcome", message_of(StatusWrong("outcome", "")))
        return self.cleaned_data


class ReminderForm(Form):
    on = forms.DateField(
        label=gettext_lazy("Mail me on this day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Give a day, such as 2026-12-24.")},
    )


@signed_in
@limited("download", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def complaint(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """One form with several buttons, so that none of them loses what was typed for another."""
    reporter, found = _own_complaint(request, public_id)
    if request.method != "POST" or READING_IN in request.POST:
        return _page(request, found)
    match request.POST.get("do"):
        case "status":
            return _note(request, reporter, found)
        case "remind":
            return _remind(request, found)
        case "forget":
            watching.forget_reminder(complaint=found)
            messages.success(request, _("You get no mail about this complaint."))
            return _page(request, found)
    return _hand_out(request, reporter, found)


def _hand_out(request: HttpRequest, reporter: Reporter, found: Complaint) -> HttpResponseBase:
    """The letter to read, as a PDF, or in a ZIP with all that belongs to it."""
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    spend(request, "letter")
    details = form.details(
        reader=locality.language_of(request),
        time_zone=locality.zone_in(request, found.authority.country),
    )
    now = timezone.now()
    try:
        if request.POST.get("do") == "download":
            pack = filing.hand_out_pack(
                reporter=reporter, public_id=found.public_id, details=details, now=now
            )
            return sealed(pack.file, pack.name)
        with filing.pack_of(reporter=reporter, complaint=found, details=details, now=now) as pack:
            if request.POST.get("do") == "pdf":
                return sealed(io.BytesIO(pack.read("letter.pdf")), f"{pack.name[:-4]}.pdf")
            return _page(request, found, form=form, pack=pack)
    except StorageUnavailable:
        return unavailable(request)
    except (ComplaintError, ReportError) as error:
        form.add_error(None, message_of(error))
        return _page(request, found, form=form)


def _note(request: HttpRequest, reporter: Reporter, found: Complaint) -> HttpResponse:
    form = StatusForm(request.POST)
    if not form.is_valid():
        return _page(request, found, states=form)
    stated = form.cleaned_data
    prepared = stated["status"] == Complaint.Status.PREPARED
    answered = stated["status"] == Complaint.Status.ANSWERED
    try:
        found = filing.update_complaint(
            reporter=reporter,
            public_id=found.public_id,
            status=stated["status"],
            reference=None if prepared else stated["reference"],
            outcome=stated["outcome"] if answered else None,
            now=timezone.now(),
        )
    except StatusWrong as error:
        form.add_error(error.field if error.field in form.fields else None, message_of(error))
        return _page(request, found, states=form)
    messages.success(request, _("Noted."))
    return _page(request, found)


def _remind(request: HttpRequest, found: Complaint) -> HttpResponse:
    """Orders a mail on the day that the person chose."""
    form = ReminderForm(request.POST)
    if not form.is_valid():
        return _page(request, found, reminder=form)
    try:
        watching.remind(
            user=person(request),
            complaint=found,
            on=form.cleaned_data["on"],
            zone=ZoneInfo(timezone.get_current_timezone_name()),
            language=locality.language_of(request),
            now=timezone.now(),
        )
    except watching.DayRefused:
        form.add_error("on", _("Choose a day from today, within a year."))
        return _page(request, found, reminder=form)
    except watching.NotFiled:
        messages.error(request, _("Note first that you sent it."))
    else:
        messages.success(request, _("We mail you once, on that day."))
    return _page(request, found)


def _own_complaint(request: HttpRequest, public_id: uuid.UUID) -> tuple[Reporter, Complaint]:
    reporter = own_voice(request)
    try:
        return reporter, filing.find_complaint(reporter=reporter, public_id=public_id)
    except ComplaintNotFound as error:
        raise Http404 from error


def _page(
    request: HttpRequest,
    found: Complaint,
    *,
    form: DetailsForm | None = None,
    states: StatusForm | None = None,
    reminder: ReminderForm | None = None,
    pack: Pack | None = None,
) -> HttpResponse:
    language = locality.language_of(request)
    typed = request.POST.dict()
    stands = {name: getattr(found, name) for name in StatusForm.base_fields}
    channels = found.authority.channels.filter(active=True).order_by("rank", "slug")
    due_on = watching.due_on(found, zone=timezone.get_current_timezone())
    reports = list(found.reports.select_related("number"))
    letter_in = found.language or cases.letter_language(found.authority, reports)
    context = {
        "complaint": found,
        "state": wording.COMPLAINT_STATES[found.status],
        "authority": found.authority.name_in(language),
        "takes": found.authority.takes_in(language),
        "rows": [(report, shown(report)) for report in reports],
        "channels": [(each, each.note_in(language), _link_of(each)) for each in channels],
        "form": form or DetailsForm(initial=typed),
        "states": states or StatusForm(initial=stands | typed),
        "due_on": due_on,
        "basis": found.authority.answer_basis_in(language),
        "reminder": reminder or ReminderForm(initial={"on": _ahead(due_on)} | typed),
        "reminded": Reminder.objects.filter(complaint=found).first(),
        "letter": pack.letter if pack else None,
        "letter_in": letter_in,
        "forms_in": cases.letter_language(found.authority, reports),
        "letter_language": language_name(letter_in),
        "filled": [_filled(each) for each in pack.filled] if pack else [],
        "unchecked": unchecked_laws(pack.citations, language=language) if pack else [],
    }
    context["problem"] = any(each.errors for each in (form, states, reminder) if each)
    return render(request, "web/complaint.html", context, status=400 if context["problem"] else 200)


def _ahead(day: date | None) -> date | None:
    """The day; None if it is past, since nobody can be reminded on it."""
    return day if day is not None and day >= timezone.localdate() else None


def _link_of(channel: Channel, message: str = "") -> str:
    """The link that opens a channel on a telephone; "" if there is none."""
    address = channel.address
    match channel.kind:
        case Channel.Kind.SMS:
            return f"sms:{address}?body={quote(message)}" if message else f"sms:{address}"
        case Channel.Kind.PHONE:
            return f"tel:{address}"
        case Channel.Kind.EMAIL:
            return f"mailto:{address}"
        case Channel.Kind.WEB if address.startswith("https://"):
            return address
    return ""


def _filled(filled: Filled) -> dict[str, Any]:
    return {
        "channel": filled.channel,
        "messages": [
            ("\n".join(lines), _link_of(filled.channel, lines[0]) if len(lines) == 1 else "")
            for lines in filled.messages
        ],
        "forms": filled.forms,
    }
