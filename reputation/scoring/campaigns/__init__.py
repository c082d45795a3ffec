"""Campaigns: which statements about calls speak of the same one. Pure; no database.

words    what a text says, as terms that two texts can share
index    statements linked into campaigns, all at once or one by one
phrases  what a campaign says, masked, in words that several reporters used
"""

from reputation.scoring.campaigns.index import Index, Statement, group, keep_ids
from reputation.scoring.campaigns.phrases import phrases

__all__ = ["Index", "Statement", "group", "keep_ids", "phrases"]
