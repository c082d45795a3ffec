"""Campaigns in the panel: what they say, on which numbers, and the decisions about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.labels import worded
from reputation.models import AuditEntry, Campaign, CampaignMark, Number, Report
from reputation.moderation import permissions
from reputation.privacy import mask
from reputation.scoring import trust

NEWEST = 50  # numbers, reports and decisions that are shown
HEARD = 2_000  # the newest reports, whose numbers are counted


@dataclass(frozen=True, slots=True)
class OnNumber:
    """A campaign's reports on one number."""

    number: Number
    spoken: list[tuple[datetime, str]]  # when each call was, and its attestation

    @property
    def reports(self) -> int:
        return len(self.spoken)

    @property
    def attested(self) -> int:
        return sum(attestation in trust.ATTESTED for _, attestation in self.spoken)

    @property
    def first(self) -> datetime:
        return min(self.spoken)[0]

    @property
    def last(self) -> datetime:
        return max(self.spoken)[0]

    @property
    def shown(self) -> str:
        return str(self.number)


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

    def about(self, request: HttpRequest, subject: Campaign) -> dict[str, Any]:
        return campaign_context(request, subject)

    @admin.display(description=_("words"))
    def says(self, campaign: Campaign) -> str:
        return str(campaign)


def campaign_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """The data of a campaign for its page and the queue."""
    # No join, with which PostgreSQL would read all reports.
    joined = campaign.joined.values_list("pk", flat=True)
    reports = Report.objects.live().filter(campaign__in=[campaign.pk, *joined]).order_by("-id")
    spoken: dict[int, list[tuple[datetime, str]]] = {}
    columns = reports.values_list("number", "counted_at", "attestation")
    for number, at, attestation in columns[:HEARD]:
        spoken.setdefault(number, []).append((at, attestation))
    shown = sorted(spoken, key=lambda number: max(spoken[number]), reverse=True)[:NEWEST]
    numbers = Number.objects.in_bulk(shown)
    marks = CampaignMark.objects.filter(campaign=campaign, mark__startswith="number ")
    entries = AuditEntry.objects.filter(campaign=campaign).select_related("actor", "undone_by")
    see_reports = request.user.has_perm(permissions.VIEW_REPORT)
    on_numbers = [OnNumber(numbers[pk], spoken[pk]) for pk in shown]
    week = timezone.now() - timedelta(days=7)
    return {
        "campaign": campaign,
        "on_numbers": on_numbers,
        "heard": HEARD if campaign.reports > HEARD else 0,
        "this_week": sum(each.first > week for each in on_numbers),
        "call_back": sorted(mark.mark.removeprefix("number ") for mark in marks),
        "words_of": [
            (report, mask(report.transcript or report.comment))
            for report in reports.select_related("number")[:NEWEST]
        ]
        if see_reports
        else [],
        "decisions": entries.order_by("-at", "-id")[:NEWEST],
        "offered": offered(request, "campaign", campaign),
        "may_bulk": request.user.has_perm(permissions.DECIDE_ON_MANY),
        "may_undo": request.user.has_perm(permissions.CHANGE_CAMPAIGN),
        "last_decision": last_decision(request),
        "here": request.get_full_path(),
    }
