"""Claims keep two moderators from doing the same work: a moderator who claims an item has it, and
every other item about its number, for CLAIM."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from reputation.models import (
    AuditEntry,
    Campaign,
    Dispute,
    IntakeMessage,
    KeyGrant,
    Number,
    Proposal,
    QueueItem,
    SecondReview,
)
from reputation.moderation import permissions
from reputation.moderation.queue.items import Kind, meant_for, waiting
from reputation.moderation.queue.refreshing import REFRESHING
from reputation.moderation.recording import (
    DECIDED_RESTS,
    DecisionError,
    record,
    require_reason,
)

# Long enough to hear a recording, and so short that a closed laptop does not block an item for
# long.
CLAIM: Final = timedelta(minutes=10)
LEFT_RESTS: Final = timedelta(days=14)
# How many moderators may ask for the next item at the same moment.
AT_ONCE: Final = 50


class ClaimError(DecisionError):
    """The item cannot be claimed."""


class ItemGone(ClaimError):
    """The item was decided, or no longer waits."""

    def __init__(self, sentence: str = "") -> None:
        gone = _("This no longer waits: somebody decided it, or it has settled.")
        super().__init__(sentence or gone)


class TakenByAnother(ClaimError):
    """Another moderator holds the item."""


class Overdue(DecisionError):
    """A dispute past its deadline must be decided; it cannot be left."""


def _free(actor: User, now: datetime, *others: User) -> Q:
    """The condition under which a user may work on an item: no other user has claimed it, it is not
    assigned to another user who is present, and it is not escalated or the user is a senior."""
    actors = (actor, *others)
    absent = Q(assigned_to__is_active=False) | Q(assigned_to__desk__away_until__gt=now)
    free = unclaimed(actors, now) & (Q(assigned_to=None) | Q(assigned_to__in=actors) | absent)
    if any(each.has_perm(permissions.SENIOR_QUEUE) for each in actors):
        return free
    return free & Q(escalated_by=None)


def may_take(actor: User, item: QueueItem, now: datetime) -> bool:
    """Whether no other moderator, nor the seniors, have the item."""
    return QueueItem.objects.filter(_free(actor, now), pk=item.pk).exists()


def unclaimed(actors: Sequence[User], now: datetime) -> Q:
    return Q(claimed_by=None) | Q(claimed_by__in=actors) | Q(claimed_until__lte=now)


@transaction.atomic
def claim(*, actor: User, item_id: int, now: datetime) -> QueueItem:
    """Claims the item, and all other items about its number, for CLAIM; a second claim extends it.

    Raises ItemGone, TakenByAnother.
    """
    return _take(waiting_and_free(actor, item_id, now), actor, now)


def waiting_item(actor: User, item_id: int, now: datetime) -> QueueItem:
    """The item, locked with all others about its number, if it is for this user. Raises
    ItemGone."""
    item = QueueItem.objects.filter(pk=item_id).first()
    if item is not None:
        QueueItem.objects.filter(same(item)).hold()
        item = QueueItem.objects.filter(pk=item_id).first()
    if item is None or (item.rests_until is not None and item.rests_until > now):
        raise ItemGone
    if not QueueItem.objects.filter(meant_for(actor, now=now), pk=item_id).exists():
        raise ItemGone(_("Other moderators have to decide this."))
    return item


def waiting_and_free(actor: User, item_id: int, now: datetime) -> QueueItem:
    """The item, locked. Raises ItemGone, TakenByAnother."""
    item = waiting_item(actor, item_id, now)
    if not may_take(actor, item, now):
        raise TakenByAnother(whose(item, now))
    return item


@transaction.atomic
def claim_next(
    *, actor: User, now: datetime, kind: str = "", after: QueueItem | None = None
) -> QueueItem | None:
    """Claims the free item with the greatest harm about which the actor has proposed nothing; None
    if none is left.

    `after`: an item that the moderator passed over; the search continues after it.
    """
    with connection.cursor() as cursor:
        # During a refresh, which holds most items, nothing would seem to be left.
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({REFRESHING})")
    items = waiting(now=now, kind=kind, user=actor).filter(_free(actor, now))
    items = items.exclude(_proposed(actor, now))
    if after is not None:
        items = items.filter(Q(harm__lt=after.harm) | Q(harm=after.harm, id__gt=after.pk))
    for item in items[:AT_ONCE]:
        # Others may be at it: who waited for them would hold up the work, or wait for ever.
        if QueueItem.objects.filter(same(item)).hold(waits=False) and items.filter(pk=item.pk):
            return _take(item, actor, now)
    return None


def _proposed(actor: User, now: datetime) -> Q:
    """The items about which a proposal of the actor waits for another moderator's answer."""
    own = Proposal.objects.open(now).filter(proposer=actor)
    items = Q(number__in=own.exclude(number=None).values("number"))
    others = own.filter(number=None, what=Proposal.What.DECISION)
    for kind, subject in others.values_list("content__kind", "content__subject"):
        items |= Q(kind=kind, subject_id=subject)
    return items


def _take(item: QueueItem, actor: User, now: datetime) -> QueueItem:
    items = QueueItem.objects.filter(_free(actor, now)).filter(same(item))
    items.update(claimed_by=actor, claimed_until=now + CLAIM)
    if item.kind == Kind.REVIEW:
        SecondReview.objects.filter(pk=item.subject_id).show_to(actor)
    item.refresh_from_db()
    return item


def same(item: QueueItem) -> Q:
    return Q(pk=item.pk) | Q(number=item.number_id) if item.number_id else Q(pk=item.pk)


@transaction.atomic
def release(*, actor: User, item: QueueItem) -> None:
    """Gives the actor's items about this number back undecided. Claims of others stay."""
    QueueItem.objects.filter(same(item)).hold()
    items = QueueItem.objects.filter(same(item), claimed_by=actor)
    items.update(claimed_by=None, claimed_until=None)
    if item.kind == Kind.REVIEW:
        SecondReview.objects.filter(pk=item.subject_id, judged_at=None, reviewer=actor).update(
            reviewer=None
        )


@transaction.atomic
def finish(*, item: QueueItem, now: datetime) -> None:
    """Puts a finished item, and all other items about its number, to rest."""
    QueueItem.objects.filter(same(item)).rest(until=now + DECIDED_RESTS)


@transaction.atomic
def rest(*, kind: Kind, subject: Dispute | IntakeMessage | SecondReview, now: datetime) -> None:
    """Puts the item of a decided subject to rest, for kinds of subjects that audit entries cannot
    name."""
    QueueItem.objects.filter(kind=kind, subject_id=subject.pk).rest(until=now + DECIDED_RESTS)


@transaction.atomic
def leave(*, actor: User, item: QueueItem, reason: str, now: datetime) -> AuditEntry:
    """Leaves an item as it is: it rests for LEFT_RESTS, a dispute for at most half of the time to
    its deadline. On record like any decision.

    Raises ReasonMissing, ItemGone, TakenByAnother, Overdue, DecisionError.
    """
    require_reason(reason)
    item = waiting_and_free(actor, item.pk, now)
    require_not_blind(item)
    until = now + LEFT_RESTS
    if item.kind == Kind.DISPUTE:
        dispute = Dispute.objects.open().filter(pk=item.subject_id).first()
        if dispute is not None and dispute.deadline_at is not None:
            if dispute.deadline_at <= now:
                raise Overdue(_("The answer to the holder is overdue: decide the dispute."))
            until = min(until, now + (dispute.deadline_at - now) / 2)
    QueueItem.objects.filter(pk=item.pk).rest(until=until)
    after = {"kind": item.kind}
    return record(actor=actor, verb="leave", reason=reason, now=now, after=after, **subjects(item))


def require_not_blind(item: QueueItem) -> None:
    """Raises DecisionError for second reviews and disagreements, which only some users may see:
    they are judged or given back, since nobody would see one that was left."""
    if item.kind in QueueItem.REVIEWS:
        raise DecisionError(_("Judge it, or give it back."))


def subjects(item: QueueItem) -> dict[str, Any]:
    """The subjects of an audit entry about an item, as keywords."""
    about: dict[str, Any] = {
        name: model._default_manager.get(pk=item.subject_id)
        for kind, name, model in (
            (Kind.CAMPAIGN, "campaign", Campaign),
            (Kind.KEY_GRANT, "key_grant", KeyGrant),
        )
        if item.kind == kind
    }
    return about | {"number": item.number, "report": item.report, "reporter": item.reporter}


def require_free(*, actors: Sequence[User | None], subject: Any, now: datetime) -> None:
    """Raises TakenByAnother if another moderator has the subject or its number."""
    for sentence in taken_by_others(actors=actors, subjects=[subject], now=now).values():
        raise TakenByAnother(sentence)


def taken_by_others(
    *, actors: Sequence[User | None], subjects: Sequence[Any], now: datetime
) -> dict[int, str]:
    """Of subjects of one kind, those that another moderator has, or whose number: by id, with a
    sentence that says who."""
    numbers = {each.pk: _number_of(each) for each in subjects}
    if any(number is None for number in numbers.values()):
        first, key = subjects[0], "subject_id"
        kind = Kind.MESSAGE if isinstance(first, IntakeMessage) else first._meta.model_name
        items = QueueItem.objects.filter(kind=kind, subject_id__in=numbers)
    else:
        key = "number_id"
        items = QueueItem.objects.filter(number__in=numbers.values())
    one, *others = filter(None, actors)
    free = items.filter(_free(one, now, *others)).values("pk")
    taken = items.exclude(pk__in=free).select_related("claimed_by", "assigned_to")
    told = {getattr(item, key): whose(item, now) for item in taken}
    held = {pk: told.get(pk if number is None else number) for pk, number in numbers.items()}
    return {pk: sentence for pk, sentence in held.items() if sentence is not None}


def _number_of(subject: Any) -> int | None:
    number = subject.pk if isinstance(subject, Number) else getattr(subject, "number_id", None)
    return None if number is None else int(number)


def whose(item: QueueItem, now: datetime) -> str:
    """A sentence that says who has an item that is not free."""
    if item.claimed_by is not None and item.is_claimed(now):
        told = {"who": item.claimed_by, "until": f"{item.claimed_until:%H:%M} UTC"}
        return _("%(who)s is at this until %(until)s.") % told
    if item.escalated_by is not None:
        return _("This is with the senior moderators.")
    return _("This is assigned to %(who)s.") % {"who": item.assigned_to}
