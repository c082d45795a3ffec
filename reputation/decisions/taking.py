"""Previews and takes a decision; refuses it if another moderator has the subject or decided
since."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from reputation import counting
from reputation.decisions.rules import BY_VERB, RULES, Rule
from reputation.models import (
    AuditEntry,
    Campaign,
    DecisionBatch,
    Dispute,
    Number,
    Proposal,
    Report,
    Reporter,
)
from reputation.moderation import (
    DECIDES_NOTHING,
    DecisionError,
    batches,
    hold_link,
    meanwhile,
    previews,
    queue,
    rollback,
)
from reputation.reports import hold_with_linked

# The decisions of one person within this time are counted together.
LATELY: Final = timedelta(days=1)
# Verbs that one person may use on any count of numbers.
ALONE: Final = DECIDES_NOTHING | {"hold_number"}


class SoAlready(DecisionError):
    """The decision would not change its subject."""


class NotPermitted(DecisionError):
    """The actor's roles do not include this decision."""

    def __init__(self) -> None:
        super().__init__(_("Your roles do not include this decision."))


class SecondNeeded(DecisionError):
    """The decision needs two persons: it has to be proposed, and another moderator approves it."""

    def __init__(self) -> None:
        super().__init__(_("This takes a second moderator: propose it."))


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision on record. `again`: an earlier submission of the same page took it."""

    entry: AuditEntry
    again: bool = False


def takes_two(rule: Rule, subject: Any, *, actor: User, now: datetime) -> bool:
    """Whether a second person has to approve the decision (SECOND_MODERATOR_REQUIRED)."""
    if not settings.SECOND_MODERATOR_REQUIRED:
        return False
    if rule.two or not rule.tells or rule.verb in ALONE:
        return rule.two
    return beyond(concerned(rule, subject).keys(), actor=actor, now=now)


def beyond(numbers: Collection[int], *, actor: User, now: datetime) -> bool:
    """Whether a decision about these numbers exceeds what the actor may decide alone within LATELY:
    SECOND_MODERATOR_BEYOND numbers, singly or in batches, in the panel or by an API key."""
    most = settings.SECOND_MODERATOR_BEYOND
    return len(numbers) > most or len(_decided_alone(actor, now).union(numbers)) > most


def _decided_alone(actor: User, now: datetime) -> set[int]:
    """The ids of the numbers that the actor lately decided about without approval, or that a batch
    begun or undone by the actor will decide about."""
    by_two = Q(Exists(Proposal.objects.filter(entry=OuterRef("pk")))) | Q(
        Exists(Proposal.objects.filter(batch=OuterRef("batch")))
    ) & (Q(undoes=None) | ~Q(undoes__batch=F("batch")))
    entries = AuditEntry.objects.filter(actor=actor, at__gt=now - LATELY)
    entries = entries.exclude(by_two | Q(verb__in=ALONE))
    decided = rollback.numbers_of(entries)
    unlinked = entries.filter(verb="unlink_reporter").values("reporter")
    decided.update(
        Report.objects.filter(reporter__in=unlinked).order_by().values_list("number_id", flat=True)
    )
    begun = DecisionBatch.objects.filter(actor=actor, created_at__gt=now - LATELY)
    approved = Proposal.objects.filter(batch__in=begun).values("batch")
    waiting = begun.filter(finished_at=None).exclude(Q(pk__in=approved) | Q(verb__in=ALONE))
    for subject, targets in waiting.values_list("subject", "targets"):
        decided |= batches.numbers_of(subject, targets)
    undoing = DecisionBatch.objects.filter(undo_actor=actor, undo_finished_at=None)
    undone = AuditEntry.objects.filter(batch__in=undoing)
    return decided | rollback.numbers_of_undoing(undone)


def offered(user: User, kind: str, subject: Any) -> list[Rule]:
    """The decisions that this user may take about this subject."""
    return [
        rule
        for rule in RULES[kind].values()
        if user.has_perm(rule.permission)
        and rule.offered(subject)
        and not rule.barred(subject, user)
    ]


def preview(
    *, rule: Rule, subject: Any, given: Mapping[str, Any], actor: User, now: datetime
) -> previews.Preview | None:
    """The effect of the decision on each public answer: takes it, reads, and rolls back.

    None for a decision that changes no answer. Raises DecisionError like the decision.
    """
    _require_permission(actor, rule)
    if not rule.tells:
        return None

    def decide(numbers: Collection[Number]) -> dict[int, str]:
        # A copy, since a decision also changes the object that it is given.
        rule.take(copy(subject), given, {"actor": actor, "reason": "preview", "now": now})
        return {}

    with transaction.atomic():
        if isinstance(subject, Campaign):
            # The campaign is locked before its numbers, as in its decisions.
            Campaign.objects.select_for_update().get(pk=subject.pk)
        reporters = _voices(rule, subject) if isinstance(subject, Reporter) else []
        # Voices are held before their numbers, as by the decisions.
        if rule.verb == "unlink_reporter":
            hold_link(subject)
        else:
            hold_with_linked(reporters)
        numbers = concerned(rule, subject)
        chosen = previews.some(numbers) if reporters else numbers
        # Voices are parted on all numbers at once, while many reports are rejected in steps.
        locks = numbers if rule.verb == "unlink_reporter" else {}
        found = previews.effects(chosen, decide, locks=locks, reporters=reporters, now=now)
        transaction.set_rollback(True)
    return previews.Preview(found, len(numbers) - len(chosen))


def take(
    *,
    rule: Rule,
    subject: Any,
    given: Mapping[str, Any],
    actor: User,
    reason: str,
    seen: int,
    now: datetime,
    approver: User | None = None,
) -> Taken:
    """Takes a decision, unless another moderator has claimed the subject or it was decided since.

    `given`: the particulars that `rule.fields` names. `seen`: the newest decision that the actor
    had seen (`meanwhile.newest`), 0 for none. The same decision submitted twice is taken once.
    `approver`: the second person, if one is needed.

    Raises NotPermitted, SoAlready, SecondNeeded, queue.TakenByAnother, meanwhile.DecidedMeanwhile,
    and the verb's own errors.
    """
    _require_permission(actor, rule)
    by: dict[str, Any] = {"actor": actor, "reason": reason, "now": now}
    own: list[AuditEntry] = []
    try:
        if not rule.offered(subject):
            meanwhile.require_unchanged(subject, seen=seen, actor=actor, now=now)
            raise SoAlready(_("This is already the case, or no longer waits for a decision."))
        with transaction.atomic():
            if approver is None:
                one_at_a_time(actor)
                if takes_two(rule, subject, actor=actor, now=now):
                    raise SecondNeeded
            if not (rule.shows or rule.urgent):
                queue.require_free(actors=(actor, approver), subject=subject, now=now)
            own = _act(rule, subject, given, by, seen=seen)
            if not rule.shows:
                meanwhile.require_unchanged(subject, seen=seen, actor=actor, now=now)
    except meanwhile.DecidedMeanwhile as error:
        if _is_again(error.entry, rule, by, own):
            return Taken(error.entry, again=True)
        raise
    return Taken(own[0])


def _act(
    rule: Rule, subject: Any, given: Mapping[str, Any], by: Mapping[str, Any], *, seen: int
) -> list[AuditEntry]:
    """Takes the decision; returns its entries, the newest first. Where it is refused and another
    was taken since, raises DecidedMeanwhile, which explains more."""
    try:
        rule.take(subject, given, by)
    except DecisionError:
        meanwhile.require_unchanged(subject, seen=seen, actor=by["actor"], now=by["now"])
        raise
    return list(AuditEntry.objects.filter(actor=by["actor"], at=by["now"]).order_by("-id"))


def _is_again(
    earlier: AuditEntry, rule: Rule, by: Mapping[str, Any], own: Sequence[AuditEntry]
) -> bool:
    """Whether the earlier decision is the same submission: by the same person, with the same words
    and particulars. `own`: the entries of the later one, rolled back, if it came to any."""
    said = (by["actor"], rule.verb, by["reason"].strip())
    if (earlier.actor, earlier.verb, earlier.reason) != said:
        return False
    return not (own and rule.fields) or meanwhile.change(own[0]) == meanwhile.change(earlier)


def back_takes_two(entries: QuerySet[AuditEntry], *, actor: User, now: datetime) -> bool:
    """Whether a second person has to approve undoing these decisions.

    One person may undo a decision that needs two, since that restores the earlier state. Undoing
    that undo needs two again: it pins a number or enters it in the directory.
    """
    if not settings.SECOND_MODERATOR_REQUIRED:
        return False
    two = [verb for verb, rule in BY_VERB.items() if rule.two]
    if entries.filter(verb="undo", undoes__verb__in=two).exists():
        return True
    return beyond(rollback.numbers_of_undoing(entries), actor=actor, now=now)


def one_at_a_time(actor: User) -> None:
    """Makes decisions of one person wait for each other, so that all are counted; for a
    transaction."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)


def _require_permission(actor: User, rule: Rule) -> None:
    if not actor.has_perm(rule.permission):
        raise NotPermitted


def concerned(rule: Rule, subject: Any) -> dict[int, int]:
    """The numbers whose answers may change: how many live reports the decision is about, by id."""
    match subject:
        case Number():
            return {subject.pk: 1}
        case Report() | Dispute():
            return {subject.number_id: 1}
        case Campaign():
            return dict.fromkeys(counting.concerned(subject.key), 1)
        case Reporter():
            reports = Report.objects.filter(reporter__in=_voices(rule, subject))
            if rule.verb != "unlink_reporter":
                reports = reports.filter(status=Report.Status.LIVE)
            return Counter(reports.order_by().values_list("number_id", flat=True))
    raise TypeError(f"{rule.verb} changes no answer.")


def _voices(rule: Rule, subject: Reporter) -> list[int]:
    """The ids of the reporters whom a decision about a reporter concerns."""
    if rule.verb == "block_cluster":
        return batches.free_members(subject.cluster or 0)
    return [pk for pk in (subject.pk, subject.merged_into_id) if pk is not None]
