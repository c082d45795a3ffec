"""One decision on hundreds of rows: seen beforehand, taken step by step, taken back as a whole.

Each row has its own audit entry, which names the batch. Each step is a transaction of its own that
also notes how far the batch is, so a batch that was cut off goes on where it stopped; steps of one
batch that run at once wait for each other. Rows on which nothing could be decided are noted with
the reason, and the others go on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reputation.models import AuditEntry, DecisionBatch, Number, Report, Reporter
from reputation.moderation.numbers import clear_number, confirm_number
from reputation.moderation.recording import DecisionError, require_reason
from reputation.moderation.reporters import block_reporter
from reputation.moderation.reports import hide_report, reject_reports
from reputation.moderation.undoing import undo

# What one person can have looked at, and what a page can list.
MOST = 1_000
# Rows a step decides on: about a second of work.
STEP = 50
# Numbers that a preview works out; of the rest it says how many they are.
PREVIEWED = 50

Subject = DecisionBatch.Subject


class BatchError(DecisionError):
    """A batch that cannot be."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the public is told of a number: the part that a decision changes."""

    action: str
    status: str
    score: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a batch would do to one number. `error`: why nothing could be decided."""

    number: Number
    rows: int
    before: Told
    after: Told
    error: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """`effects` on the first numbers, `left` more numbers that were not worked out."""

    effects: list[Effect]
    left: int


type Decide = Callable[[Sequence[Any], User, str, datetime, DecisionBatch | None], object]


def _each(verb: Callable[..., object], name: str, get: Callable[[Any], Any]) -> Decide:
    def decide(
        rows: Sequence[Any], actor: User, reason: str, now: datetime, batch: DecisionBatch | None
    ) -> None:
        for row in rows:
            verb(actor=actor, reason=reason, now=now, batch=batch, **{name: get(row)})

    return decide


def _reject(
    rows: Sequence[Any], actor: User, reason: str, now: datetime, batch: DecisionBatch | None
) -> None:
    reject_reports(actor=actor, reports=rows, reason=reason, now=now, batch=batch)


# By what the decision is about and its verb: what to do to rows that belong together.
VERBS: dict[tuple[str, str], Decide] = {
    (Subject.NUMBER, "confirm_number"): _each(confirm_number, "identity", attrgetter("identity")),
    (Subject.NUMBER, "clear_number"): _each(clear_number, "identity", attrgetter("identity")),
    (Subject.REPORT, "reject_report"): _reject,
    (Subject.REPORT, "hide_report"): _each(hide_report, "report", lambda report: report),
    (Subject.REPORTER, "block_reporter"): _each(block_reporter, "reporter", lambda who: who),
}
_MODELS: dict[str, Any] = {
    Subject.NUMBER: Number.objects.order_by("key"),
    # Those of one number stand together, and numbers as everybody locks them.
    Subject.REPORT: Report.objects.select_related("number").order_by("number__key", "id"),
    Subject.REPORTER: Reporter.objects.order_by("id"),
}


def start(
    *, actor: User, subject: str, verb: str, targets: Iterable[int], reason: str, now: datetime
) -> DecisionBatch:
    """Writes down what is to be decided; `advance` decides. Raises ReasonMissing, BatchError."""
    require_reason(reason)
    if (subject, verb) not in VERBS:
        raise BatchError(_("This cannot be decided on many at once."))
    chosen = list(_MODELS[subject].filter(pk__in=set(targets)).values_list("pk", flat=True))
    if not chosen:
        raise BatchError(_("Choose at least one."))
    if len(chosen) > MOST:
        raise BatchError(_("Decide on at most %d at a time.") % MOST)
    return DecisionBatch.objects.create(
        subject=subject,
        verb=verb,
        actor=actor,
        reason=reason.strip(),
        targets=chosen,
        created_at=now,
    )


def preview(
    *, actor: User, subject: str, verb: str, targets: Iterable[int], now: datetime
) -> Preview:
    """What the public would be told of each number: each decision is taken, read and rolled back.

    Of reporters: of the numbers that they reported.
    """
    found: list[Effect] = []
    left = 0
    chosen = _MODELS[subject].filter(pk__in=set(targets)).values_list("pk", flat=True)
    for rows in _groups(subject, list(chosen)):
        if len(found) >= PREVIEWED:
            left += 1
            continue
        found += _effects(subject, verb, rows, actor, now)
    return Preview(found[:PREVIEWED], left + max(0, len(found) - PREVIEWED))


def try_out(decide: Callable[[], object], number: Number) -> Told | None:
    """What the public would be told of `number` after a decision: it is taken, read, rolled back.

    None when it could not be taken.
    """
    try:
        with transaction.atomic():
            decide()
            number = Number.objects.get(pk=number.pk)
            transaction.set_rollback(True)
    except DecisionError:
        return None
    return _told(number)


def _effects(
    subject: str, verb: str, rows: Sequence[Any], actor: User, now: datetime
) -> list[Effect]:
    ids = _numbers_of(subject, rows)
    error = ""
    with transaction.atomic():
        before = {number.pk: number for number in Number.objects.filter(pk__in=ids)}
        try:
            with transaction.atomic():
                VERBS[subject, verb](rows, actor, "preview", now, None)
                after = Number.objects.in_bulk(ids)
                transaction.set_rollback(True)
        except DecisionError as reason:
            error, after = str(reason), before
    return [
        Effect(
            number=before[pk],
            rows=len(rows),
            before=_told(before[pk]),
            after=_told(after[pk]),
            error=error,
        )
        for pk in sorted(before, key=lambda pk: before[pk].key)
    ]


def _numbers_of(subject: str, rows: Sequence[Any]) -> list[int]:
    if subject == Subject.NUMBER:
        return [number.pk for number in rows]
    if subject == Subject.REPORT:
        return [rows[0].number_id]
    spoken = Report.objects.live().filter(reporter__in=rows).order_by("-counted_at", "-id")
    return list(dict.fromkeys(spoken.values_list("number_id", flat=True)[:PREVIEWED]))


def _told(number: Number) -> Told:
    return Told(number.action, number.status, number.score)


def _groups(subject: str, targets: Sequence[int]) -> list[list[Any]]:
    """Rows in the order of `targets`, those together that are decided together."""
    rows = {row.pk: row for row in _MODELS[subject].filter(pk__in=targets)}
    ordered = [rows[pk] for pk in targets if pk in rows]
    if subject != Subject.REPORT:
        return [[row] for row in ordered]
    return [list(group) for _key, group in groupby(ordered, key=lambda row: row.number_id)]


def advance(*, batch: DecisionBatch, now: datetime, limit: int = STEP) -> DecisionBatch:
    """Decides on about `limit` more rows, number by number; none left: the batch is finished.

    May be killed, and run beside itself. Returns the batch as it stands.
    """
    decided = 0
    while decided < limit:
        with transaction.atomic():
            batch = DecisionBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            waiting = batch.targets[batch.done : batch.done + limit - decided]
            if not waiting or batch.finished_at is not None:
                if batch.finished_at is None:
                    batch.finished_at = now
                    batch.save(update_fields=["finished_at"])
                break
            group = next(iter(_groups(batch.subject, waiting)), [])
            try:
                with transaction.atomic():
                    decide = VERBS[batch.subject, batch.verb]
                    decide(group, batch.actor, batch.reason, now, batch)
            except DecisionError as error:
                batch.failures |= {str(row.pk): str(error) for row in group}
            step = len(group) or len(waiting)
            batch.done += step
            batch.save(update_fields=["done", "failures"])
            decided += step
    return batch


@transaction.atomic
def start_undo(*, actor: User, batch: DecisionBatch, reason: str, now: datetime) -> DecisionBatch:
    """Writes down that the batch is to be taken back, and stops it where it is.

    `advance_undo` takes back. Raises ReasonMissing, BatchError.
    """
    require_reason(reason)
    batch = DecisionBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.undo_actor_id is not None:
        raise BatchError(_("This was taken back before."))
    batch.finished_at = batch.finished_at or now
    batch.undo_actor, batch.undo_reason = actor, reason.strip()
    batch.save(update_fields=["finished_at", "undo_actor", "undo_reason"])
    return batch


def advance_undo(*, batch: DecisionBatch, now: datetime, limit: int = STEP) -> DecisionBatch:
    """Takes about `limit` more decisions back, from the newest; those taken back already are done.

    What was decided since on top of one is noted, and the others go on.
    """
    for _turn in range(limit):
        with transaction.atomic():
            batch = DecisionBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            actor = batch.undo_actor
            if actor is None or batch.undo_finished_at is not None:
                break
            entry = taken(batch).order_by("-id")[batch.undone : batch.undone + 1].first()
            if entry is None:
                batch.undo_finished_at = now
                batch.save(update_fields=["undo_finished_at"])
                break
            try:
                with transaction.atomic():
                    undo(actor=actor, entry=entry, reason=batch.undo_reason, now=now, batch=batch)
            except DecisionError as error:
                subject = getattr(entry, f"{batch.subject}_id")
                batch.undo_failures[str(subject)] = str(error)
            batch.undone += 1
            batch.save(update_fields=["undone", "undo_failures"])
    return batch


def taken(batch: DecisionBatch) -> QuerySet[AuditEntry]:
    """The decisions of a batch, without their being taken back."""
    return AuditEntry.objects.filter(batch=batch, undoes=None)
