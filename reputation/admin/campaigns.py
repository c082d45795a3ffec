"""Campaigns in the panel: what they say, on which numbers, and the one decision about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.labels import worded
from reputation.identity import display
from reputation.models import AuditEntry, Campaign, CampaignMark, Number, Report
from reputation.privacy import mask

NEWEST = 50  # numbers, reports and decisions that are shown


@dataclass(frozen=True, slots=True)
class OnNumber:
    """A campaign's reports on one number."""

    number: Number
    reports: int
    first: datetime
    last: datetime

    @property
    def shown(self) -> str:
        return display(self.number.key)


@admin.register(Campaign)
class CampaignAdmin(DecidingAdmin[Campaign]):
    kind = "campaign"
    change_form_template = "panel/campaign.html"
    about_template = "panel/_campaign.html"
    list_display = (
        "says",
        worded("category"),
        "reports",
        "numbers",
        "reporters",
        "listed",
        "known",
        "confirmed_until",
        "last_at",
    )
    fields = (
        "key",
        ("reports", "numbers", "reporters", "listed"),
        ("first_at", "last_at", "grouped_at"),
        ("known", "confirmed_at", "confirmed_until", "held"),
    )

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["-last_at", "-id"]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        campaign = kwargs.get("obj")
        if isinstance(campaign, Campaign):
            context |= campaign_context(request, campaign)
        return super().render_change_form(request, context, *args, **kwargs)

    def about(self, request: HttpRequest, subject: Campaign) -> dict[str, Any]:
        return campaign_context(request, subject)

    @admin.display(description=_("words"))
    def says(self, campaign: Campaign) -> str:
        return str(campaign)


def campaign_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """The data of a campaign for its page and the queue."""
    speaks = Q(campaign=campaign) | Q(campaign__joined_to=campaign)
    said = Report.objects.live().filter(speaks)
    counts = (
        said.values("number")
        .annotate(reports=Count("pk"), first=Min("counted_at"), last=Max("counted_at"))
        .order_by("-last", "number")[:NEWEST]
    )
    numbers = Number.objects.in_bulk([row["number"] for row in counts])
    marks = CampaignMark.objects.filter(campaign=campaign, mark__startswith="number ")
    entries = AuditEntry.objects.filter(campaign=campaign).select_related("actor", "undone_by")
    see_reports = request.user.has_perm("reputation.view_report")
    now = timezone.now()
    return {
        "campaign": campaign,
        "on_numbers": [
            OnNumber(numbers[row["number"]], row["reports"], row["first"], row["last"])
            for row in counts
        ],
        "this_week": sum(row["first"] > now - timedelta(days=7) for row in counts),
        "call_back": sorted(mark.mark.removeprefix("number ") for mark in marks),
        "words_of": [
            (report, mask(report.transcript or report.comment))
            for report in said.select_related("number").newest_first()[:NEWEST]
        ]
        if see_reports
        else [],
        "decisions": entries.order_by("-at", "-id")[:NEWEST],
        "offered": offered(request, "campaign", campaign),
        "may_undo": request.user.has_perm("reputation.change_campaign"),
        "last_decision": last_decision(request),
        "here": request.get_full_path(),
    }
