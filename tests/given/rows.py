"""Rows with the least that their tables ask for; a test names the fields that it is about."""

from typing import Any

from reputation.models import Campaign, KeyGrant, Number, NumbersFile, QueueItem
from tests.given.reporters import NOW


def a_campaign(**more: Any) -> Campaign:
    return Campaign.objects.create(
        **{"key": "a" * 16, "first_at": NOW, "last_at": NOW, "grouped_at": NOW} | more
    )


def a_key_grant(**more: Any) -> KeyGrant:
    """What an organisation asked for, and nobody has decided."""
    return KeyGrant.objects.create(
        **{
            "organisation": "A",
            "calls_per_day": 1,
            "asked_scopes": ["lookup"],
            "asked_attestation": False,
            "language": "en",
            "asked_at": NOW,
        }
        | more
    )


def a_numbers_file(**more: Any) -> NumbersFile:
    return NumbersFile.objects.create(**{"domain": "a.example", "added_at": NOW} | more)


def a_queue_item(*, number: Number | None = None, **more: Any) -> QueueItem:
    """An item of the queue, about `number` unless `more` names another subject."""
    factors = dict.fromkeys(("harm", "traffic", "uncertainty", "dispute", "attack"), 1.0)
    about = {"kind": "number", "subject_id": number.pk if number else 1, "number": number}
    return QueueItem.objects.create(**factors | about | {"found_at": NOW, "seen_at": NOW} | more)
