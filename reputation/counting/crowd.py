"""Decides whether reports alone can block a number: only if there are anchored accounts.

Without anchored accounts (scoring.anchors) the service flags and does not block on reports alone,
since it could not tell honest people from a group that confirms itself.
"""

from django.utils.translation import gettext as _

from reputation.models import Reporter
from reputation.scoring import ANCHORS, trust


def anchored_reporters() -> int:
    """How many stored accounts are anchored, at most ANCHORS."""
    found = 0
    candidates = Reporter.objects.filter(firsts__gte=trust.ANCHORED_FIRSTS, blocked_at=None)
    for record in candidates.values_list("tp", "fn", "tn", "fp", "firsts").iterator():
        found += trust.is_anchored(trust.Record(*record))
        if found == ANCHORS:
            break
    return found


def notice() -> str:
    """Why reports alone block nothing at present, and the remedy; "" if they can block."""
    found = anchored_reporters()
    if found >= ANCHORS:
        return ""
    return _(
        "Reports alone block no number yet (anchored accounts: %(found)d of %(needed)d). An hour "
        "of decisions on the numbers that the queue marks as “audit” opens this, or vouching for "
        "people whom you know, or an authority's file of numbers (docs/guide/cold-start.md)."
    ) % {"needed": ANCHORS, "found": found}
