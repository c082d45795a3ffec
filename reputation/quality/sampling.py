"""Draws decisions to be judged a second time, by a keyed hash.

Whether a decision is drawn follows from its id and PSEUDONYM_KEY alone: nobody without the key can
tell it beforehand, and neither the moment nor a second run changes it. A batch is one decision.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from reputation.models import AuditEntry, SecondReview
from reputation.privacy import pseudonym
from reputation.quality.questions import LEFT, REVIEWED

# Decisions older than this are not drawn any more: the worker has had its chance.
WINDOW: Final = timedelta(days=2)
_DIGITS: Final = 13


def draw(*, now: datetime) -> int:
    """Draws settings.SECOND_REVIEW_PERCENT of the decisions of the last WINDOW; returns how many
    are new. May run at any time, also several times at once.
    """
    single = Q(batch=None, at__gte=now - WINDOW)
    finished = Q(batch__finished_at__gte=now - WINDOW)
    entries = AuditEntry.objects.filter(single | finished, verb__in=REVIEWED).exclude(
        ~Q(after__kind__in=LEFT), verb="leave"
    )
    # The entry with the smallest hash represents its batch.
    drawn: dict[str, tuple[float, int]] = {}
    for entry in entries.order_by("pk").only("pk", "batch_id"):
        pk = entry.pk
        act = f"entry {pk}" if entry.batch_id is None else f"batch {entry.batch_id}"
        drawn[act] = min(drawn.get(act, (2.0, 0)), (_lot(f"entry {pk}"), pk))
    percent = settings.SECOND_REVIEW_PERCENT
    chosen = [pk for act, (_, pk) in drawn.items() if _lot(act) * 100 < percent]
    known = SecondReview.objects.filter(entry__in=chosen).values_list("entry_id", flat=True)
    undone = AuditEntry.objects.filter(undoes__in=chosen).values_list("undoes_id", flat=True)
    new = sorted(set(chosen) - set(known) - set(undone))
    SecondReview.objects.bulk_create(
        [SecondReview(entry_id=pk, sampled_at=now) for pk in new], ignore_conflicts=True
    )
    return len(new)


def _lot(name: str) -> float:
    """A number from 0 to below 1 that is always the same for a name."""
    return int(pseudonym("second review", name)[:_DIGITS], 16) / 16**_DIGITS
