"""Campaigns: which statements about calls speak of the same one. Pure; no database.

words    splits a text into terms, which it may share with other texts
likeness computes how much two texts resemble each other
texts    holds all texts as arrays of terms
finding  finds earlier texts that resemble a text
parts    union-find over statements, with what is known of each part
bonds    joins parts by the links between their texts
index    groups statements into campaigns, all at once or one by one
joining  finds the campaign of a new statement from a few examples of each campaign
ids      keeps the ids of campaigns when all statements are grouped anew
phrases  shows what a campaign says: masked phrases that several reporters used
links    decides whether a campaign's words on a number flag or block it
"""

from reputation.scoring.campaigns.finding import CANDIDATES
from reputation.scoring.campaigns.ids import keep_ids
from reputation.scoring.campaigns.index import NAME_DAYS, Example, Index, group, marks_of
from reputation.scoring.campaigns.joining import Known, keys, likest, nearest
from reputation.scoring.campaigns.likeness import PLACES, place
from reputation.scoring.campaigns.links import (
    BLOCKING,
    BLOCKS,
    CONFIRMED_DAYS,
    FLAGGING,
    FLAGS,
    NO_LINK,
    UNLINKED,
    Link,
    Spoken,
    is_held,
    is_known,
    link,
)
from reputation.scoring.campaigns.phrases import REPORTERS, phrases
from reputation.scoring.campaigns.words import terms
