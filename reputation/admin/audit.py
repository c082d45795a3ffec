from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from reputation.admin.reading import ReadingAdmin, ReadingInline
from reputation.models import AuditEntry, Number, Report


class _Decisions[P: Model](ReadingInline[AuditEntry, P]):
    model = AuditEntry
    verbose_name_plural = "newest decisions"
    fields = ("at", "actor", "verb", "reason", "before", "after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return super().get_queryset(request).select_related("actor")


class DecisionsOnNumber(_Decisions[Number]):
    pass


class DecisionsOnReport(_Decisions[Report]):
    pass


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadingAdmin[AuditEntry]):
    list_display = ("at", "verb", "number", "actor", "reason")
    list_select_related = ("number", "actor")
    fields = ("at", "actor", "verb", "number", "report", "reason", "before", "after")
