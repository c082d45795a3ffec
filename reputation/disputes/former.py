"""Disputes that are still open when their number has another holder: they end with it.

A number has one open dispute at a time. What a former holder left open gives way to what the
present holder opens, and no moderator need decide first.
"""

from datetime import datetime
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from reputation.models import Dispute, Number
from reputation.moderation import change_standing, program, queue, record

ACTOR: Final = "new-holder"


def give_way(number: Number, *, now: datetime) -> None:
    """Rejects the open dispute of a former holder, if there is one. The number is locked."""
    of_holder = Dispute.objects.of_present_holder().values("pk")
    left = Dispute.objects.open().filter(number=number).exclude(pk__in=of_holder)
    dispute = left.select_for_update().first()
    if dispute is None:
        return
    with translation.override(dispute.language or "en"):
        reason = _("The number has another holder now, who alone may object.")
    dispute.status = Dispute.Status.REJECTED.value
    dispute.decided_at, dispute.decided_by, dispute.reason = now, program(ACTOR), reason
    dispute.save()
    queue.rest(kind=queue.Kind.DISPUTE, subject=dispute, now=now)
    if number.disputed:  # a moderator held block for the former holder
        change_standing(number, {"disputed": False}, now=now)
    named = {"dispute": str(dispute.public_id)}
    record(
        verb="close_dispute",
        before=named | {"dispute_status": Dispute.Status.OPEN.value},
        after=named | {"dispute_status": dispute.status},
        number=number,
        actor=dispute.decided_by,
        reason=reason,
        now=now,
    )
