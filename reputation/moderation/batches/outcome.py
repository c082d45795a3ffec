"""What a batch decided, and what it could not decide."""

from typing import Any

from django.db.models import QuerySet

from reputation.faults import in_words
from reputation.models import AuditEntry, DecisionBatch
from reputation.moderation.batches.rows import QUERYSETS


def taken(batch: DecisionBatch) -> QuerySet[AuditEntry]:
    """The decisions of a batch, without the entries that undo them."""
    return AuditEntry.objects.filter(batch=batch).exclude(undoes__batch=batch)


def failures(batch: DecisionBatch) -> list[tuple[Any, str]]:
    """The rows on which nothing was decided, or whose decision was not undone, each with the
    reason, in the language of the reader."""
    why = batch.failures if batch.undo_actor_id is None else batch.undo_failures
    rows = QUERYSETS[batch.subject].in_bulk([int(pk) for pk in why if pk.isdecimal()])
    named = {str(pk): row for pk, row in rows.items()}
    return [(named.get(pk, pk), in_words(reason, {})) for pk, reason in why.items()]
