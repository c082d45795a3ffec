"""The audit record of decisions, read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reputation.admin.reading import ReadingAdmin, ReadingInline
from reputation.admin.searching import Search
from reputation.admin.words import verb
from reputation.models import AuditEntry, Report
from reputation.moderation import reasons


class _Decisions[P: Model](ReadingInline[AuditEntry, P]):
    model = AuditEntry
    verbose_name_plural = _("newest decisions")
    fields = ("at", "actor", "decision", "reason_given", "before", "after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description=_("decision"))
    def decision(self, entry: AuditEntry) -> Any:
        return verb(entry.verb)

    @admin.display(description=_("reason"))
    def reason_given(self, entry: AuditEntry) -> str:
        return reasons.in_words(entry.reason)


class DecisionsOnReport(_Decisions[Report]):
    pass


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadingAdmin[AuditEntry]):
    list_display = ("at", "decision", "about", "actor", "reason_given", "taken_back")
    search = Search(number="number", reporter="reporter", words=("reason",), newest=True)
    sorts = ("at", "actor")
    fields = (
        ("at", "actor", "decision"),
        ("number", "report", "reporter", "campaign"),
        ("batch", "undoes", "taken_back"),
        "reason_given",
        "before",
        "after",
    )
    readonly_fields = ("decision", "reason_given", "taken_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries = super().get_queryset(request)
        return entries.select_related("number", "reporter", "campaign", "actor", "undone_by__actor")

    @admin.display(description=_("decision"))
    def decision(self, entry: AuditEntry) -> Any:
        return verb(entry.verb)

    @admin.display(description=_("reason"))
    def reason_given(self, entry: AuditEntry) -> str:
        return reasons.in_words(entry.reason)

    @admin.display(description=_("about"))
    def about(self, entry: AuditEntry) -> str:
        about = entry.number or entry.reporter or entry.campaign
        return str(about or entry.after.get("account", ""))

    @admin.display(description=_("taken back by"))
    def taken_back(self, entry: AuditEntry) -> str:
        undone = getattr(entry, "undone_by", None)
        return str(undone.actor) if undone else ""
