"""Moderators' decisions about disputes, and their access to the contact of the holder."""

from datetime import datetime, timedelta
from typing import Any, Final, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.disputes.histories import contact_of
from reputation.disputes.opening import DECIDED_WITHIN
from reputation.models import Dispute, Number
from reputation.moderation import (
    UNPINNED,
    By,
    DecisionError,
    change_standing,
    of_new_holder,
    queue,
    record,
    require_reason,
)

# For so long after an upheld dispute reports alone do not list the number.
IMMUNITY: Final = timedelta(days=90)


class NotOpen(DecisionError):
    """The dispute waits for no decision: it was decided, or never verified."""


class DecidedBefore(DecisionError):
    """A moderator who decided a dispute must neither decide its appeal nor hold block for it."""


def is_barred(dispute: Dispute, actor: User) -> bool:
    """Whether the dispute is an appeal against this moderator's own decision."""
    return dispute.barred_id is not None and dispute.barred_id == actor.pk


@transaction.atomic
def decide_dispute(*, dispute: Dispute, upheld: bool, **by: Unpack[By]) -> Dispute:
    """Decides an open dispute or appeal: the holder is told, the number follows at once.

    Rejected, the number follows its evidence. Upheld, reports alone do not list it for IMMUNITY, it
    counts as its holder's (no block without a moderator), and the grounds take effect: the reports
    were wrong, which costs early reporters trust, and an entry that the number never calls ends; or
    others call under the number, which costs nobody anything; or it has a new holder, and the
    reports about the old one are void. A former holder who is right changes nothing for the present
    one.

    Raises ReasonMissing, NotOpen, DecidedBefore.
    """
    require_reason(by["reason"])
    actor, now = by["actor"], by["now"]
    number, dispute = _lock_open(dispute)
    _require_another(dispute, actor)
    standing: dict[str, Any] = {"disputed": False}
    if upheld and dispute.is_of_present_holder:
        standing |= _cleared(dispute.grounds, now)
    before, after = change_standing(number, standing, now=now)
    dispute.status = (Dispute.Status.UPHELD if upheld else Dispute.Status.REJECTED).value
    dispute.decided_at, dispute.decided_by, dispute.reason = now, actor, by["reason"].strip()
    dispute.save()
    queue.rest(kind=queue.Kind.DISPUTE, subject=dispute, now=now)
    named = {"dispute": str(dispute.public_id)}
    record(
        verb="uphold_dispute" if upheld else "reject_dispute",
        before=named | {"dispute_status": Dispute.Status.OPEN.value} | before,
        after=named | {"dispute_status": dispute.status} | after,
        number=number,
        **by,
    )
    dispute.number = number
    return dispute


@transaction.atomic
def hold_dispute(*, dispute: Dispute, **by: Unpack[By]) -> Dispute:
    """A moderator looked: block is held at flag for DECIDED_WITHIN from now, whatever was before.

    For a number that a moderator confirmed, a holder without contact, or a hold about to end.
    Raises ReasonMissing, NotOpen, DecidedBefore.
    """
    require_reason(by["reason"])
    number, dispute = _lock_open(dispute)
    _require_another(dispute, by["actor"])
    named = {"dispute": str(dispute.public_id)}
    held_before = dispute.held
    dispute.held, dispute.hold_extended_to = True, by["now"] + DECIDED_WITHIN
    dispute.save(update_fields=["held", "hold_extended_to"])
    before, after = change_standing(number, {"disputed": True}, now=by["now"])
    record(
        verb="hold_dispute",
        before=named | {"held": held_before} | before,
        after=named | {"held": True, "until": dispute.hold_extended_to.isoformat()} | after,
        number=number,
        **by,
    )
    dispute.number = number
    return dispute


def _lock_open(dispute: Dispute) -> tuple[Number, Dispute]:
    """The number, then the dispute, locked. Raises NotOpen."""
    number = Number.objects.select_for_update(no_key=True).get(pk=dispute.number_id)
    dispute = Dispute.objects.select_for_update().get(pk=dispute.pk)
    if dispute.status != Dispute.Status.OPEN:
        raise NotOpen(_("This dispute waits for no decision."))
    return number, dispute


def _require_another(dispute: Dispute, actor: User) -> None:
    """Raises DecidedBefore."""
    if is_barred(dispute, actor):
        raise DecidedBefore(
            _("This appeals against your own decision: another moderator has to decide it.")
        )


def _cleared(grounds: str, now: datetime) -> dict[str, Any]:
    """The columns of Number that an upheld dispute sets."""
    standing: dict[str, Any] = {
        "holder_verified": True,
        "immune_until": now + IMMUNITY,
        "promoted": False,
        **UNPINNED,
    }
    match grounds:
        case Dispute.Grounds.SPOOFED:
            return standing | {"spoofed": True, "moderated": 0, "moderated_at": None}
        case Dispute.Grounds.NEW_HOLDER:
            return of_new_holder(now) | standing
    return standing | {
        "spoofed": False,
        "moderated": -1,
        "moderated_at": now,
        "never_calls": False,
    }


@transaction.atomic
def reveal_contact(*, dispute: Dispute, **by: Unpack[By]) -> str:
    """The holder's contact in clear. The reading is recorded. Raises ReasonMissing."""
    contact = contact_of(dispute)
    after = {"dispute": str(dispute.public_id), "found": bool(contact)}
    record(verb="reveal_contact", after=after, number=dispute.number, **by)
    return contact
