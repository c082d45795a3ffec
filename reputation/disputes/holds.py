"""Holds: while the holder's dispute waits, block is held at flag. For whom, how many, how long.

A hold lets calls through that were blocked, so scammers want holds for their own numbers. A hold
needs a contact, is limited by block of numbers and by network, and ends by itself. A number that a
moderator confirmed as unwanted is held only after a moderator looked (`deciding.hold_dispute`), or
for a holder whose contact was right before.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from reputation.disputes.histories import LOSSES_COUNT_FOR, history
from reputation.models import Dispute, Number, take_turn
from reputation.moderation import change_standing

# A hold outlasts the deadline by so much, for a moderator to decide or to extend it.
HOLD_GRACE: Final = timedelta(days=7)
# Holds at a time. Farms rent numbers in a row: a block is a thousand of them.
HOLDS_PER_BLOCK: Final = 3
HOLDS_PER_NETWORK: Final = 3
_BLOCK_DIGITS: Final = 3
# A contact is proven when moderators upheld disputes of so many numbers with it within a year, from
# the same network: anybody who has read a contact may write it.
PROVEN_BY: Final = 2


def may_hold(dispute: Dispute, number: Number, *, now: datetime) -> bool:
    """Whether a dispute that opens now holds its number's block. The number is locked.

    Holds are counted one after the other until the transaction ends.
    """
    if history(dispute, now=now).has_lost_before:
        return False
    if dispute.via == Dispute.Via.PANEL:
        return True  # a moderator looked
    if not dispute.contact_hash:
        return False
    if number.moderated > 0 and not _is_proven(dispute, now):
        return False
    take_turn("dispute holds")
    held = Dispute.objects.open().filter(held=True)
    block = held.filter(number__key__startswith=number.key[:-_BLOCK_DIGITS])
    if block.count() >= HOLDS_PER_BLOCK:
        return False
    return not dispute.network or held.filter(network=dispute.network).count() < HOLDS_PER_NETWORK


def _is_proven(dispute: Dispute, now: datetime) -> bool:
    upheld = Dispute.objects.filter(
        status=Dispute.Status.UPHELD,
        contact_hash=dispute.contact_hash,
        network=dispute.network,
        decided_at__gt=now - LOSSES_COUNT_FOR,
    )
    return upheld.values("number").distinct().count() >= PROVEN_BY


def end_holds(*, now: datetime) -> int:
    """Ends the holds whose time is up, and publishes their numbers; returns how many."""
    past = Q(hold_extended_to=None, deadline_at__lte=now - HOLD_GRACE) | Q(
        hold_extended_to__lte=now
    )
    ended = 0
    due = Dispute.objects.open().filter(past, held=True)
    for pk, number_pk in list(due.values_list("pk", "number_id")):
        with transaction.atomic():
            number = Number.objects.select_for_update(no_key=True).get(pk=number_pk)
            # Decided or extended meanwhile, it is not due any more.
            dispute = due.select_for_update(of=("self",)).filter(pk=pk).first()
            if dispute is None:
                continue
            dispute.held = False
            dispute.save(update_fields=["held"])
            change_standing(number, {"disputed": False}, now=now)
            ended += 1
    return ended
