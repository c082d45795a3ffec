"""The public part of a campaign: masked phrases, counts, and listed numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q

from reputation.models import Campaign, Number, Report
from reputation.privacy import day_shown
from reputation.scoring import Action, campaigns

SHOWN: Final = 50  # numbers


class CampaignNotFound(Exception):
    """There is no such campaign that the public may see."""


@dataclass(frozen=True, slots=True)
class PublicCampaign:
    """A campaign in public. `listed`: its numbers that are flagged or blocked, newest first."""

    key: str
    words: list[str]
    category: str
    reports: int
    numbers: int
    confirmed: bool
    first: date
    last: date
    listed: list[tuple[str, str]]


def is_shown(campaign: Campaign) -> bool:
    """Whether the public may see it: only what is abusive by its numbers, or confirmed. Callers who
    try out words on one another learn nothing."""
    return campaign.known or campaign.confirmed_at is not None


def campaigns_of(reports: Iterable[Report]) -> list[Campaign]:
    """The campaigns of these reports, or of their numbers, that the public may see and in which
    several people speak; the largest first."""
    own = {report.campaign_id or report.number.campaign_id for report in reports} - {None}
    speaks = Q(pk__in=own, joined_to=None) | Q(joined__in=own)
    found = Campaign.objects.filter(speaks, reporters__gte=campaigns.REPORTERS).distinct()
    return [each for each in found.order_by("-reporters", "id") if is_shown(each)]


def numbers_lately(key: str, *, now: datetime) -> int:
    """How many numbers of this campaign were first reported within seven days; 0 without a key."""
    if not key:
        return 0
    since = now - timedelta(days=7)
    return Number.objects.filter(campaign__key=key, first_reported_at__gte=since).count()


def find_campaign(key: str) -> PublicCampaign:
    """The campaign with this key as the public sees it. Raises CampaignNotFound."""
    campaign = Campaign.objects.filter(key=key).select_related("joined_to").first()
    campaign = (campaign and campaign.joined_to) or campaign
    if campaign is None or not is_shown(campaign):
        raise CampaignNotFound(
            f"There is no campaign {key}. Use the id that a lookup answered; it may be over by now."
        )
    listed = (
        Number.objects.filter(campaign=campaign)
        .exclude(action=Action.ALLOW)
        .order_by("-last_reported_at", "-id")
        .values_list("key", "action")[:SHOWN]
    )
    return PublicCampaign(
        key=campaign.key,
        words=campaign.phrases,
        category=campaign.category,
        reports=campaign.reports,
        numbers=campaign.numbers,
        confirmed=campaign.confirmed_at is not None,
        first=day_shown(campaign.first_at, reporters=campaign.reporters),
        last=day_shown(campaign.last_at, reporters=campaign.reporters),
        listed=list(listed),
    )
