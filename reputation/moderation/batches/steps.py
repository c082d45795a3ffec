"""Takes the decisions of a batch, or undoes them, in steps of one transaction each."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from reputation.languages import ENGLISH
from reputation.models import AuditEntry, DecisionBatch, Number, Proposal
from reputation.moderation import meanwhile, permissions, rollback
from reputation.moderation.batches.outcome import taken
from reputation.moderation.batches.rows import Subject, grouped, held_by_others, rows_by_number
from reputation.moderation.batches.verbs import VERBS
from reputation.moderation.recording import DecidedSince, DecisionError
from reputation.moderation.restating import StillPending
from reputation.moderation.undoing import undo

logger = logging.getLogger(__name__)

# Rows per step: about a second of work.
STEP = 50
# Steps of one run of the worker, so that other jobs get their turn.
STEPS: Final = 50


def advance(*, batch: DecisionBatch, now: datetime, limit: int = STEP) -> DecisionBatch:
    """Decides on about `limit` more rows, number by number, and on reporters all together; finishes
    the batch when none is left, or when the account that began it was closed or lost the role.

    May be killed, and may run several times at once. Returns the current batch. Raises StillPending
    if the next rows must wait; what was decided before stays, and the worker goes on.
    """
    with _left_to_worker(batch):
        return _advance(batch, now, limit)


def _advance(batch: DecisionBatch, now: datetime, limit: int) -> DecisionBatch:
    decided = 0
    while decided < limit:
        with transaction.atomic():
            batch = DecisionBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            if batch.finished_at is not None:
                break
            end = None if batch.subject == Subject.REPORTER else batch.done + limit - decided
            waiting = batch.targets[batch.done : end] if _may_go_on(batch.actor, batch) else []
            if not waiting:
                _finish(batch, now)
                break
            decided += _decide_on_first(batch, waiting, now)
    return batch


def _decide_on_first(batch: DecisionBatch, waiting: Sequence[int], now: datetime) -> int:
    """Decides on the first group of the waiting rows; returns by how many rows the batch advanced.

    Raises StillPending.
    """
    group = next(iter(grouped(batch.subject, waiting)), [])
    refused = _of_others(batch, group, now)
    own = [row for row in group if row.pk not in refused]
    try:
        with _refused_in_english():
            decide = VERBS[batch.subject, batch.verb]
            if own:
                decide(own, actor=batch.actor, reason=batch.reason, now=now, batch=batch)
    except StillPending:
        raise
    except DecisionError as error:
        refused |= {row.pk: str(error) for row in own}
    batch.failures |= {str(pk): why for pk, why in refused.items()}
    # Up to the last row of the group, past rows that no longer exist.
    step = waiting.index(group[-1].pk) + 1 if group else len(waiting)
    batch.done += step
    batch.save(update_fields=["done", "failures"])
    return step


def _of_others(batch: DecisionBatch, group: Sequence[Any], now: datetime) -> dict[int, str]:
    """The rows that another moderator has, or that were decided on since the batch began, each
    with the reason in English. Their numbers stay locked, so that nobody decides on them next."""
    if not group or batch.subject == Subject.ENTRY:
        return {}
    if batch.subject != Subject.REPORTER:
        numbers = rows_by_number(batch.subject, [group])
        list(Number.objects.filter(pk__in=numbers).order_by("key").select_for_update())
    since = meanwhile.decided_on(group, after=batch.created_at, besides=batch)
    held = held_by_others(batch.verb, group, actors=_persons(batch), now=now)
    with override(ENGLISH):
        return dict.fromkeys(held, _("Another moderator has this.")) | dict.fromkeys(
            since, str(DecidedSince())
        )


def _persons(batch: DecisionBatch) -> tuple[User | None, ...]:
    """Who began the batch, and who approved it."""
    proposal = Proposal.objects.filter(batch=batch).select_related("answered_by").first()
    return (batch.actor, proposal.answered_by if proposal else None)


def _finish(batch: DecisionBatch, now: datetime) -> None:
    if batch.subject == Subject.ENTRY:
        _link_anew(batch, now)
    batch.finished_at, batch.left_to_worker = now, False
    batch.save(update_fields=["finished_at", "left_to_worker"])


def advance_undo(*, batch: DecisionBatch, now: datetime, limit: int = STEP) -> DecisionBatch:
    """Undoes about `limit` more decisions, newest first; skips those already undone. Ends when the
    account that takes them back was closed or lost the role.

    A decision on which a later one rests is noted as a failure, and the others are undone. Raises
    StillPending as `advance` does.
    """
    with _left_to_worker(batch):
        return _advance_undo(batch, now, limit)


def _advance_undo(batch: DecisionBatch, now: datetime, limit: int) -> DecisionBatch:
    for _turn in range(limit):
        with transaction.atomic():
            batch = DecisionBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            actor = batch.undo_actor
            if actor is None or batch.undo_finished_at is not None:
                break
            left = taken(batch) if _may_go_on(actor, batch) else AuditEntry.objects.none()
            entry = left.order_by("-id")[batch.undone : batch.undone + 1].first()
            if entry is None:
                _finish_undo(batch, now)
                break
            _undo_one(batch, actor, entry, now)
    return batch


def _undo_one(batch: DecisionBatch, actor: User, entry: AuditEntry, now: datetime) -> None:
    """Undoes a decision of the batch, or notes why not. Raises StillPending."""
    try:
        with _refused_in_english():
            undo(actor=actor, entry=entry, reason=batch.undo_reason, now=now, batch=batch)
    except StillPending:
        raise
    except DecisionError as error:
        name = "undoes" if batch.subject == Subject.ENTRY else batch.subject
        subject = getattr(entry, f"{name}_id")
        # Entries about many numbers are named by themselves.
        batch.undo_failures[str(subject or f"#{entry.pk}")] = str(error)
    batch.undone += 1
    batch.save(update_fields=["undone", "undo_failures"])


def _finish_undo(batch: DecisionBatch, now: datetime) -> None:
    _link_anew(batch, now)
    batch.undo_finished_at, batch.left_to_worker = now, False
    batch.save(update_fields=["undo_finished_at", "left_to_worker"])


def _may_go_on(actor: User, batch: DecisionBatch) -> bool:
    """Whether the actor may still decide. A batch of one row needs no permission for batches."""
    return actor.is_active and (
        len(batch.targets) == 1 or actor.has_perm(permissions.DECIDE_ON_MANY)
    )


def step(*, batch: DecisionBatch, now: datetime) -> DecisionBatch:
    """Decides on some more rows of the batch, or undoes some more. Raises StillPending."""
    further = advance if batch.undo_actor_id is None else advance_undo
    return further(batch=batch, now=now)


def run(*, batch: DecisionBatch, now: datetime) -> DecisionBatch:
    """Takes the batch, or its undo, to the end without a page. If it is killed, or the next rows
    must wait, the worker goes on. Returns the current batch."""
    DecisionBatch.objects.filter(pk=batch.pk).update(left_to_worker=True)
    with suppress(StillPending):
        while not batch.is_over:
            batch = step(batch=batch, now=now)
    batch.refresh_from_db()
    return batch


def go_on(*, now: datetime) -> int:
    """Takes up to STEPS steps of the batches that are left to the worker; returns how many.

    Raises the error of a batch that broke once the others have got their steps.
    """
    steps = 0
    broken: Exception | None = None
    for batch in DecisionBatch.objects.filter(left_to_worker=True).order_by("created_at", "pk"):
        try:
            while not batch.is_over and steps < STEPS:
                steps += 1
                batch = step(batch=batch, now=now)
        except StillPending:
            continue
        except Exception as error:  # whatever it is, it must not hold up the others for ever
            logger.exception("the batch %s stands still", batch.pk)
            broken = error
    if broken is not None:
        raise broken
    return steps


@contextmanager
def _refused_in_english() -> Iterator[None]:
    """Rolls back a decision that is refused, with the reason in English; raises StillPending in the
    language of the person who waits."""
    try:
        with transaction.atomic(), override(ENGLISH):
            yield
    except StillPending:
        raise StillPending from None


@contextmanager
def _left_to_worker(batch: DecisionBatch) -> Iterator[None]:
    """Leaves the batch to the worker if its next rows must wait. Raises StillPending then."""
    try:
        yield
    except StillPending:
        DecisionBatch.objects.filter(pk=batch.pk).update(left_to_worker=True)
        raise


def _link_anew(batch: DecisionBatch, now: datetime) -> None:
    rollback.link_anew(Number.objects.filter(decisions__batch=batch).distinct(), now=now)
