"""The events since an address was last told: ids only, since their words are read by the API."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from edge import rfc3339
from reputation.decisions import kind_of, name_of, subject_of
from reputation.models import AuditDigest, AuditEntry, Dispute, QueueItem, Webhook

# Events of each kind in one message.
AT_ONCE: Final = 100
# How long before its deadline a dispute is told of.
AHEAD: Final = timedelta(days=2)

Event = Webhook.Event


@dataclass(slots=True)
class News:
    """Events for one message, and the columns of the webhook that move once it was taken."""

    events: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)


def news(webhook: Webhook, *, now: datetime) -> News:
    """The next events for an address, each with an id by which a repetition is known."""
    found = News()
    if Event.ITEM in webhook.events:
        # Refreshes of the queue take turns: ids become visible in their order.
        items = QueueItem.objects.filter(id__gt=webhook.seen_item).order_by("id")[:AT_ONCE]
        for item in items.select_related("number"):
            found.seen["seen_item"] = item.pk
            if (event := _item(item)) is not None:
                found.events.append(event)
    if Event.DECISION in webhook.events:
        # By their places in the chain: ids of entries become visible in any order.
        links = AuditDigest.objects.filter(position__gt=webhook.seen_decision).order_by("position")
        related = ("actor", *AuditEntry.SUBJECTS)
        for link in links.select_related(*(f"entry__{name}" for name in related))[:AT_ONCE]:
            found.seen["seen_decision"] = link.position
            found.events.append(_decision(link.entry))
    if Event.DEADLINE in webhook.events:
        until = now + AHEAD
        due = Dispute.objects.open().filter(
            deadline_at__gt=webhook.seen_deadline, deadline_at__lte=until
        )
        found.events += [
            _deadline(dispute) for dispute in due.select_related("number").order_by("deadline_at")
        ]
        found.seen["seen_deadline"] = until
    return found


def _item(item: QueueItem) -> dict[str, Any] | None:
    """The event of a new item; None where its subject is gone."""
    subject = subject_of(item)
    return subject and {
        "id": f"item-{item.pk}",
        "type": "item.waiting",
        "at": rfc3339(item.found_at),
        "item": item.pk,
        "kind": item.kind,
        "subject": {"kind": kind_of(item), "id": name_of(subject)},
        "number": item.number.key if item.number else "",
    }


def _decision(entry: AuditEntry) -> dict[str, Any]:
    subject = entry.subject
    return {
        "id": f"decision-{entry.pk}",
        "type": "decision.taken",
        "at": rfc3339(entry.at),
        "decision": entry.pk,
        "verb": entry.verb,
        "by": str(entry.actor),
        "subject": (subject and {"kind": subject._meta.model_name, "id": name_of(subject)})
        or {"kind": "", "id": ""},
        "number": entry.number.key if entry.number else "",
        "undoes": entry.undoes_id or 0,
    }


def _deadline(dispute: Dispute) -> dict[str, Any]:
    return {
        "id": f"deadline-{dispute.public_id}",
        "type": "dispute.deadline",
        "at": rfc3339(dispute.deadline_at),
        "subject": {"kind": "dispute", "id": str(dispute.public_id)},
        "number": dispute.number.key,
    }
