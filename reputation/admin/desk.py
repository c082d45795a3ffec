"""The page of what waits for its reader. The reader sets whether they are away and want mails."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from reputation.admin.forms import actor_of
from reputation.admin.words import state_of, verb
from reputation.decisions import desk, end_of_day
from reputation.models import QueueItem
from reputation.moderation import DecisionError, permissions

INTERVALS: dict[int, Any] = {
    0: gettext_lazy("no mails"),
    1: gettext_lazy("once an hour at most"),
    4: gettext_lazy("every four hours at most"),
    24: gettext_lazy("once a day at most"),
}


class DeskForm(forms.Form):
    away_until = forms.DateField(
        required=False,
        label=gettext_lazy("Away until the end of (UTC)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("What is assigned to you is then free for others."),
    )
    digest_hours = forms.TypedChoiceField(
        coerce=int,
        choices=[(hours, INTERVALS[hours]) for hours in desk.INTERVALS],
        label=gettext_lazy("Mails about what waits for you"),
    )

    def clean_away_until(self) -> datetime | None:
        day = self.cleaned_data["away_until"]
        return None if day is None else end_of_day(day)


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    if not request.user.has_perm(permissions.VIEW_QUEUE):
        raise PermissionDenied
    user, now = actor_of(request), timezone.now()
    kept = desk.desk_of(user)
    away = kept.away_until and kept.away_until.astimezone(UTC).date()
    opens = {"away_until": away, "digest_hours": kept.digest_hours}
    form = DeskForm(request.POST or None, initial=opens)
    works = user.has_perm(permissions.WORK_QUEUE)
    if request.method == "POST" and not works:
        raise PermissionDenied
    if form.is_valid():
        try:
            desk.arrange(user=user, language=get_language() or "en", now=now, **form.cleaned_data)
        except DecisionError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(reverse("admin:desk"))
    found = desk.waits_for(user, now=now)
    items = [_item(item) for item in found.assigned.select_related("number")[: desk.SHOWN]]
    escalated = found.escalated.select_related("number", "escalated_by")[: desk.SHOWN]
    answers = found.answers[: desk.SHOWN]
    context = {
        **site.each_context(request),
        "title": _("My desk"),
        "assigned": items,
        "escalated": [_item(item) for item in escalated],
        "deadlines": found.deadlines.select_related("number")[: desk.SHOWN],
        "proposals": [(each, verb(each.verb)) for each in found.proposals[: desk.SHOWN]],
        "answers": [(each, verb(each.verb), state_of(each)) for each in answers],
        "form": form if works else None,
    }
    return TemplateResponse(request, "panel/desk.html", context)


def _item(item: QueueItem) -> tuple[QueueItem, str]:
    return item, str(item.number or item)
