from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.decisions import DECISIONS
from reputation.admin.reading import choice
from reputation.admin.searching import Search
from reputation.models import Reporter
from reputation.moderation import permissions, reporter_dossier
from reputation.scoring import sensitivity, specificity


@admin.register(Reporter)
class ReporterAdmin(DecidingAdmin[Reporter]):
    kind = "reporter"
    change_form_template = "panel/reporter.html"
    about_template = "panel/_reporter.html"
    list_display = (
        "handle",
        "kind",
        "created_at",
        "sensitivity",
        "specificity",
        "cluster",
        "blocked_at",
    )
    list_filter = (choice("kind", Reporter.Kind),)
    search = Search(handle="handle", reporter="pk")
    sorts = ("handle", "kind", "created_at", "cluster", "blocked_at")
    actions = ("block",)
    fields = (
        "handle",
        "kind",
        "created_at",
        ("sensitivity", "specificity"),
        ("tp", "fn", "tn", "fp", "firsts"),
        "cluster",
        "blocked_at",
    )
    readonly_fields = ("sensitivity", "specificity")

    def about(self, request: HttpRequest, subject: Reporter) -> dict[str, Any]:
        see_reports = request.user.has_perm(permissions.VIEW_REPORT)
        return {
            "reporter": subject,
            "who": reporter_dossier.of(subject),
            "offered": offered(request, "reporter", subject),
            "see_reports": see_reports or request.user.has_perm(permissions.CHANGE_REPORT),
            "may_bulk": request.user.has_perm(permissions.DECIDE_ON_MANY),
            "may_undo": request.user.has_perm(permissions.CHANGE_REPORTER),
            "last_decision": last_decision(request),
            "here": request.get_full_path(),
        }

    @admin.display(description=_("calls unwanted calls unwanted"))
    def sensitivity(self, reporter: Reporter) -> str:
        return f"{sensitivity(reporter.record):.0%}"

    @admin.display(description=_("calls legitimate calls legitimate"))
    def specificity(self, reporter: Reporter) -> str:
        return f"{specificity(reporter.record):.0%}"

    @admin.action(
        permissions=["decide_on_many"], description=DECISIONS["reporter"]["block_reporter"].label
    )
    def block(self, request: HttpRequest, queryset: QuerySet[Reporter]) -> HttpResponse | None:
        return self.decide_on_many(request, queryset, "block_reporter")
