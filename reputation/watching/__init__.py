"""People watch a number, and get a mail when its standing changes.

watches     who watches what
mails       what changed since the person last heard: one mail a day at most
"""

from reputation.watching.mails import PAUSE, send_changes
from reputation.watching.watches import MOST, TooManyWatches, unwatch, watch, watched_by

__all__ = [
    "MOST",
    "PAUSE",
    "TooManyWatches",
    "send_changes",
    "unwatch",
    "watch",
    "watched_by",
]
