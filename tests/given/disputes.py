"""A dispute as a moderator finds it."""

from typing import Any

from reputation.models import Dispute
from tests.given.reporters import DAY, NOW, row


def a_dispute(**more: Any) -> Dispute:
    """An open, verified one about the number that `reporters.crowd` reports."""
    return Dispute.objects.create(
        **{
            "number": more.get("number") or row(),
            "status": "open",
            "grounds": "mistaken",
            "statement": "I am a bakery, call 13800138000",
            "network": "n",
            "via": "sms",
            "language": "en",
            "opened_at": NOW,
            "verified_at": NOW,
            "deadline_at": NOW + 14 * DAY,
        }
        | more
    )
