"""The log of calls behind a report: add, change and remove a call."""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from reputation.identity import display
from reputation.lookup import CHANNELS
from reputation.models import LoggedCall, Report, Reporter
from reputation.reports import CallInFuture, CallTooOld, ReportError, diary, filing
from web import wording
from web.forms import Form, MomentField
from web.signed_in import signed_in
from web.views.mine import mine_of


class CallForm(Form):
    """One call, as its receiver remembers it."""

    at = MomentField(label=gettext_lazy("When"))
    channel = forms.ChoiceField(
        label=gettext_lazy("It came as"),
        widget=forms.RadioSelect,
        choices=list(CHANNELS.items()),
        initial=Report.Channel.CALL.value,
    )
    seconds = forms.IntegerField(
        label=gettext_lazy("How long, in seconds"), min_value=0, max_value=86_400, required=False
    )
    conduct = forms.MultipleChoiceField(
        label=gettext_lazy("What did they do?"),
        widget=forms.CheckboxSelectMultiple,
        choices=list(wording.CONDUCT.items()),
        required=False,
    )
    words = forms.CharField(
        label=gettext_lazy("What was said"),
        help_text=gettext_lazy("Only you see this, and those to whom you complain."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=filing.COMMENT_LENGTH,
        required=False,
    )

    def __init__(self, *args: Any, known: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].known = known  # type: ignore[attr-defined]

    def noted(self) -> diary.NotedCall:
        return diary.NotedCall(**self.cleaned_data)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Adds one call to the log of a report."""
    reporter, report = mine_of(request, public_id)
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            diary.note_call(
                reporter=reporter, public_id=public_id, noted=form.noted(), now=timezone.now()
            )
        except ReportError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The call is in your log."))
            return back_to_log(public_id)
    return _form_page(request, report, form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: uuid.UUID, call: int) -> HttpResponse:
    """Changes one call of the log, or removes it."""
    reporter, report = mine_of(request, public_id)
    try:
        return _change(request, reporter, report, call)
    except diary.CallNotFound as error:
        if request.method != "POST":
            raise Http404 from error
        return _removed(request, report)


def _change(request: HttpRequest, reporter: Reporter, report: Report, call: int) -> HttpResponse:
    public_id = report.public_id
    found = diary.find_call(reporter=reporter, public_id=public_id, call=call)
    if request.method != "POST":
        initial = {name: getattr(found, name) for name in CallForm.base_fields}
        return _form_page(request, report, CallForm(initial=initial), found=found)
    if request.POST.get("do") == "remove":
        diary.remove_call(reporter=reporter, public_id=public_id, call=call)
        messages.success(request, _("The call is removed from your log."))
        return back_to_log(public_id)
    form = CallForm(request.POST, known=found.at)
    changed = request.POST.get("was", _version(found)) != _version(found)
    if form.is_valid() and not changed:
        try:
            diary.correct_call(
                reporter=reporter,
                public_id=public_id,
                call=call,
                noted=form.noted(),
                now=timezone.now(),
            )
        except (CallInFuture, CallTooOld, diary.CallKnown) as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return back_to_log(public_id)
    elif form.is_valid():
        form.add_error(
            None, _("This call was changed in another window. Save again to put this in its place.")
        )
    return _form_page(request, report, form, found=found, changed=changed)


def _version(call: LoggedCall) -> str:
    """A value that changes whenever the log has something else about the call."""
    said = [getattr(call, name) for name in CallForm.base_fields]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _removed(request: HttpRequest, report: Report) -> HttpResponse:
    """The page for a call that another window, or the same button, has already removed."""
    if request.POST.get("do") == "remove":
        messages.success(request, _("The call is removed from your log."))
        return back_to_log(report.public_id)
    form = CallForm(request.POST)
    form.posts_to = reverse("my-calls", args=[report.public_id])
    if form.is_valid():
        form.add_error(None, _("This call was removed. Save it, and it is in your log again."))
    return _form_page(request, report, form)


@signed_in
@require_POST
def disown(request: HttpRequest, public_id: uuid.UUID, revision: int) -> HttpResponse:
    """Marks an earlier statement of the report as corrected by its present one."""
    reporter, _report = mine_of(request, public_id)
    try:
        diary.disown_statement(reporter=reporter, public_id=public_id, revision=revision)
    except diary.CallNotFound as error:
        raise Http404 from error
    messages.success(request, _("Corrected. What you said earlier stays on record and is no call."))
    return back_to_log(public_id)


def _form_page(
    request: HttpRequest,
    report: Report,
    form: CallForm,
    *,
    found: LoggedCall | None = None,
    changed: bool = False,
) -> HttpResponse:
    """The page with the form. `changed`: the call has changed since the form was opened; sending
    the form again replaces it."""
    context = {
        "report": report,
        "shown": display(report.number.key),
        "form": form,
        "found": found,
        "was": _version(found) if found else "",
        "changed": changed,
    }
    return render(request, "web/call.html", context, status=400 if form.errors else 200)


def message_of(error: ReportError) -> str:
    texts: dict[type[Exception], str] = {
        CallInFuture: str(wording.IN_FUTURE),
        CallTooOld: str(wording.NO_SUCH_YEAR),
        diary.LogFull: _("The log of this number is full."),
        diary.CallKnown: _(
            "Your log has a call of this minute. Change that one, or give another minute."
        ),
    }
    return texts.get(type(error), str(wording.BLOCKED))


def _refuse(form: CallForm, error: ReportError) -> None:
    form.add_error("at", ValidationError(message_of(error)))


def back_to_log(public_id: uuid.UUID) -> HttpResponse:
    response = redirect("my-report", public_id=public_id)
    response["Location"] += "#calls"
    return response
