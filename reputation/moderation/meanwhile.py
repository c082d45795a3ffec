"""Refuses a decision if another was made about its subject after the moderator opened the page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from reputation.models import (
    AuditEntry,
    Campaign,
    DecisionBatch,
    Dispute,
    KeyGrant,
    Number,
    NumbersFile,
    Report,
    Reporter,
)
from reputation.moderation import reasons
from reputation.moderation.recording import DECIDES_NOTHING, DecisionError, written

# Entries that change nothing about their subject.
LOOKS: Final = DECIDES_NOTHING - {"hold_dispute", "open_dispute"}


class DecidedMeanwhile(DecisionError):
    """`entry`: the newest decision since."""

    def __init__(self, entry: AuditEntry) -> None:
        super().__init__(_("Somebody decided about this since you looked."))
        self.entry = entry


def newest(subject: Any) -> int:
    """The id of the newest decision about a subject of decisions, or 0; of a published list, when
    what waits was found, in microseconds."""
    if isinstance(subject, NumbersFile):
        found = subject.found_at
        return 0 if found is None else round(found.timestamp() * 1_000_000)
    return about(subject).order_by("-id").values_list("id", flat=True).first() or 0


def require_unchanged(subject: Any, *, seen: int, actor: User, now: datetime) -> None:
    """Raises DecidedMeanwhile if a decision is newer than `seen`, a value of `newest`; of a
    published list DecisionError, if the list is another than was seen.

    For use after the decision of `actor` at `now`, in its transaction: thanks to the locks of the
    decision all earlier ones are visible, and later ones wait.
    """
    if isinstance(subject, NumbersFile):
        if seen not in (0, newest(subject)):
            raise DecisionError(
                _(
                    "The list has changed since you looked, or somebody decided about it. Look "
                    "again."
                )
            )
        return
    since = about(subject).filter(id__gt=seen).exclude(actor=actor, at=now)
    entry = since.select_related("actor").order_by("-id").first()
    if entry is not None:
        raise DecidedMeanwhile(entry)


def decided_on(rows: Sequence[Any], *, after: datetime, besides: DecisionBatch) -> set[int]:
    """The ids of those numbers, reports or reporters that were decided on after that moment, other
    than by this batch."""
    entries = AuditEntry.objects.filter(at__gt=after).exclude(verb__in=LOOKS)
    entries = entries.exclude(batch=besides)
    ids = {row.pk for row in rows}
    match rows[0]:
        case Reporter():
            return set(entries.filter(reporter__in=ids).values_list("reporter_id", flat=True))
        case Report():
            numbers = entries.filter(number__in={row.number_id for row in rows}, report=None)
            about = set(numbers.values_list("number_id", flat=True))
            found = set(entries.filter(report__in=ids).values_list("report_id", flat=True))
            return found | {row.pk for row in rows if row.number_id in about}
    return set(entries.filter(number__in=ids).values_list("number_id", flat=True))


def change(entry: AuditEntry) -> dict[str, Any]:
    """What a stored entry put into force, without the moment at which it was taken."""
    moment = written({"at": entry.at})["at"]
    return {name: value for name, value in entry.after.items() if value != moment}


def by_whom(entry: AuditEntry) -> dict[str, Any]:
    """Who made the entry, when and why: `who`, `when` and `reason` of a sentence."""
    return {
        "who": entry.actor,
        "when": f"{entry.at:%Y-%m-%d %H:%M} UTC",
        "reason": reasons.in_words(entry.reason),
    }


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
