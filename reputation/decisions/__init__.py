"""The decisions that moderators take, on the panel's pages and over the API alike.

rules      who may take which decision, on what, with which particulars
subjects   what decisions are about, by name
taking     previewing and taking one; the refusals: claims of others, and what was decided since

The verbs themselves are in reputation.moderation and reputation.disputes.
"""

from reputation.decisions.rules import (
    NAME_LENGTH,
    PANEL_ONLY,
    RULES,
    SOURCE_LENGTH,
    Rule,
    end_of_day,
    may_undo,
    start_of_day,
)
from reputation.decisions.subjects import (
    REVIEWS,
    SubjectNotFound,
    find,
    kind_of,
    name_of,
    subject_of,
)
from reputation.decisions.taking import (
    NotPermitted,
    SoAlready,
    Taken,
    offered,
    preview,
    take,
    take_back,
)

__all__ = [
    "NAME_LENGTH",
    "PANEL_ONLY",
    "REVIEWS",
    "RULES",
    "SOURCE_LENGTH",
    "NotPermitted",
    "Rule",
    "SoAlready",
    "SubjectNotFound",
    "Taken",
    "end_of_day",
    "find",
    "kind_of",
    "may_undo",
    "name_of",
    "offered",
    "preview",
    "start_of_day",
    "subject_of",
    "take",
    "take_back",
]
