"""The batch under which an import takes its decisions, so that they can be undone as a whole."""

from datetime import datetime

from django.contrib.auth.models import User

from reputation.models import DecisionBatch
from reputation.moderation.batches.outcome import taken


def begin_import(*, actor: User, verb: str, reason: str, now: datetime) -> DecisionBatch:
    """A batch for the decisions of an import, which are not chosen one by one; see `end_import`."""
    return DecisionBatch.objects.create(
        subject=DecisionBatch.Subject.NUMBER,
        verb=verb,
        actor=actor,
        reason=reason.strip(),
        targets=[],
        created_at=now,
        finished_at=now,
    )


def end_import(batch: DecisionBatch) -> None:
    """Notes what was decided under the batch."""
    entries = taken(batch).order_by("id")
    batch.targets = list(entries.values_list("number_id", flat=True))
    batch.done = len(batch.targets)
    batch.save(update_fields=["targets", "done"])
