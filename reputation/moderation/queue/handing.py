"""Hands items of the queue to a moderator, without a time limit, or to the seniors."""

from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.languages import sentences
from reputation.models import Desk, QueueItem
from reputation.moderation import permissions
from reputation.moderation.queue.claiming import (
    TakenByAnother,
    require_not_blind,
    same,
    subjects,
    unclaimed,
    waiting_and_free,
    waiting_item,
    whose,
)
from reputation.moderation.recording import DecisionError, record, require_reason
from reputation.privacy import mask

QUESTION_LENGTH: Final = 500


class CannotTake(DecisionError):
    """The item cannot be given to this person."""

    field = "to"


def hands(item: QueueItem) -> str:
    """Stands for who has the item; the forms of its page send it back."""
    return f"{item.assigned_to_id or ''}/{item.escalated_by_id or ''}"


def _require_seen(item: QueueItem, seen: str | None, now: datetime) -> None:
    """Raises DecisionError if the item changed hands since the actor saw `seen`."""
    if seen in (None, hands(item)):
        return
    sentence = _("Somebody handed this on since you opened its page.")
    is_free = item.assigned_to is item.escalated_by is None
    holder = _("Nobody has it now.") if is_free else whose(item, now)
    raise DecisionError(sentences(sentence, holder))


@transaction.atomic
def assign(
    *, actor: User, item_id: int, to: User | None, seen: str | None = None, now: datetime
) -> QueueItem:
    """Gives the item, and all other items about its number, to a moderator, or to nobody (gives it
    back), and ends its escalation. Only a senior may assign an escalated item, or one of another
    moderator.

    `seen`: `hands` of the item on the actor's page, None without a page. Raises ItemGone,
    TakenByAnother, CannotTake, DecisionError.
    """
    if actor.has_perm(permissions.SENIOR_QUEUE):
        item = waiting_item(actor, item_id, now)
        if not QueueItem.objects.filter(unclaimed((actor,), now), pk=item_id).exists():
            raise TakenByAnother(whose(item, now))
    else:
        item = waiting_and_free(actor, item_id, now)
    _require_seen(item, seen, now)
    require_not_blind(item)
    if to is not None and not to.has_perm(permissions.WORK_QUEUE):
        raise CannotTake(_("%(who)s does not work the queue.") % {"who": to})
    if to is not None and to != actor and Desk.objects.filter(user=to, away_until__gt=now).exists():
        raise CannotTake(_("%(who)s is away. Choose another.") % {"who": to})
    items = QueueItem.objects.filter(same(item))
    items.update(
        assigned_to=to,
        claimed_by=None,
        claimed_until=None,
        escalated_by=None,
        escalation="",
    )
    record(
        actor=actor,
        verb="assign",
        reason=f"→ {to or '–'}",
        now=now,
        after={"assigned_to": str(to or "")},
        **subjects(item),
    )
    item.refresh_from_db()
    return item


@transaction.atomic
def escalate(
    *, actor: User, item_id: int, question: str, seen: str | None = None, now: datetime
) -> QueueItem:
    """Hands the item, and all other items about its number, to the seniors with a question, which
    is stored masked. `seen`: as of `assign`. Raises ReasonMissing, ItemGone, TakenByAnother,
    DecisionError."""
    require_reason(question)
    item = waiting_and_free(actor, item_id, now)
    _require_seen(item, seen, now)
    require_not_blind(item)
    asked = mask(" ".join(question.split()))[:QUESTION_LENGTH]
    QueueItem.objects.filter(same(item)).update(
        assigned_to=None,
        claimed_by=None,
        claimed_until=None,
        escalated_by=actor,
        escalation=asked,
    )
    record(actor=actor, verb="escalate", reason=asked, now=now, **subjects(item))
    item.refresh_from_db()
    return item
