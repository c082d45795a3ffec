"""Starts a batch, or its undo: stores what is to be decided. `steps` takes the decisions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.models import DecisionBatch
from reputation.moderation.batches.rows import QUERYSETS, most
from reputation.moderation.batches.verbs import VERBS
from reputation.moderation.recording import DecisionError, require_reason


class BatchError(DecisionError):
    """A batch that cannot be started or undone."""


def start(
    *,
    actor: User,
    subject: str,
    verb: str,
    targets: Iterable[int],
    reason: str,
    now: datetime,
    batch_id: UUID | None = None,
) -> DecisionBatch:
    """Stores the decisions to take; `advance` takes them. Raises ReasonMissing, BatchError.

    `batch_id`: drawn with the preview; the same preview submitted again is the same batch.
    """
    require_reason(reason)
    if (subject, verb) not in VERBS:
        raise BatchError(_("This cannot be decided on many at once."))
    chosen = list(QUERYSETS[subject].filter(pk__in=set(targets)).values_list("pk", flat=True))
    if not chosen:
        raise BatchError(_("Choose at least one."))
    if len(chosen) > most(subject):
        raise BatchError(_("Decide on at most %d at a time.") % most(subject))
    batch, _created = DecisionBatch.objects.get_or_create(
        pk=batch_id or uuid4(),
        actor=actor,
        defaults={
            "subject": subject,
            "verb": verb,
            "reason": reason.strip(),
            "targets": chosen,
            "created_at": now,
        },
    )
    return batch


@transaction.atomic
def start_undo(*, actor: User, batch: DecisionBatch, reason: str, now: datetime) -> DecisionBatch:
    """Marks the batch as being undone, and stops it where it is.

    `advance_undo` undoes the decisions. Raises ReasonMissing, BatchError.
    """
    require_reason(reason)
    batch = DecisionBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.undo_actor_id is not None:
        raise BatchError(_("This was taken back before."))
    batch.finished_at = batch.finished_at or now
    batch.undo_actor, batch.undo_reason = actor, reason.strip()
    batch.left_to_worker = False
    batch.save(update_fields=["finished_at", "undo_actor", "undo_reason", "left_to_worker"])
    return batch
