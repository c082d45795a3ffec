"""Campaigns: which statements about calls speak of the same one. Pure; no database.

words    what a text says, as terms that two texts can share
likeness how much two texts resemble each other
texts    all texts by row, as arrays of terms
finding  texts that are like others, found under their terms
parts    statements that belong together, and what holds them
bonds    parts joined by the links between their texts
index    statements linked into campaigns, all at once or one by one
joining  the known campaign of a new statement, by a few examples of each
ids      ids that outlast a new grouping
phrases  what a campaign says, masked, in words that several reporters used
links    what a campaign does to a number whose reporters use its words
"""

from reputation.scoring.campaigns.finding import CANDIDATES
from reputation.scoring.campaigns.ids import keep_ids
from reputation.scoring.campaigns.index import (
    NAME_DAYS,
    Example,
    Index,
    Statement,
    group,
    marks_of,
)
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

__all__ = [
    "BLOCKING",
    "BLOCKS",
    "CANDIDATES",
    "CONFIRMED_DAYS",
    "FLAGGING",
    "FLAGS",
    "NAME_DAYS",
    "NO_LINK",
    "PLACES",
    "REPORTERS",
    "UNLINKED",
    "Example",
    "Index",
    "Known",
    "Link",
    "Spoken",
    "Statement",
    "group",
    "is_held",
    "is_known",
    "keep_ids",
    "keys",
    "likest",
    "link",
    "marks_of",
    "nearest",
    "phrases",
    "place",
    "terms",
]
