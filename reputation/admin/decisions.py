"""The page between an action and its effect: it asks for the reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from reputation.admin.reading import ReadingAdmin
from reputation.moderation import DecisionError

# Each is a decision of its own with an entry on record; whoever decides should have looked.
MOST = 100

type Verb[M: Model] = Callable[[M, User, str, datetime], object]


class ReasonForm(forms.Form):
    # Whether there is one is for the domain to judge.
    reason = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "autofocus": True}),
        help_text="Goes on record with your name. The holder may ask for it.",
    )


class DecidingAdmin[M: Model](ReadingAdmin[M]):
    """Offers decisions to whoever has the permission to change what they are about."""

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[M],
        *,
        action: str,
        title: str,
        consequence: str,
        verb: Verb[M],
    ) -> HttpResponse | None:
        """Asks for a reason, then takes the decision on each row: one by one, each for good."""
        chosen = list(queryset.order_by("pk")[: MOST + 1])
        if len(chosen) > MOST:
            messages.error(request, f"Decide on at most {MOST} at a time.")
            return None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid() and self._take(request, chosen, form, verb):
            messages.success(request, f"{title}: {', '.join(map(str, chosen))}.")
            return HttpResponseRedirect(self._after(chosen))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "consequence": consequence,
            "chosen": chosen,
            "form": form,
            "action": action,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/reputation/decide.html", context)

    def _take(self, request: HttpRequest, chosen: list[M], form: ReasonForm, verb: Verb[M]) -> bool:
        actor = cast(User, request.user)  # the admin lets nobody else in
        try:
            for each in chosen:
                verb(each, actor, form.cleaned_data["reason"], timezone.now())
        except DecisionError as error:
            form.add_error("reason" if error.field == "reason" else None, str(error))
            return False
        return True

    def _after(self, chosen: list[M]) -> str:
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if len(chosen) == 1:
            return reverse(f"{page}_change", args=[chosen[0].pk])
        return reverse(f"{page}_changelist")
