"""Campaigns over the database: reports that speak of one caller, whatever number it shows.

joining   a report joins a known campaign in the transaction that files it
links     what the campaign of a number does to it
reading   what the public is shown of a campaign

The worker groups all reports anew: counting.regrouping, which publishes what changes.
"""

from reputation.campaigns.joining import SPARED, forget_marks, join, may_join
from reputation.campaigns.links import renew
from reputation.campaigns.reading import (
    CampaignNotFound,
    campaigns_of,
    find_campaign,
    numbers_lately,
)
