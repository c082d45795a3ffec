"""Previewing and taking a decision; each is refused where another moderator comes first."""

from collections import Counter
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reputation import counting
from reputation.decisions.rules import RULES, Rule
from reputation.models import (
    AuditEntry,
    Campaign,
    DecisionBatch,
    Dispute,
    Number,
    Report,
    Reporter,
)
from reputation.moderation import (
    DecisionError,
    NotDuplicates,
    batches,
    meanwhile,
    previews,
    queue,
)

# More numbers than this take two persons.
MANY: Final = 100


class SoAlready(DecisionError):
    """The decision would change nothing about its subject."""


class NotPermitted(DecisionError):
    """The actor's roles do not include this decision."""

    def __init__(self) -> None:
        super().__init__(_("Your roles do not include this decision."))


class SecondNeeded(DecisionError):
    """The decision takes two persons: it is proposed, and another moderator approves it."""

    def __init__(self) -> None:
        super().__init__(_("This takes a second moderator: propose it."))


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision on record. `again`: it was taken by an earlier submission of the same page."""

    entry: AuditEntry
    again: bool = False


def takes_two(rule: Rule, subject: Any) -> bool:
    """Whether a second person has to approve the decision (SECOND_MODERATOR_REQUIRED)."""
    if not settings.SECOND_MODERATOR_REQUIRED:
        return False
    if rule.two or rule.shows or not rule.tells:
        return rule.two
    if isinstance(subject, Campaign):
        return subject.numbers > MANY
    return len(concerned(rule, subject)) > MANY


def offered(user: User, kind: str, subject: Any) -> list[Rule]:
    """The decisions that this user may take about this subject, which is of this kind."""
    return [
        rule
        for rule in RULES[kind].values()
        if user.has_perm(rule.permission) and rule.offered(subject)
    ]


def preview(
    *, rule: Rule, subject: Any, given: Mapping[str, Any], actor: User, now: datetime
) -> previews.Preview | None:
    """The effect of the decision on each public answer: takes it, reads, and rolls back.

    None for a decision that changes no answer. Raises DecisionError where the decision would.
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
            # Before its numbers, as by its decisions.
            Campaign.objects.select_for_update().get(pk=subject.pk)
        found = previews.effects(concerned(rule, subject), decide)
        transaction.set_rollback(True)
    return previews.Preview(found)


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
    """Takes a decision, unless it is claimed by another moderator or was decided since.

    `given`: the particulars that `rule.fields` names. `seen`: the newest decision that the actor
    had seen (`meanwhile.newest`), 0 for none. The same decision submitted twice is one decision.
    `approver`: the second person, where one is needed.

    Raises NotPermitted, SoAlready, SecondNeeded, queue.TakenByAnother, meanwhile.DecidedMeanwhile,
    and the verb's own errors.
    """
    _require_permission(actor, rule)
    if not rule.offered(subject):
        raise SoAlready(_("This is so already."))
    if approver is None and takes_two(rule, subject):
        raise SecondNeeded
    by: dict[str, Any] = {"actor": actor, "reason": reason, "now": now}
    try:
        try:
            with transaction.atomic():
                if not (rule.shows or rule.urgent):
                    queue.require_free(actors=(actor, approver), subject=subject, now=now)
                rule.take(subject, given, by)
                if not rule.shows:
                    meanwhile.require_unchanged(subject, seen=seen, actor=actor, now=now)
        except NotDuplicates:
            # What was decided since explains it better.
            meanwhile.require_unchanged(subject, seen=seen, actor=actor, now=now)
            raise
    except meanwhile.DecidedMeanwhile as error:
        if (error.entry.actor_id, error.entry.verb) == (actor.pk, rule.verb):
            return Taken(error.entry, again=True)
        raise
    entries = AuditEntry.objects.filter(actor=actor, at=now)
    return Taken(entries.order_by("-id")[0])


def require_one(batch: DecisionBatch) -> None:
    """Raises SecondNeeded where one person alone may not take the batch back."""
    if not settings.SECOND_MODERATOR_REQUIRED:
        return
    entries = batches.taken(batch).values_list("pk", flat=True)
    if retakes(entries) or len(batches.numbers_of(DecisionBatch.Subject.ENTRY, entries)) > MANY:
        raise SecondNeeded


def retakes(entries: Collection[int] | QuerySet[Any]) -> bool:
    """Whether undoing these entries takes a decision again that takes two persons.

    To undo such a decision takes one, since it brings back what stood before; to undo that undo
    pins a number or enters it in the directory, like the decision itself.
    """
    two = [rule.verb for some in RULES.values() for rule in some.values() if rule.two]
    undone = AuditEntry.objects.filter(pk__in=entries, verb="undo", undoes__verb__in=two)
    return undone.exists()


def _require_permission(actor: User, rule: Rule) -> None:
    if not actor.has_perm(rule.permission):
        raise NotPermitted


def concerned(rule: Rule, subject: Any) -> dict[int, int]:
    """The ids of the numbers whose answers may change, with the counts of live reports decided
    about."""
    match subject:
        case Number():
            return {subject.pk: 1}
        case Report() | Dispute():
            return {subject.number_id: 1}
        case Campaign():
            return dict.fromkeys(counting.concerned(subject.key), 1)
        case Reporter():
            voices = [subject.pk]
            if rule.verb == "block_cluster":
                voices = batches.free_members(subject.cluster or 0)
            elif subject.merged_into_id is not None:
                voices.append(subject.merged_into_id)
            reports = Report.objects.filter(reporter__in=voices)
            if rule.verb != "unlink_reporter":
                reports = reports.filter(status=Report.Status.LIVE)
            return Counter(reports.order_by().values_list("number_id", flat=True))
    raise TypeError(f"{rule.verb} changes no answer.")
