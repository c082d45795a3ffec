from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation.admin import evidence
from reputation.admin.audit import DecisionsOnReport
from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.decisions import DECISIONS
from reputation.admin.labels import CONDUCT, LABELS, worded
from reputation.admin.numbers import number_context
from reputation.admin.reading import choice
from reputation.admin.searching import Search
from reputation.admin.words import masked_words, number
from reputation.languages import semicolon
from reputation.models import Report
from reputation.moderation import permissions
from reputation.privacy import mask
from reputation.scoring import CATEGORIES

REPORT = DECISIONS["report"]
STATUS, CATEGORY, CHANNEL, ATTESTATION = map(
    worded, ("status", "category", "channel", "attestation")
)


LISTED_LENGTH = 200


@admin.register(Report)
class ReportAdmin(DecidingAdmin[Report]):
    kind = "report"
    change_form_template = "panel/report.html"
    about_template = "panel/_about_report.html"
    list_display = (
        "counted_at",
        "number",
        CATEGORY,
        STATUS,
        "beginning",
        "named",
        "reporter",
    )
    list_filter = (
        choice("status", Report.Status.values),
        choice("category", CATEGORIES),
        choice("channel", Report.Channel.values),
    )
    list_select_related = ("number", "reporter")
    search = Search(
        number="number", reporter="reporter", public_id="public_id", reports=("pk", "pk")
    )
    sorts = ("counted_at", "number", "category", "status", "reporter")
    actions = ("reject", "hide")
    inlines = (DecisionsOnReport,)
    fields = (
        ("number", "reporter"),
        (STATUS, "merged_into", "hidden"),
        (CATEGORY, "acts"),
        "said",
        ("named", "call_back"),
        (CHANNEL, ATTESTATION, "was_warned", "call_count"),
        ("occurred_at", "filed_at", "counted_at"),
        ("network", "established", "first"),
        ("seq", "weight", "contribution", "credit"),
        "public_id",
    )
    readonly_fields = (STATUS, CATEGORY, CHANNEL, ATTESTATION, "acts", "said", "named", "call_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).select_related("number", "reporter", "merged_into")

    def get_ordering(self, request: HttpRequest) -> Any:
        # Reports of one number are in the order of the index by number: there may be a hundred
        # thousand.
        return ["-counted_at", "-id"] if request.GET.get("q", "").strip() else ["-id"]

    def on_own_page(self, request: HttpRequest, subject: Report) -> dict[str, Any]:
        return {
            **report_context(subject),
            "offered": offered(request, "report", subject),
            "last_decision": last_decision(request),
            "here": request.get_full_path(),
            "files": evidence.OF_REPORTS.of(subject),
            "may_open": request.user.has_perm(permissions.UNMASK_REPORT),
        }

    def about(self, request: HttpRequest, subject: Report) -> dict[str, Any]:
        of_number = number_context(request, subject.number)
        return (
            of_number | report_context(subject) | {"offered": offered(request, "report", subject)}
        )

    def get_urls(self) -> list[URLPattern]:
        return [*evidence.OF_REPORTS.urls(self), *super().get_urls()]

    def unmasked(self, request: HttpRequest, subject: Any) -> HttpResponse:
        """The page with the report's unmasked words, which is shown once and not cached."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Unmasked report"),
            "report": subject,
            "revisions": list(subject.revisions.order_by("-id")[:50]),
            "page": self.page_of(subject),
        }
        response = TemplateResponse(request, "panel/unmasked.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description=LABELS["conduct"])
    def acts(self, report: Report) -> str:
        return semicolon().join(str(CONDUCT[act]) for act in report.conduct)

    @admin.display(description=gettext_lazy("said"))
    def said(self, report: Report) -> str:
        return masked_words(report)

    @admin.display(description=gettext_lazy("said"))
    def beginning(self, report: Report) -> str:
        """The beginning of the words, for lists: thousands of characters would fill the window."""
        return Truncator(masked_words(report)).chars(LISTED_LENGTH)

    @admin.display(description=gettext_lazy("claimed name"))
    def named(self, report: Report) -> str:
        return mask(report.claimed_name)

    @admin.display(description=LABELS["callback_number"])
    def call_back(self, report: Report) -> str:
        return number(report.callback_number)

    @admin.action(permissions=["decide_on_many"], description=REPORT["reject_report"].label)
    def reject(self, request: HttpRequest, queryset: QuerySet[Report]) -> HttpResponse | None:
        return self.decide_on_many(request, queryset, "reject_report")

    @admin.action(permissions=["decide_on_many"], description=REPORT["hide_report"].label)
    def hide(self, request: HttpRequest, queryset: QuerySet[Report]) -> HttpResponse | None:
        return self.decide_on_many(request, queryset, "hide_report")


def report_context(report: Report) -> dict[str, Any]:
    """What a report says and how it counts."""
    return {
        "report": report,
        "report_number": str(report.number),
        "words": masked_words(report),
        "named": mask(report.claimed_name),
        "acts": [CONDUCT[act] for act in report.conduct],
    }
