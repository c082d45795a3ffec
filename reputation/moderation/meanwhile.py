"""Refuses a decision if another was made about its subject after the moderator opened the page."""

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from reputation.models import AuditEntry, Campaign, Dispute, KeyGrant, Number, Report, Reporter
from reputation.moderation.recording import DECIDES_NOTHING, DecisionError

# Entries that change nothing about their subject.
LOOKS: Final = DECIDES_NOTHING - {"hold_dispute", "open_dispute"}


class DecidedMeanwhile(DecisionError):
    """`entry`: the newest decision since."""

    def __init__(self, entry: AuditEntry) -> None:
        super().__init__(_("Somebody decided about this since you looked."))
        self.entry = entry


def newest(subject: Any) -> int:
    """The id of the newest decision about a subject of decisions, or 0."""
    return about(subject).order_by("-id").values_list("id", flat=True).first() or 0


def require_unchanged(subject: Any, *, seen: int, actor: User, now: datetime) -> None:
    """Raises DecidedMeanwhile if a decision is newer than `seen`, a value of `newest`.

    For use after the decision of `actor` at `now`, in its transaction: thanks to the locks of the
    decision all earlier ones are visible, and later ones wait.
    """
    since = about(subject).filter(id__gt=seen).exclude(actor=actor, at=now)
    entry = since.select_related("actor").order_by("-id").first()
    if entry is not None:
        raise DecidedMeanwhile(entry)


def about(subject: Any) -> QuerySet[AuditEntry]:
    """The decisions about a subject, without entries that decide nothing."""
    entries: Q
    match subject:
        case Number():
            entries = Q(number=subject)
        case Report():
            entries = Q(report=subject) | Q(number=subject.number_id, report=None)
        case Dispute():
            entries = Q(number=subject.number_id)
        case Reporter():
            entries = Q(reporter=subject)
        case Campaign():
            entries = Q(campaign=subject)
        case KeyGrant():
            entries = Q(key_grant=subject)
        case _:
            entries = Q(pk=None)
    return AuditEntry.objects.filter(entries).exclude(verb__in=LOOKS)
