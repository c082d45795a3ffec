"""The audit record of decisions, read-only."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reputation.admin.audit_filters import NAMES, AuditFilter, AuditForm
from reputation.admin.decisions import EXPORT_REASONS
from reputation.admin.forms import ReasonForm, actor_of
from reputation.admin.reading import ReadingAdmin, ReadingInline
from reputation.admin.searching import Search
from reputation.admin.words import verb
from reputation.models import AuditEntry, Report
from reputation.moderation import DecisionError, permissions, reasons
from reputation.quality import exports, signing


class _InWords:
    @admin.display(description=_("decision"))
    def decision(self, entry: AuditEntry) -> Any:
        return verb(entry.verb)

    @admin.display(description=_("reason"))
    def reason_given(self, entry: AuditEntry) -> str:
        return reasons.in_words(entry.reason)


class DecisionsOnReport(_InWords, ReadingInline[AuditEntry, Report]):
    model = AuditEntry
    verbose_name_plural = _("newest decisions")
    fields = ("at", "actor", "decision", "reason_given", "before", "after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return super().get_queryset(request).select_related("actor")


class ExportForm(ReasonForm):
    format = forms.ChoiceField(
        label=_("File"),
        choices=[("csv", _("CSV, for spreadsheets")), ("jsonl", _("JSON Lines, for programs"))],
    )
    field_order = ("format", "reason")


@admin.register(AuditEntry)
class AuditEntryAdmin(_InWords, ReadingAdmin[AuditEntry]):
    list_display = ("at", "decision", "about", "actor", "reason_given", "taken_back")
    list_filter = (AuditFilter,)
    search = Search(number="number", reporter="reporter", words=("reason",), newest=True)
    sorts = ("at", "actor")
    fields = (
        ("at", "actor", "decision"),
        ("number", "report", "reporter", "campaign", "key_grant"),
        ("batch", "undoes", "taken_back"),
        "reason_given",
        "before",
        "after",
    )
    readonly_fields = ("decision", "reason_given", "taken_back")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="reputation_auditentry_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for format and reason; then sends the signed file, on record."""
        if not request.user.has_perm(permissions.EXPORT_RECORD):
            raise PermissionDenied
        asked = AuditForm({name: request.GET.get(name, "") for name in NAMES})
        wanted = asked.wanted()
        form = ExportForm(request.POST or None, reasons=EXPORT_REASONS)
        now = timezone.now()
        if asked.is_valid() and form.is_valid():
            try:
                packed = exports.export(
                    actor=actor_of(request), wanted=wanted, now=now, **form.cleaned_data
                )
            except DecisionError as error:
                form.refuse(error)
            else:
                name = f"record-{now:%Y%m%dT%H%M%SZ}.zip"
                headers = {
                    "Content-Disposition": f'attachment; filename="{name}"',
                    "Cache-Control": "no-store",
                }
                return HttpResponse(packed, content_type="application/zip", headers=headers)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Export the record"),
            "asked": asked,
            "entries": exports.count(wanted),
            "form": form,
            "fingerprint": signing.fingerprint() if signing.signs() else "",
        }
        return TemplateResponse(request, "panel/export.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries = super().get_queryset(request)
        return entries.select_related(*AuditEntry.SUBJECTS, "actor", "undone_by__actor")

    @admin.display(description=_("about"))
    def about(self, entry: AuditEntry) -> str:
        return str(entry.number or entry.subject or entry.after.get("account", ""))

    @admin.display(description=_("taken back by"))
    def taken_back(self, entry: AuditEntry) -> str:
        undone = getattr(entry, "undone_by", None)
        return str(undone.actor) if undone else ""
