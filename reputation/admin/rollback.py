"""Undoes all decisions of one account in a period, or of one batch or import, after a preview."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from edge import whole_number
from reputation import decisions
from reputation.admin.decisions import UNDO_REASONS
from reputation.admin.forms import ReasonForm, actor_of, drawn
from reputation.admin.proposals import page_after
from reputation.admin.words import verb
from reputation.models import AuditEntry, DecisionBatch
from reputation.moderation import DecisionError, batches, permissions, rollback

# The default period.
LATELY = timedelta(days=7)


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class WhatForm(forms.Form):
    """The account and period whose decisions are undone, or the batch or import."""

    account = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, label=gettext_lazy("Decisions of")
    )
    since = forms.DateTimeField(required=False, widget=Moment, label=gettext_lazy("From (UTC)"))
    until = forms.DateTimeField(required=False, widget=Moment, label=gettext_lazy("Until (UTC)"))
    batch = forms.ModelChoiceField(
        queryset=DecisionBatch.objects.all(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decided = AuditEntry.objects.filter(actor=OuterRef("pk"))
        accounts: Any = self.fields["account"]
        accounts.queryset = User.objects.filter(Exists(decided)).order_by("username")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("batch") and not cleaned.get("account") and not self.errors:
            self.add_error("account", _("Choose an account."))
        since, until = self.period
        if since > until:
            self.add_error("until", _("The end lies before the beginning."))
        return cleaned

    @property
    def period(self) -> tuple[datetime, datetime]:
        now = timezone.now()
        until = self.cleaned_data.get("until") or now
        return self.cleaned_data.get("since") or now - LATELY, until

    def found(self) -> rollback.Found:
        if batch := self.cleaned_data.get("batch"):
            return rollback.of_batch(batch)
        since, until = self.period
        return rollback.of_account(self.cleaned_data["account"], since=since, until=until)


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Asks what to take back, shows what that would do, and asks for the reason."""
    if not request.user.has_perm(permissions.DECIDE_ON_MANY):
        raise PermissionDenied
    batch_id = drawn(request, "drawn")
    begun = DecisionBatch.objects.filter(actor=actor_of(request))
    if batch_id is not None and (batch := begun.filter(pk=batch_id).first()) is not None:
        return HttpResponseRedirect(page_after(request, batch))  # by an earlier click
    now = timezone.now()
    opens = {"since": (now - LATELY).astimezone(UTC), "until": None}
    asked = request.POST if request.method == "POST" else request.GET
    what = WhatForm(asked if "account" in asked or "batch" in asked else None, initial=opens)
    context: dict[str, Any] = {
        **site.each_context(request),
        "opts": DecisionBatch._meta,
        "title": _("Take decisions back together"),
        "what": what,
    }
    if what.is_valid():
        found = what.found()
        form = ReasonForm(request.POST if request.method == "POST" else None, reasons=UNDO_REASONS)
        # Only what the page showed: the account may decide on.
        shown = whole_number(request.POST.get("newest", "")) or max(found.entries, default=0)
        entries = tuple(pk for pk in found.entries if pk <= shown)
        plan = decisions.ManyDecisions("entry", "take_back", entries, drawn(request, "drawn"))
        if request.method == "POST" and form.is_valid():
            try:
                done = decisions.carry_out(plan=plan, seen=0, **form.by(request))
                return HttpResponseRedirect(page_after(request, done))
            except DecisionError as error:
                form.refuse(error)
        context |= {
            "found": found,
            "left": [(entry, verb(entry.verb)) for entry in found.left],
            "form": form,
            "drawn": uuid4(),
            "newest": max(found.entries, default=0),
            "two": plan.takes_two(actor=actor_of(request), now=now),
            "asked": [(field.name, asked.get(field.name, "")) for field in what],
            "batch": what.cleaned_data.get("batch"),
        }
        if found.entries:
            context["seen"] = batches.preview(
                actor=actor_of(request),
                subject="entry",
                verb="take_back",
                targets=found.entries,
                now=now,
            )
    return TemplateResponse(request, "panel/rollback.html", context)
