import uuid
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin import ActionLocation
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from reputation import moderation
from reputation.admin.audit import DecisionsOnReport
from reputation.admin.decisions import DecidingAdmin
from reputation.admin.reading import SEARCH_HELP, ReadingInline, choice, key_searched
from reputation.models import Number, Report, Reporter, ReportRevision
from reputation.scoring.categories import CATEGORIES


def comment_for(request: HttpRequest) -> str:
    """The column with the comment as this user may read it: personal data is masked for most."""
    return "comment" if request.user.is_superuser else "comment_public"


class _Reports[P: Model](ReadingInline[Report, P]):
    model = Report
    verbose_name_plural = "newest reports"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).select_related("reporter", "number")

    @admin.display(description="counted")
    def counted(self, report: Report) -> str:
        return f"{report.contribution:.2f} of {report.weight:.2f}"

    @admin.display(description="credit")
    def settled(self, report: Report) -> str:
        return f"{report.credit:+.1f}" if report.credit else "-"


class ReportsOnNumber(_Reports[Number]):
    def get_fields(self, request: HttpRequest, obj: Number | None = None) -> Any:
        return (
            "counted_at",
            "category",
            "status",
            comment_for(request),
            "claimed_name",
            "reporter",
            "established",
            "counted",
            "settled",
        )


class ReportsOfReporter(_Reports[Reporter]):
    def get_fields(self, request: HttpRequest, obj: Reporter | None = None) -> Any:
        return ("counted_at", "number", "category", "status", comment_for(request), "settled")


class Revisions(ReadingInline[ReportRevision, Report]):
    """What the report said before. Not masked, so for superusers only."""

    model = ReportRevision
    verbose_name_plural = "what it said before"
    fields = ("at", "change", "content")
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return request.user.is_superuser


@admin.register(Report)
class ReportAdmin(DecidingAdmin[Report]):
    list_display = (
        "counted_at",
        "number",
        "category",
        "status",
        "comment_public",
        "claimed_name",
        "reporter",
    )
    list_filter = (
        choice("status", Report.Status.values),
        choice("category", CATEGORIES),
        choice("channel", Report.Channel.values),
    )
    list_select_related = ("number", "reporter")
    search_fields = ("number__key",)
    search_help_text = f"{SEARCH_HELP} Or the id of a report."
    actions = ("reject",)
    inlines = (DecisionsOnReport, Revisions)

    def get_fields(self, request: HttpRequest, obj: Report | None = None) -> Any:
        return (
            "public_id",
            "number",
            "reporter",
            "status",
            "category",
            "conduct",
            comment_for(request),
            "claimed_name",
            "callback_number",
            "channel",
            "attestation",
            "was_warned",
            "call_count",
            "occurred_at",
            "filed_at",
            "counted_at",
            "network",
            "established",
            "seq",
            "weight",
            "contribution",
            "credit",
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).select_related("number", "reporter")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Report], search_term: str
    ) -> tuple[QuerySet[Report], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(public_id=uuid.UUID(search_term.strip())), False
        except ValueError:
            key = key_searched(request, search_term)
        return (queryset.none() if key is None else queryset.filter(number__key=key)), False

    @admin.action(
        permissions=["moderate"],
        description="Reject as untrue",
        location=[ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM],
    )
    def reject(self, request: HttpRequest, queryset: QuerySet[Report]) -> HttpResponse | None:
        return self.decide(
            request,
            queryset,
            action="reject",
            title="Reject as untrue",
            consequence="These reports stop counting and stay on record. Their reporters lose "
            "trust. Filing them again brings nothing back.",
            verb=_reject,
        )


def _reject(report: Report, actor: User, reason: str, now: datetime) -> None:
    moderation.reject_report(actor=actor, report=report, reason=reason, now=now)
