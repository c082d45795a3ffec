"""Campaigns over the database: reports that speak of one caller, whatever number it shows.

joining   a report joins a known campaign in the transaction that files it
grouping  the worker groups all reports anew, with ids that last
reading   what the public is shown of a campaign
"""

from reputation.campaigns.grouping import Grouped, concerned, group_anew, relink
from reputation.campaigns.joining import forget_marks, join
from reputation.campaigns.reading import (
    CampaignNotFound,
    PublicCampaign,
    find_campaign,
    is_shown,
    numbers_lately,
)

__all__ = [
    "CampaignNotFound",
    "Grouped",
    "PublicCampaign",
    "concerned",
    "find_campaign",
    "forget_marks",
    "group_anew",
    "is_shown",
    "join",
    "numbers_lately",
    "relink",
]
