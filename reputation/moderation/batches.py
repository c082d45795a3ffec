"""One decision on hundreds of rows: previewed, taken step by step, undone as a whole.

Each row has its own audit entry, which names the batch. Each step is a transaction that also notes
the batch's progress, so an interrupted batch continues where it stopped; simultaneous steps of one
batch wait for each other. A row that cannot be decided is noted with the reason in English, which
`failures` translates for each reader, and the batch continues with the others. One that cannot be
decided yet (StillPending) is decided by a later step, which the worker takes (`go_on`), as it does
where no page asks for the next step.

Rows that act together are decided together (`_groups`). A preview takes the same groups in the same
order, one on top of the other, as the batch would, and rolls all of them back.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Unpack
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from reputation import counting
from reputation.faults import in_words
from reputation.models import AuditEntry, DecisionBatch, Number, Report, Reporter
from reputation.moderation import rollback
from reputation.moderation.numbers import clear_number, confirm_number, hold_number
from reputation.moderation.previews import PREVIEWED, Preview, effects, some
from reputation.moderation.recording import By, DecisionError, require_reason
from reputation.moderation.reporters import block_reporters
from reputation.moderation.reports import hide_report, reject_reports
from reputation.moderation.restating import StillPending
from reputation.moderation.undoing import undo
from reputation.reports import hold_with_linked

# The most rows that one person can have looked at and a page can list.
MOST = 1_000
# The limit is higher for decisions to be taken back, since nobody looks at each: the preview names
# those that cannot be taken back.
MOST_ENTRIES = 20_000
# Rows per step: about a second of work.
STEP = 50
# Steps of one run of the worker, so that other jobs get their turn.
STEPS: Final = 50
# Who may decide on several rows at once.
PERMISSION: Final = "reputation.add_decisionbatch"

Subject = DecisionBatch.Subject


class BatchError(DecisionError):
    """A batch that cannot be started or undone."""


# Takes rows that belong together, and the keywords of a decision.
type Decide = Callable[..., object]


def _each(verb: Callable[..., object], name: str, get: Callable[[Any], Any]) -> Decide:
    def decide(rows: Sequence[Any], **by: Unpack[By]) -> None:
        for row in rows:
            verb(**{name: get(row)}, **by)

    return decide


def _reject(rows: Sequence[Report], **by: Unpack[By]) -> None:
    reject_reports(reports=rows, **by)


def _block(rows: Sequence[Reporter], **by: Unpack[By]) -> None:
    block_reporters(reporters=rows, **by)


# The functions that decide on rows that belong together, by subject and verb.
VERBS: dict[tuple[str, str], Decide] = {
    (Subject.NUMBER, "confirm_number"): _each(confirm_number, "identity", attrgetter("identity")),
    (Subject.NUMBER, "clear_number"): _each(clear_number, "identity", attrgetter("identity")),
    (Subject.NUMBER, "hold_number"): _each(hold_number, "identity", attrgetter("identity")),
    (Subject.REPORT, "reject_report"): _reject,
    (Subject.REPORT, "hide_report"): _each(hide_report, "report", lambda report: report),
    (Subject.REPORTER, "block_reporter"): _block,
    (Subject.ENTRY, "take_back"): rollback.take_back_each,
}
_MODELS: dict[str, Any] = {
    Subject.NUMBER: Number.objects.order_by("key"),
    # Sorted by number, so that a number's reports are together, and numbers in the order of
    # locking.
    Subject.REPORT: Report.objects.select_related("number").order_by("number__key", "id"),
    Subject.REPORTER: Reporter.objects.order_by("id"),
    # Newest first: what rests on another decision is undone before it.
    Subject.ENTRY: AuditEntry.objects.select_related("number", "undoes").order_by("-id"),
}


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
    chosen = list(_MODELS[subject].filter(pk__in=set(targets)).values_list("pk", flat=True))
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


def most(subject: str) -> int:
    """The most rows that a batch about this subject may have."""
    return MOST_ENTRIES if subject == Subject.ENTRY else MOST


def preview(
    *, actor: User, subject: str, verb: str, targets: Iterable[int], now: datetime
) -> Preview:
    """The effect on each number's public answer: takes every decision, reads, and rolls back.

    For reporters: the effect of all of them together on the numbers that they reported.
    """
    if subject == Subject.ENTRY:
        chosen = list(targets)
        return rollback.preview(actor=actor, targets=chosen, now=now, most=PREVIEWED)
    rows = _MODELS[subject].filter(pk__in=set(targets)).values_list("pk", flat=True)
    groups = _groups(subject, list(rows))
    left = 0
    if subject != Subject.REPORTER:
        groups, left = groups[:PREVIEWED], max(0, len(groups) - PREVIEWED)

    def decide(numbers: Collection[Number]) -> dict[int, str]:
        # Reporters, a single group, are locked with it.
        if subject != Subject.REPORTER:
            counting.lock_reporters(*numbers)
        errors: dict[int, str] = {}
        for group in groups:
            try:
                with transaction.atomic():
                    VERBS[subject, verb](group, actor=actor, reason="preview", now=now)
            except DecisionError as error:
                errors |= dict.fromkeys(_rows_by_number(subject, [group]), str(error))
        return errors

    is_about = subject == Subject.REPORTER
    reporters = {row.pk for group in groups for row in group} if is_about else set()
    with transaction.atomic():
        hold_with_linked(reporters)  # before their numbers, as by the decisions
        concerned = _rows_by_number(subject, groups)
        shown = some(concerned)
        found = effects(shown, decide, reporters=reporters, now=now)
        return Preview(found, left + len(concerned) - len(shown))


def _rows_by_number(subject: str, groups: Sequence[Sequence[Any]]) -> dict[int, int]:
    """How many of the rows concern each number, by the number's id."""
    rows = [row for group in groups for row in group]
    if subject == Subject.NUMBER:
        return {number.pk: 1 for number in rows}
    if subject == Subject.REPORT:
        return Counter(report.number_id for report in rows)
    reports = Report.objects.live().filter(reporter__in=rows)
    return Counter(reports.order_by().values_list("number_id", flat=True))


def _groups(subject: str, targets: Sequence[int]) -> list[list[Any]]:
    """Groups the rows, in the order of `targets`, that must be decided together: the reports of one
    number, and all reporters, since a brigade is many accounts on the same numbers."""
    rows = {row.pk: row for row in _MODELS[subject].filter(pk__in=targets)}
    ordered = [rows[pk] for pk in targets if pk in rows]
    if subject in (Subject.NUMBER, Subject.ENTRY):
        return [[row] for row in ordered]
    if subject == Subject.REPORTER:
        return [ordered] if ordered else []
    return [list(group) for _key, group in groupby(ordered, key=lambda row: row.number_id)]


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
            end = None if batch.subject == Subject.REPORTER else batch.done + limit - decided
            waiting = batch.targets[batch.done : end] if _may_go_on(batch.actor, batch) else []
            if not waiting or batch.finished_at is not None:
                if batch.finished_at is None:
                    if batch.subject == Subject.ENTRY:
                        _link_anew(batch, now)
                    batch.finished_at, batch.left_to_worker = now, False
                    batch.save(update_fields=["finished_at", "left_to_worker"])
                break
            group = next(iter(_groups(batch.subject, waiting)), [])
            try:
                with _refused_in_english():
                    decide = VERBS[batch.subject, batch.verb]
                    decide(group, actor=batch.actor, reason=batch.reason, now=now, batch=batch)
            except StillPending:
                raise
            except DecisionError as error:
                batch.failures |= {str(row.pk): str(error) for row in group}
            # Up to the last row of the group, past rows that no longer exist.
            step = waiting.index(group[-1].pk) + 1 if group else len(waiting)
            batch.done += step
            batch.save(update_fields=["done", "failures"])
            decided += step
    return batch


@transaction.atomic
def block_cluster(*, actor: User, cluster: int, reason: str, now: datetime) -> DecisionBatch:
    """Blocks all reporters of one cluster, as one batch. Raises ReasonMissing, BatchError,
    StillPending."""
    require_reason(reason)
    members = free_members(cluster)
    if not members:
        raise BatchError(_("No reporter of this cluster may still report."))
    batch = start(
        actor=actor,
        subject=Subject.REPORTER,
        verb="block_reporter",
        targets=members,
        reason=reason,
        now=now,
    )
    return advance(batch=batch, now=now, limit=len(members) + 1)


def free_members(cluster: int) -> list[int]:
    """The ids of the reporters of a cluster who may still report."""
    members = Reporter.objects.filter(cluster=cluster, blocked_at=None).order_by("pk")
    return list(members.values_list("pk", flat=True))


def numbers_of(subject: str, targets: Iterable[int]) -> set[int]:
    """The ids of the numbers whose answers a decision on these rows may change."""
    rows = _MODELS[subject].filter(pk__in=set(targets))
    if subject == Subject.ENTRY:
        return rollback.numbers_of_undoing(rows)
    return set(_rows_by_number(subject, [list(rows)]))


def begin_import(*, actor: User, verb: str, reason: str, now: datetime) -> DecisionBatch:
    """A batch for the decisions of an import, which are not chosen one by one; see `end_import`."""
    return DecisionBatch.objects.create(
        subject=Subject.NUMBER,
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
                _link_anew(batch, now)
                batch.undo_finished_at, batch.left_to_worker = now, False
                batch.save(update_fields=["undo_finished_at", "left_to_worker"])
                break
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
    return batch


def _may_go_on(actor: User, batch: DecisionBatch) -> bool:
    """Whether the actor may still decide. What has one row takes the permission for that row."""
    return actor.is_active and (len(batch.targets) == 1 or actor.has_perm(PERMISSION))


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
    """Takes up to STEPS steps of the batches that are left to the worker; returns how many."""
    taken = 0
    for batch in DecisionBatch.objects.filter(left_to_worker=True).order_by("created_at", "pk"):
        with suppress(StillPending):
            while not batch.is_over and taken < STEPS:
                taken += 1
                batch = step(batch=batch, now=now)
    return taken


@contextmanager
def _refused_in_english() -> Iterator[None]:
    """Rolls back what is refused, with the reason in English. Raises StillPending in the language
    of who waits."""
    try:
        with transaction.atomic(), override("en"):
            yield
    except StillPending:
        raise StillPending from None


@contextmanager
def _left_to_worker(batch: DecisionBatch) -> Iterator[None]:
    """Leaves a batch to the worker whose next rows must wait. Raises StillPending then."""
    try:
        yield
    except StillPending:
        DecisionBatch.objects.filter(pk=batch.pk).update(left_to_worker=True)
        raise


def _link_anew(batch: DecisionBatch, now: datetime) -> None:
    rollback.link_anew(Number.objects.filter(decisions__batch=batch).distinct(), now=now)


def taken(batch: DecisionBatch) -> QuerySet[AuditEntry]:
    """The decisions of a batch, without the entries that undo them."""
    return AuditEntry.objects.filter(batch=batch).exclude(undoes__batch=batch)


def failures(batch: DecisionBatch) -> list[tuple[Any, str]]:
    """The rows on which nothing was decided, or whose decision was not undone, each with the
    reason, in the language of the reader."""
    why = batch.failures if batch.undo_actor_id is None else batch.undo_failures
    rows = _MODELS[batch.subject].in_bulk([int(pk) for pk in why if pk.isdecimal()])
    named = {str(pk): row for pk, row in rows.items()}
    return [(named.get(pk, pk), in_words(reason, {})) for pk, reason in why.items()]
