"""Refuses decisions on what somebody decided about since the moderator looked."""

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from reputation.models import AuditEntry, Campaign, Dispute, Number, Report, Reporter
from reputation.moderation.recording import DECIDES_NOTHING, DecisionError

# Entries that change nothing about their subject.
LOOKS: Final = DECIDES_NOTHING - {"hold_dispute", "open_dispute"}


class DecidedMeanwhile(DecisionError):
    """`entry`: the newest decision since."""

    def __init__(self, entry: AuditEntry) -> None:
        super().__init__(_("Somebody decided about this since you looked."))
        self.entry = entry


def newest(subject: Any) -> int:
    """The id of the newest decision about a number, report, reporter, dispute or campaign, or 0."""
    return _decisions(subject).order_by("-id").values_list("id", flat=True).first() or 0


def require_unchanged(subject: Any, *, seen: int, actor: User, now: datetime) -> None:
    """Raises DecidedMeanwhile when a decision is newer than `seen`, an answer of `newest`.

    For use after the decision of `actor` at `now`, in its transaction: by the locks of the decision
    all earlier ones are visible, and later ones wait.
    """
    since = _decisions(subject).filter(id__gt=seen).exclude(actor=actor, at=now)
    entry = since.select_related("actor").order_by("-id").first()
    if entry is not None:
        raise DecidedMeanwhile(entry)


def _decisions(subject: Any) -> QuerySet[AuditEntry]:
    about: Q
    match subject:
        case Number():
            about = Q(number=subject)
        case Report():
            about = Q(report=subject) | Q(number=subject.number_id, report=None)
        case Dispute():
            about = Q(number=subject.number_id)
        case Reporter():
            about = Q(reporter=subject)
        case Campaign():
            about = Q(campaign=subject)
        case _:
            about = Q(pk=None)
    return AuditEntry.objects.filter(about).exclude(verb__in=LOOKS)
