"""The change log of the public list, and the feeds, deltas and snapshots made from it."""

from reputation.feeds import deltas, log, snapshots
from reputation.feeds.blocks import BUCKET_BITS, DROPPED
from reputation.feeds.compaction import KEEP, compact
from reputation.feeds.formats import FORMATS, contacts
from reputation.feeds.formats.entries import Entry, Head
from reputation.feeds.log import Change, CursorTooOld, CursorUnknown
from reputation.feeds.publishing import publish
from reputation.feeds.snapshots import FeedUnknown, FormatUnknown, NotPublished
