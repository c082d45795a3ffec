"""The page of a campaign: its words, and its numbers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reputation.campaigns import CampaignNotFound, find_campaign
from reputation.identity import display
from web import wording
from web.limits import limited


@require_safe
@limited("lookup")
def campaign(request: HttpRequest, key: str) -> HttpResponse:
    try:
        found = find_campaign(key)
    except CampaignNotFound as error:
        raise Http404 from error
    context = {
        "campaign": found,
        "category": wording.CATEGORIES[found.category][0],
        "listed": [(number, display(number), action) for number, action in found.listed],
    }
    return render(request, "web/campaign.html", context)
