"""The decisions that moderators take, on the panel's pages and over the API alike.

rules      who may take which decision, on what, with which particulars
taking     previewing and taking one; the refusals: claims of others, and what was decided since

The verbs themselves are in reputation.moderation and reputation.disputes.
"""

from reputation.decisions.rules import RULES, Rule, Subject, end_of_day, may_undo, start_of_day
from reputation.decisions.taking import Taken, offered, preview, take

__all__ = [
    "RULES",
    "Rule",
    "Subject",
    "Taken",
    "end_of_day",
    "may_undo",
    "offered",
    "preview",
    "start_of_day",
    "take",
]
