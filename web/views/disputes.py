"""Disputes: the holder of a number objects without an account, with a code that is sent to the
number."""

import uuid
from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from edge import client_address, page_of
from reputation import disputes
from reputation.attachments import EXTENSIONS, Draft
from reputation.disputes import (
    CODE_LIFETIME,
    CONTACT_LENGTH,
    DECIDED_WITHIN,
    FILES_KEPT,
    STATEMENT_LENGTH,
    AlreadyDisputed,
    CodeNotSent,
    ContactUnreachable,
    DisputeError,
    DisputeNotFound,
    TooManyCodes,
)
from reputation.identity import Identity, InvalidNumber, display
from reputation.models import Dispute
from reputation.moderation import reasons
from reputation.privacy import network_of
from web import locality, uploads, wording
from web.forms import READING_IN, Form
from web.limits import limited
from web.readings import read_number
from web.uploads import taking_files

STATUS = Dispute.Status
# The message that says what is wrong with a code: it is shown at the code.
WRONG_CODE = "wrong-code"


class DisputeForm(Form):
    grounds = forms.ChoiceField(
        label=gettext_lazy("Why is the listing wrong?"),
        choices=Dispute.Grounds.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what fits best.")},
    )
    statement = forms.CharField(
        label=gettext_lazy("What should the moderator know?"),
        help_text=gettext_lazy(
            "What you have to do with this number, and what calls from it are about."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=STATEMENT_LENGTH,
    )
    contact = forms.CharField(
        label=gettext_lazy("E-mail or telephone, if the moderator has a question"),
        help_text=gettext_lazy(
            "An e-mail address gets the link to your case and the decision. If you give none, a "
            "block stays until the decision."
        ),
        max_length=CONTACT_LENGTH,
        required=False,
    )


class CodeForm(Form):
    """The code that was sent to the number."""

    code = forms.CharField(label=gettext_lazy("Code"))


class AppealForm(Form):
    statement = forms.CharField(
        label=gettext_lazy("What did the moderator miss?"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=STATEMENT_LENGTH,
    )


@never_cache
@limited("dispute", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: HttpRequest, number: str) -> HttpResponse:
    try:
        identity = read_number(number, region=locality.country_of(request))
    except InvalidNumber as error:
        raise Http404 from error
    form = DisputeForm(request.POST if request.method == "POST" else None)
    by_text, now = bool(settings.INTAKE_OWN_NUMBERS), timezone.now()
    if not form.is_bound:
        refusal = disputes.refusal(identity=identity, by_text=by_text, now=now)
        disputed = isinstance(refusal, AlreadyDisputed)
        return _form_page(request, identity, None if refusal else form, refusal, disputed=disputed)
    if not form.is_valid():
        return _form_page(request, identity, form)
    try:
        opened = disputes.open_dispute(
            identity=identity,
            network=network_of(client_address(request.META)),
            language=locality.language_of(request),
            by_text=by_text,
            now=now,
            **form.cleaned_data,
        )
    except (CodeNotSent, TooManyCodes) as error:
        if error.dispute is None:
            raise
        messages.error(request, str(error))
        return redirect("dispute", public_id=error.dispute.public_id)
    except DisputeError as error:
        form.add_error("contact" if isinstance(error, ContactUnreachable) else None, str(error))
        disputed = isinstance(error, AlreadyDisputed)
        return _form_page(request, identity, form, disputed=disputed)
    return redirect("dispute", public_id=opened.public_id)


def _form_page(
    request: HttpRequest,
    identity: Identity,
    form: DisputeForm | None,
    refusal: DisputeError | None = None,
    *,
    disputed: bool = False,
) -> HttpResponse:
    """The form to object with, or why nobody can. `disputed`: a dispute waits for a decision."""
    status = 400 if form is not None and form.errors else 200
    context = {
        "form": form,
        "refusal": refusal,
        "shown": display(identity.key),
        "page": page_of(identity.key),
        "days": DECIDED_WITHIN.days,
        "own_numbers": wording.own_numbers() if disputed else [],
    }
    return render(request, "web/dispute_form.html", context, status=status)


@never_cache
@require_safe
def follow(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The state of a dispute, for everybody with its address, which only its opener was given."""
    dispute = _find(public_id)
    told = messages.get_messages(request)
    problem = next((str(each) for each in told if each.extra_tags == WRONG_CODE), "")
    return _page(request, dispute, problem=problem)


@never_cache
@limited("dispute")
@require_POST
def verify(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    if READING_IN in request.POST:
        return _page(request, _find(public_id), code=CodeForm(request.POST))
    try:
        disputes.verify(
            public_id=public_id, code=request.POST.get("code", "")[:40], now=timezone.now()
        )
    except DisputeNotFound as error:
        raise Http404 from error
    except DisputeError as error:
        # A page that is loaded again must not send the code again: attempts are counted.
        messages.error(request, str(error), extra_tags=WRONG_CODE)
        return redirect("dispute", public_id=public_id)
    messages.success(
        request, _("The code is right: the number is yours. A moderator looks at your objection.")
    )
    return redirect("dispute", public_id=public_id)


@never_cache
@limited("dispute")
@require_POST
def send_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    try:
        disputes.send_again(public_id=public_id, now=timezone.now())
    except DisputeNotFound as error:
        raise Http404 from error
    except DisputeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A new code is on its way. An earlier one is void."))
    return redirect("dispute", public_id=public_id)


@never_cache
@limited("dispute")
@require_POST
def appeal(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    form = AppealForm(request.POST)
    if form.is_valid():
        try:
            appealed = disputes.appeal(public_id=public_id, now=timezone.now(), **form.cleaned_data)
        except DisputeNotFound as error:
            raise Http404 from error
        except DisputeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your appeal is in. Another moderator decides."))
            return redirect("dispute", public_id=appealed.public_id)
    return _page(request, _find(public_id), appeal=form)


@never_cache
@limited("evidence")
@taking_files
@require_POST
def add_files(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    _find(public_id)

    def add(draft: Draft) -> bool:
        return disputes.add_file(public_id=public_id, draft=draft, now=timezone.now())[1]

    try:
        uploads.tell_added(request, uploads.add_each(request, add))
    except DisputeError as error:
        messages.error(request, str(error))
    return redirect("dispute", public_id=public_id)


@never_cache
@limited("evidence")
@require_POST
def remove_file(request: HttpRequest, public_id: uuid.UUID, sha256: str) -> HttpResponse:
    try:
        disputes.remove_file(public_id=public_id, sha256=sha256)
    except DisputeNotFound as error:
        raise Http404 from error
    except DisputeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The file is gone from your objection."))
    return redirect("dispute", public_id=public_id)


def _find(public_id: uuid.UUID) -> Dispute:
    try:
        return disputes.find_dispute(public_id=public_id)
    except DisputeNotFound as error:
        raise Http404 from error


def _again_from(dispute: Dispute) -> datetime | None:
    """The first full day on which the holder may object again, as `TooSoon` names it."""
    start = disputes.disputable_from(dispute.number, dispute.grounds)
    return start + timedelta(days=1) if start else None


def _page(
    request: HttpRequest,
    dispute: Dispute,
    *,
    code: CodeForm | None = None,
    appeal: AppealForm | None = None,
    problem: str = "",
) -> HttpResponse:
    now = timezone.now()
    status = dispute.status_at(now)
    appealed = dispute.appeals.first()
    until = disputes.appealable_until(dispute)
    appealable = until is not None and now <= until
    form: Form | None = None
    if status == STATUS.AWAITING_CODE:
        form = code or CodeForm()
        form.posts_to = reverse("dispute-verify", args=[dispute.public_id])
    elif appealable:
        form = appeal or AppealForm()
        form.posts_to = reverse("dispute-appeal", args=[dispute.public_id])
    context = {
        "dispute": dispute,
        "reason": reasons.in_words(dispute.reason),
        "status": status,
        "shown": display(dispute.number.key),
        "page": page_of(dispute.number.key),
        "form": form,
        "files": [
            (file, EXTENSIONS[file.media_type].lstrip(".")) for file in disputes.files_of(dispute)
        ],
        "files_kept": FILES_KEPT.days,
        "problem": problem,
        "told_below": bool(problem),
        "appealed": appealed,
        "gets_codes": dispute.codes_sent or disputes.is_worth_a_code(dispute.number),
        "appealable": appealable,
        "appeal_until": until,
        "again_from": _again_from(dispute),
        "own_numbers": wording.own_numbers(),
        "minutes": int(CODE_LIFETIME.total_seconds()) // 60,
        "url": request.build_absolute_uri(reverse("dispute", args=[dispute.public_id])),
    }
    wrong = bool(appeal and appeal.errors)
    return render(request, "web/dispute.html", context, status=400 if wrong else 200)
