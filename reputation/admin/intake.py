"""Messages by SMS and e-mail that wait for a moderator, and the outcome of the others."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation.admin.deciding import after_decision
from reputation.admin.decisions import Words
from reputation.admin.forms import ReasonForm, actor_of, reason_page
from reputation.admin.reading import Choice, ReadingAdmin, choice
from reputation.identity import MAX_INPUT, Identity, InvalidNumber, display, identify
from reputation.intake import Incoming, reviewing
from reputation.models import IntakeMessage, IntakeSender, QueueItem
from reputation.moderation import DecisionError, permissions, queue, refusal
from reputation.privacy import SealBroken
from reputation.reports import ReportError
from reputation.scoring import CATEGORIES


class FilingForm(ReasonForm):
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=MAX_INPUT,
        help_text=gettext_lazy("With + and calling code, or such as CN:95533."),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=[(name, gettext_lazy(category.label)) for name, category in CATEGORIES.items()],
    )
    field_order = ("number", "category", "reason")

    def clean_number(self) -> Identity:
        written = self.cleaned_data["number"]
        try:
            return identify(written, allow_fictional=settings.FICTIONAL_NUMBERS)
        except InvalidNumber as error:
            raise ValidationError(refusal(error, written)) from error


@dataclass(frozen=True)
class Act:
    """An action of a moderator on a message: on a page of its own, like a decision."""

    verb: str
    permission: str
    key: str
    label: Words
    consequence: Words
    reasons: tuple[str, ...]
    form: type[ReasonForm] = ReasonForm


ACTS = (
    Act(
        "read",
        permissions.UNMASK_REPORT,
        "v",
        gettext_lazy("Read, on record"),
        gettext_lazy(
            "Shows you the message with its sender, once. It is on record that you read it."
        ),
        ("to_file_it", "judge_a_threat"),
    ),
    Act(
        "file",
        permissions.CHANGE_REPORT,
        "c",
        gettext_lazy("Report it for the sender"),
        gettext_lazy("Makes the report that the sender meant, in their voice."),
        ("plain_words", "sender_said_so"),
        FilingForm,
    ),
    Act(
        "close",
        permissions.CHANGE_REPORT,
        "x",
        gettext_lazy("Close without a report"),
        gettext_lazy("The message stays on record and waits no longer."),
        ("nothing_to_go_by", "advertises"),
    ),
)


class NeedFilter(Choice):
    """Shows the messages that wait for a moderator, unless all messages are chosen."""

    title = gettext_lazy("need")
    parameter_name = "need"
    vocabulary: Any = (("all", gettext_lazy("all messages")),)

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("waits for a moderator")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() or request.GET.get("status"):
            return queryset
        messages: Any = queryset
        waiting: QuerySet[Any] = messages.waiting(timezone.now())
        return waiting


@admin.register(IntakeMessage)
class IntakeMessageAdmin(ReadingAdmin[IntakeMessage]):
    change_form_template = "panel/message.html"
    about_template = "panel/_message.html"
    list_display = ("received_at", "channel", "status", "trouble", "masked", "report")
    list_filter = (
        NeedFilter,
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
        messages: Any = super().get_queryset(request)
        listed: QuerySet[IntakeMessage] = messages.listed()
        return listed.select_related("sender", "report", "answers")

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act)
        name = "reputation_intakemessage_act"
        return [path("<int:pk>/do/<slug:verb>/", act, name=name), *super().get_urls()]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Waiting messages oldest first, all others newest first."""
        if request.GET.get("need") or request.GET.get("status"):
            return ["-id"]
        return ["received_at", "id"]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        message = kwargs.get("obj")
        if isinstance(message, IntakeMessage):
            context |= self.about(request, message)
        return super().render_change_form(request, context, *args, **kwargs)

    def about(self, request: HttpRequest, subject: IntakeMessage) -> dict[str, Any]:
        return {"message": subject, "acts": acts(request, subject)}

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Reads, files or closes a message; needs permission and a reason, and is recorded."""
        message = self.get_queryset(request).filter(pk=pk).first()
        act = next((act for act in ACTS if act.verb == verb), None)
        if message is None or act is None:
            raise Http404
        if not request.user.has_perm(act.permission):
            raise PermissionDenied
        page = reverse("admin:reputation_intakemessage_change", args=[pk])
        form = act.form(request.POST or None, reasons=act.reasons)
        if form.is_valid():
            try:
                return self._done(request, message, verb, form.cleaned_data, page)
            except (DecisionError, ReportError, SealBroken) as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
        return reason_page(
            self,
            request,
            form,
            title=act.label,
            consequence=act.consequence,
            page=page,
            subject=message,
            quote=message.masked,
        )

    def _done(
        self,
        request: HttpRequest,
        message: IntakeMessage,
        verb: str,
        cleaned: dict[str, Any],
        page: str,
    ) -> HttpResponse:
        now = timezone.now()
        by: dict[str, Any] = {
            "actor": actor_of(request),
            "message": message,
            "reason": cleaned["reason"],
            "now": now,
        }
        if verb == "read":
            return self._shown(request, message, reviewing.read_message(**by), page)
        queue.require_free(actors=(by["actor"],), subject=message, now=now)
        if verb == "close":
            reviewing.close_message(**by)
            messages.success(request, _("Closed."))
        else:
            reviewing.file_message(identity=cleaned["number"], category=cleaned["category"], **by)
            messages.success(request, _("Reported: %s.") % display(cleaned["number"].key))
        queue.rest(kind=QueueItem.Kind.MESSAGE, subject=message, now=now)
        return after_decision(request, message, page)

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


def acts(request: HttpRequest, message: IntakeMessage) -> list[Act]:
    """The actions that this user may take on the message in its present state."""
    possible = {
        "read": bool(message.sealed),
        "file": reviewing.can_be_decided(message),
        "close": reviewing.can_be_decided(message),
    }
    return [act for act in ACTS if possible[act.verb] and request.user.has_perm(act.permission)]
