"""Decisions of two persons: one proposes with the real preview, another approves or declines.

A proposal waits for LASTS. Its effect is computed anew whenever somebody looks at it, and again on
approval: if the effect has changed since, the approval is refused and the changes are shown. Nobody
approves their own proposal. The decision is in the proposer's name, the approval in the approver's.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Unpack

import orjson
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reputation.decisions.plans import ManyDecisions, OneDecision, Outlook, Plan, plan_of
from reputation.decisions.rules import Rule, may_undo
from reputation.decisions.taking import (
    NotPermitted,
    SecondNeeded,
    Taken,
    back_takes_two,
    one_at_a_time,
    take,
)
from reputation.models import AuditEntry, DecisionBatch, Proposal, QueueItem
from reputation.moderation import (
    By,
    DecisionError,
    Signed,
    batches,
    meanwhile,
    permissions,
    queue,
    record,
    require_reason,
    rollback,
    undo,
)

LASTS: Final = timedelta(days=3)
# How long after its end a proposal's outcome is shown to its proposer.
TOLD: Final = timedelta(days=7)

State = Proposal.State


class ProposalOver(DecisionError):
    """The proposal was answered or withdrawn, or it expired."""


class OwnProposal(DecisionError):
    """The proposer may not approve or decline the proposal, and only the proposer may withdraw
    it."""


class ProposerGone(DecisionError):
    """The proposer's account was closed, or lost the role that the decision needs."""


class Stale(DecisionError):
    """The effect of the proposal has changed since the approver looked."""


@dataclass(frozen=True, slots=True)
class Change:
    """A difference. `about`: a number or an audit entry; `was`: before and after as proposed;
    `now`: before and after as computed now."""

    about: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Review:
    """The present effect of a proposal. `changes`: the differences from what the proposer saw.
    `error`: why it cannot be carried out."""

    outlook: Outlook | None
    changes: Sequence[Change] = ()
    error: str = ""

    @property
    def seen(self) -> str:
        """Stands for the effects that the approver saw; an approval sends it back."""
        return self.outlook.digest if self.outlook else ""


def waiting(*, now: datetime) -> QuerySet[Proposal]:
    """Proposals that may be answered, those that expire first coming first."""
    proposals = Proposal.objects.open(now)
    return proposals.select_related("proposer", "number").order_by("expires_at", "pk")


def answers_to(proposer: User, *, now: datetime) -> QuerySet[Proposal]:
    """The proposer's own proposals that were answered or expired and that the proposer has not yet
    seen; the newest first."""
    answered = Proposal.objects.filter(state__in=[State.APPROVED, State.DECLINED])
    unseen = (answered | Proposal.objects.expired(now)).filter(
        proposer=proposer, noticed_at=None, created_at__gt=now - LASTS - TOLD
    )
    return unseen.select_related("answered_by").order_by("-created_at", "pk")


def note_seen(proposal: Proposal, *, by: User, now: datetime) -> None:
    """Notes that `by` saw the proposal; once its proposer has, the answer is no longer
    announced."""
    answers_to(by, now=now).filter(pk=proposal.pk).update(noticed_at=now)


def may_answer(user: User, proposal: Proposal) -> bool:
    """Whether this user may approve or decline the proposal while it is open."""
    return user.pk != proposal.proposer_id and user.has_perms(proposal.permissions)


def _may(user: User, plan: Plan) -> bool:
    return user.has_perms(plan.permissions)


@transaction.atomic
def propose(*, plan: Plan, actor: User, reason: str, now: datetime) -> Proposal:
    """Proposes a decision; the same proposal twice is stored once. The actor's claim on the item
    ends.

    Raises NotPermitted, ReasonMissing, and the errors of the decision.
    """
    require_reason(reason)
    if not _may(actor, plan):
        raise NotPermitted
    content = plan.content()
    named = orjson.dumps([plan.what, plan.verb, content], option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(named).hexdigest()
    one_at_a_time(actor)  # so that a second click finds the first proposal
    own = Proposal.objects.filter(proposer=actor, digest=digest)
    if (known := own.open(now).first()) is not None:
        return known
    own.expired(now).update(
        state=State.WITHDRAWN, answered_by=actor, answered_at=now, answer="Its time was up."
    )
    outlook = plan.outlook(actor=actor, now=now)
    proposal = Proposal.objects.create(
        what=plan.what,
        verb=plan.verb,
        about=plan.about[:300],
        number=plan.number,
        permissions=list(plan.permissions),
        content=content,
        digest=digest,
        foreseen=outlook.rows,
        proposer=actor,
        reason=reason.strip(),
        created_at=now,
        expires_at=now + LASTS,
    )
    _record("propose", proposal, actor=actor, reason=reason, now=now)
    if plan.number is not None:
        claims = QueueItem.objects.filter(number=plan.number, claimed_by=actor)
        claims.hold()
        claims.update(claimed_by=None, claimed_until=None)
    return proposal


def decide(
    *,
    rule: Rule,
    subject: Any,
    given: Mapping[str, Any],
    seen: int,
    **by: Unpack[Signed],
) -> Taken | Proposal:
    """Takes a decision about one subject, as `take`, or proposes it if it needs two persons."""
    try:
        return take(rule=rule, subject=subject, given=given, seen=seen, **by)
    except SecondNeeded:
        meanwhile.require_unchanged(subject, seen=seen, actor=by["actor"], now=by["now"])
        return propose(plan=OneDecision(rule, subject, given), **by)


@transaction.atomic
def take_batch_back(*, batch: DecisionBatch, **by: Unpack[Signed]) -> DecisionBatch | Proposal:
    """Begins to undo a batch, or proposes that if it needs two persons. Raises NotPermitted, and
    the errors of `batches.start_undo`."""
    if not by["actor"].has_perm(permissions.DECIDE_ON_MANY):
        raise NotPermitted
    one_at_a_time(by["actor"])
    if back_takes_two(batches.taken(batch), actor=by["actor"], now=by["now"]):
        entries = tuple(rollback.of_batch(batch).entries)
        plan = ManyDecisions(DecisionBatch.Subject.ENTRY, "take_back", entries)
        return propose(plan=plan, **by)
    return batches.start_undo(batch=batch, **by)


@transaction.atomic
def take_one_back(*, entry: AuditEntry, **by: Unpack[Signed]) -> AuditEntry | Proposal:
    """Undoes one decision, also one of a batch, or proposes that if it needs two persons. For an
    undo: takes the decision again. Raises NotPermitted, TakenByAnother, and the errors of
    `undo`."""
    if not may_undo(by["actor"], entry):
        raise NotPermitted
    one_at_a_time(by["actor"])
    if (about := entry.number or entry.subject) is not None:
        queue.require_free(actors=(by["actor"],), subject=about, now=by["now"])
    plan = ManyDecisions(DecisionBatch.Subject.ENTRY, "take_back", (entry.pk,))
    if plan.takes_two(actor=by["actor"], now=by["now"]):
        return propose(plan=plan, **by)
    return undo(entry=entry, **by)


def take_back(*, entry: AuditEntry, **by: Unpack[Signed]) -> Proposal | DecisionBatch | None:
    """Undoes a decision; one of a batch together with the batch; or proposes that if it needs two
    persons. Returns the proposal, or the batch if it must wait; the worker goes on with it.

    Raises NotPermitted, and the errors of `moderation.undo` and `batches.start_undo`.
    """
    if entry.batch is None:
        done = take_one_back(entry=entry, **by)
        return done if isinstance(done, Proposal) else None
    if not may_undo(by["actor"], entry):
        raise NotPermitted
    begun = take_batch_back(batch=entry.batch, **by)
    if isinstance(begun, Proposal):
        return begun
    begun = batches.run(batch=begun, now=by["now"])
    return None if begun.is_over else begun


@transaction.atomic
def carry_out(
    *, plan: ManyDecisions, seen: int, **by: Unpack[Signed]
) -> Proposal | AuditEntry | DecisionBatch:
    """Takes the decisions, or proposes them if they need two persons.

    `seen`: `plan.newest` of the preview. Raises NotPermitted, ReasonMissing, DecidedMeanwhile, and
    the errors of the decision.
    """
    if not _may(by["actor"], plan):
        raise NotPermitted
    one_at_a_time(by["actor"])
    plan.require_unchanged(seen=seen)
    if plan.takes_two(actor=by["actor"], now=by["now"]):
        return propose(plan=plan, **by)
    return plan.carry_out(approver=None, seen=0, **by)


def review(proposal: Proposal, *, now: datetime) -> Review:
    """Computes the present effect of a proposal."""
    try:
        outlook = plan_of(proposal).outlook(actor=proposal.proposer, now=now)
    except DecisionError as error:
        return Review(None, error=str(error))
    return Review(outlook, _changes(proposal.foreseen, outlook.rows))


def _changes(was: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> list[Change]:
    before, after = ({about: f"{a} → {b}" for about, a, b in rows} for rows in (was, now))
    return [
        Change(about, before.get(about, ""), after.get(about, ""))
        for about in sorted(before.keys() | after.keys())
        if before.get(about) != after.get(about)
    ]


def approve(*, proposal: Proposal, actor: User, seen: str, reason: str, now: datetime) -> Proposal:
    """Takes the decision in the proposer's name; a batch is only begun, and `batches.advance`
    continues it. A second approval by the same person changes nothing.

    `seen`: of the review that the approver saw. `reason`: may be empty. Raises ProposalOver,
    OwnProposal, NotPermitted, ProposerGone, Stale, and the errors of the decision.
    """
    with transaction.atomic():
        proposal = _locked(proposal)
        if proposal.state == State.APPROVED and proposal.answered_by_id == actor.pk:
            return proposal
        _require_open(proposal, now)
        plan = _require_answerable(proposal, actor)
        if not _may(proposal.proposer, plan):
            raise ProposerGone(_("The proposer may no longer decide this: decline it."))
        outlook = plan.outlook(actor=proposal.proposer, now=now)
        if outlook.digest != seen:
            raise Stale(_("What this would do has changed since you looked. Look again."))
        done = plan.carry_out(
            actor=proposal.proposer,
            approver=actor,
            reason=proposal.reason,
            seen=outlook.mark,
            now=now,
        )
        if isinstance(done, DecisionBatch):
            proposal.batch = done
        else:
            proposal.entry, proposal.batch = done, done.batch
        return _answered(proposal, State.APPROVED, "approve_proposal", actor, reason, now)


@transaction.atomic
def decline(*, proposal: Proposal, actor: User, reason: str, now: datetime) -> Proposal:
    """Refuses a proposal. Raises ReasonMissing, ProposalOver, OwnProposal, NotPermitted."""
    proposal = _locked(proposal)
    _require_open(proposal, now)
    _require_answerable(proposal, actor)
    require_reason(reason)
    return _answered(proposal, State.DECLINED, "decline_proposal", actor, reason, now)


@transaction.atomic
def withdraw(*, proposal: Proposal, actor: User, reason: str, now: datetime) -> Proposal:
    """Withdraws the actor's own proposal. Raises ProposalOver, OwnProposal."""
    proposal = _locked(proposal)
    if proposal.proposer_id != actor.pk:
        raise OwnProposal(_("Only the proposer withdraws a proposal. You may decline it."))
    _require_open(proposal, now)
    return _answered(proposal, State.WITHDRAWN, "withdraw_proposal", actor, reason, now)


def _locked(proposal: Proposal) -> Proposal:
    locked = Proposal.objects.select_for_update(of=("self",)).select_related("proposer")
    return locked.get(pk=proposal.pk)


def _require_open(proposal: Proposal, now: datetime) -> None:
    if proposal.state != State.WAITING:
        answered = {"who": proposal.answered_by, "at": f"{proposal.answered_at:%Y-%m-%d %H:%M} UTC"}
        match proposal.state:
            case State.APPROVED:
                sentence = _("%(who)s approved this at %(at)s.")
            case State.DECLINED:
                sentence = _("%(who)s declined this at %(at)s.")
            case _other:
                sentence = _("%(who)s withdrew this at %(at)s.")
        raise ProposalOver(sentence % answered)
    if proposal.is_expired(now):
        raise ProposalOver(_("The time of this proposal is up. Propose it anew."))


def _require_answerable(proposal: Proposal, actor: User) -> Plan:
    if proposal.proposer_id == actor.pk:
        raise OwnProposal(_("Another moderator has to answer your proposal."))
    plan = plan_of(proposal)
    if not _may(actor, plan):
        raise NotPermitted
    return plan


def _answered(
    proposal: Proposal, state: State, verb: str, actor: User, reason: str, now: datetime
) -> Proposal:
    proposal.state, proposal.answer = state, reason.strip()
    proposal.answered_by, proposal.answered_at = actor, now
    proposal.save()
    _record(verb, proposal, actor=actor, reason=reason.strip() or "–", now=now)
    return proposal


def _record(verb: str, proposal: Proposal, **by: Unpack[By]) -> None:
    after = {
        "proposal": str(proposal.pk),
        "decision": proposal.verb,
        "about": proposal.about,
        "by": str(proposal.proposer),
    }
    record(verb=verb, after=after, number=proposal.number, **by)
