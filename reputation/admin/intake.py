"""Messages by SMS and e-mail that wait for a moderator, and the outcome of the others."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation.admin.forms import ReasonForm
from reputation.admin.reading import ReadingAdmin, choice
from reputation.identity import InvalidNumber, display, identify
from reputation.intake import Incoming, reviewing
from reputation.models import IntakeMessage, IntakeSender
from reputation.moderation import DecisionError
from reputation.privacy import SealBroken
from reputation.reports import ReportError
from reputation.scoring import CATEGORIES

READ, DECIDE = "reputation.unmask_report", "reputation.change_report"


class FilingForm(ReasonForm):
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=200,
        help_text=gettext_lazy("With + and calling code, or such as CN:95533."),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=[(name, gettext_lazy(category.label)) for name, category in CATEGORIES.items()],
    )
    field_order = ("number", "category", "reason")


@admin.register(IntakeMessage)
class IntakeMessageAdmin(ReadingAdmin[IntakeMessage]):
    change_form_template = "panel/message.html"
    list_display = ("received_at", "channel", "status", "trouble", "masked", "report")
    list_filter = (
        choice("status", IntakeMessage.Status),
        choice("channel", IntakeSender.Channel),
        choice("trouble", IntakeMessage.Trouble),
    )
    list_select_related = ("report",)
    fields = (
        *("public_id", "channel", "received_at", "status", "trouble", "masked"),
        *("asked", "asked_until", "sender", "answers", "report"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntakeMessage]:
        listed = IntakeMessage.objects.listed().values("pk")
        rows = super().get_queryset(request).filter(pk__in=listed)
        return rows.select_related("sender", "report", "answers")

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act)
        name = "reputation_intakemessage_act"
        return [path("<int:pk>/do/<slug:verb>/", act, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        message = kwargs.get("obj")
        if isinstance(message, IntakeMessage):
            decides = request.user.has_perm(DECIDE) and reviewing.can_be_decided(message)
            context |= {
                "may_read": request.user.has_perm(READ) and bool(message.sealed),
                # Three forms on one page: each needs ids of its own.
                "reading": ReasonForm(auto_id="read_%s"),
                "filing": FilingForm(auto_id="file_%s") if decides else None,
                "closing": ReasonForm(auto_id="close_%s"),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Reads, files or closes a message: with permission and reason, and on record."""
        message = self.get_queryset(request).filter(pk=pk).first()
        if message is None or verb not in ("read", "file", "close") or request.method != "POST":
            raise Http404
        if not request.user.has_perm(READ if verb == "read" else DECIDE):
            raise PermissionDenied
        page = reverse("admin:reputation_intakemessage_change", args=[pk])
        form = (FilingForm if verb == "file" else ReasonForm)(request.POST)
        if not form.is_valid():
            for name, errors in form.errors.items():
                messages.error(request, f"{form.fields[name].label}: {' '.join(map(str, errors))}")
            return HttpResponseRedirect(page)
        try:
            return self._done(request, message, verb, form.cleaned_data, page)
        except (DecisionError, ReportError, InvalidNumber, SealBroken) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(page)

    def _done(
        self,
        request: HttpRequest,
        message: IntakeMessage,
        verb: str,
        said: dict[str, Any],
        page: str,
    ) -> HttpResponse:
        context = {
            "actor": request.user,
            "message": message,
            "reason": said["reason"],
            "now": timezone.now(),
        }
        if verb == "read":
            return self._shown(request, message, reviewing.read_message(**context), page)
        if verb == "close":
            reviewing.close_message(**context)
            messages.success(request, _("Closed."))
        else:
            identity = identify(said["number"], allow_fictional=settings.FICTIONAL_NUMBERS)
            reviewing.file_message(identity=identity, category=said["category"], **context)
            messages.success(request, _("Reported: %s.") % display(identity.key))
        return HttpResponseRedirect(page)

    def _shown(
        self, request: HttpRequest, message: IntakeMessage, content: Incoming, page: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Message"),
            "message": message,
            "content": content,
            "page": page,
        }
        response = TemplateResponse(request, "panel/message_shown.html", context)
        response["Cache-Control"] = "no-store"
        return response
