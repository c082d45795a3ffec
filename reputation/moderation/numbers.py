"""Moderators' decisions about numbers."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation import counting
from reputation.identity import Identity
from reputation.models import AuditEntry, DecisionBatch, Number
from reputation.moderation.recording import (
    MOMENT_OF_TRUTH,
    ParticularWrong,
    decide_standing,
    require_reason,
)
from reputation.scoring import Action

# A pin overrides the arithmetic, so a moderator has to look again.
LONGEST_PIN = timedelta(days=366)
# Long enough for a second person to wake up.
HOLD = timedelta(hours=24)
# What was reported before is void anyway, so an earlier day is a slip.
OLDEST_HOLDER = timedelta(days=3_653)


class PinEnd(ParticularWrong):
    """The end of a pin is missing, past, or too far away."""

    field = "until"


class DateInFuture(ParticularWrong):
    """The new holder's first day lies in the future."""

    field = "since"


class DateTooEarly(ParticularWrong):
    """The new holder's first day lies before OLDEST_HOLDER."""

    field = "since"


@transaction.atomic
def confirm_number(
    *,
    actor: User,
    identity: Identity,
    reason: str,
    now: datetime,
    batch: DecisionBatch | None = None,
) -> Number:
    """A moderator confirms that calls from this number are unwanted: it may now be blocked."""
    return _rule(
        actor, identity, "confirm_number", reason, now, batch, moderated=1, moderated_at=now
    )


@transaction.atomic
def clear_number(
    *,
    actor: User,
    identity: Identity,
    reason: str,
    now: datetime,
    batch: DecisionBatch | None = None,
) -> Number:
    """A moderator judges the number legitimate: reports alone no longer flag or block it."""
    return _rule(
        actor,
        identity,
        "clear_number",
        reason,
        now,
        batch,
        moderated=-1,
        moderated_at=now,
        promoted=False,
    )


@transaction.atomic
def pin_number(
    *, actor: User, identity: Identity, action: Action, until: datetime, reason: str, now: datetime
) -> Number:
    """Fixes the public action, above all evidence, until that moment. Raises PinEnd.

    The first reassessment after it (within minutes) removes the pin.
    """
    if not now < until <= now + LONGEST_PIN:
        raise PinEnd(_("A pin ends within a year from now. Give its last day."))
    return _rule(
        actor, identity, "pin_number", reason, now, pinned=action.value, pinned_until=until
    )


@transaction.atomic
def hold_number(
    *,
    actor: User,
    identity: Identity,
    reason: str,
    now: datetime,
    batch: DecisionBatch | None = None,
) -> Number:
    """Keeps a number from being blocked for HOLD, until others can look: a pin at flag."""
    until = now + HOLD
    return _rule(
        actor,
        identity,
        "hold_number",
        reason,
        now,
        batch,
        pinned=Action.FLAG.value,
        pinned_until=until,
    )


@transaction.atomic
def unpin_number(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """Lets the evidence decide the public action again."""
    return _rule(actor, identity, "unpin_number", reason, now, pinned="", pinned_until=None)


@transaction.atomic
def mark_official(
    *,
    actor: User,
    identity: Identity,
    name: str,
    reason: str,
    now: datetime,
    batch: DecisionBatch | None = None,
) -> Number:
    """Enters the number in the verified directory under `name`; reports alone never block it."""
    return _rule(
        actor,
        identity,
        "mark_official",
        reason,
        now,
        batch,
        official=True,
        promoted=False,
        name=name,
    )


@transaction.atomic
def unmark_official(
    *,
    actor: User,
    identity: Identity,
    reason: str,
    now: datetime,
    batch: DecisionBatch | None = None,
) -> Number:
    """Takes the number out of the verified directory."""
    return _rule(
        actor,
        identity,
        "unmark_official",
        reason,
        now,
        batch,
        official=False,
        name="",
        never_calls=False,
    )


@transaction.atomic
def mark_spoofed(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """Marks a number that others fake as their caller ID: holds it at flag and says so."""
    return _rule(actor, identity, "mark_spoofed", reason, now, spoofed=True)


@transaction.atomic
def unmark_spoofed(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """Removes the mark: calls from this number come from its holder."""
    return _rule(actor, identity, "unmark_spoofed", reason, now, spoofed=False)


@transaction.atomic
def mark_reassigned(
    *,
    actor: User,
    identity: Identity,
    reason: str,
    now: datetime,
    since: datetime | None = None,
) -> Number:
    """Marks a new holder: reports and decisions about the old one no longer count, but stay on
    record.

    `since`: the new holder's first day, now by default, at most OLDEST_HOLDER ago; later reports
    count. Raises DateInFuture, DateTooEarly.
    """
    if since is not None and since > now:
        raise DateInFuture(_("That day lies in the future. Give the new holder's first day."))
    if since is not None and since < now - OLDEST_HOLDER:
        raise DateTooEarly(_("That day is more than ten years ago. Give a later one."))
    return _rule(
        actor,
        identity,
        "mark_reassigned",
        reason,
        now,
        reassigned=True,
        epoch_at=since or now,
        settled_side=0,
        settled_seq=0,
        moderated=0,
        moderated_at=None,
        promoted=False,
        official=False,
        name="",
        never_calls=False,
        holder_verified=False,
        disputed=False,
        spoofed=False,
        pinned="",
        pinned_until=None,
        immune_until=None,
    )


@transaction.atomic
def unmark_reassigned(*, actor: User, identity: Identity, reason: str, now: datetime) -> Number:
    """Removes the mark: the old holder still has the number, and reports about them count again.

    Decisions about them do not come back: see `undo`.
    """
    marks = AuditEntry.objects.filter(number__key=identity.key, verb="mark_reassigned")
    marked = marks.order_by("-id").first()
    # The time when the number's truth was known: earlier reports foresaw it, later ones only
    # agreed.
    truth = {name: marked.before[name] for name in MOMENT_OF_TRUTH} if marked else {}
    return _rule(
        actor, identity, "unmark_reassigned", reason, now, reassigned=False, epoch_at=None, **truth
    )


def _rule(
    actor: User,
    identity: Identity,
    verb: str,
    reason: str,
    now: datetime,
    batch: DecisionBatch | None = None,
    **standing: Any,
) -> Number:
    require_reason(reason)
    number = counting.lock_number(identity, now=now)
    return decide_standing(
        number, standing, verb=verb, actor=actor, reason=reason, now=now, batch=batch
    )
