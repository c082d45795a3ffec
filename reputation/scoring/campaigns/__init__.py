"""Campaigns: which statements about calls speak of the same one. Pure; no database.

words    what a text says, as terms that two texts can share
parts    statements that belong together, and what holds them
index    statements linked into campaigns, all at once or one by one
ids      ids that outlast a new grouping
phrases  what a campaign says, masked, in words that several reporters used
"""

from reputation.scoring.campaigns.ids import keep_ids
from reputation.scoring.campaigns.index import Index, Statement, group
from reputation.scoring.campaigns.phrases import phrases

__all__ = ["Index", "Statement", "group", "keep_ids", "phrases"]
