"""What waits in the queue, and for whom."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q

from reputation.models import QueueItem, QueueItemQuerySet, SecondReview
from reputation.moderation import permissions

Kind = QueueItem.Kind


def waiting(*, now: datetime, kind: str = "", user: User | None = None) -> QueueItemQuerySet:
    """The waiting items, claimed ones included, the greatest harm first. `user`: leaves out items
    that are not meant for this user."""
    items = QueueItem.objects.exclude(rests_until__gt=now).order_by("-harm", "id")
    items = items if user is None else items.filter(meant_for(user, now=now))
    return items.filter(kind=kind) if kind else items


def meant_for(user: User, *, now: datetime) -> Q:
    """The items that this user may see. Left out are second reviews of what the user knows,
    disagreements that the user took part in or may not settle, and all other items about what they
    judge blind."""
    # Only subjects that can have items, since judged reviews keep growing in number.
    reviews, unjudged = SecondReview.objects, SecondReview.objects.filter(judged_at=None)
    split = Q(kind=Kind.SPLIT)
    if user.has_perm(permissions.SETTLE_REVIEW):
        unsettled = reviews.filter(judged_at__isnull=False, settled_at=None)
        own = unsettled.filter(Q(entry__actor=user) | Q(reviewer=user))
        split &= Q(subject_id__in=own.values("pk"))
    held = reviews.held_by(user, now)
    return ~(
        Q(kind=Kind.REVIEW, subject_id__in=unjudged.known_to(user).values("pk"))
        | split
        | Q(number__in=held.numbers())
        | Q(reporter__in=held.reporters())
    )
