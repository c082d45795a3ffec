"""Hides from a moderator who judges a decision blind what would reveal the decision.

It is everything about the decision's number or reporter: pages, lists, other items of the queue,
the record, the moderation API. The public answer about a number stays open, as it is to everybody.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from reputation.models import (
    AuditEntry,
    Campaign,
    DecisionBatch,
    Dispute,
    ImportedComplaint,
    Number,
    OfficialNumber,
    Proposal,
    QueueItem,
    Report,
    Reporter,
    SecondReview,
)
from reputation.moderation import DecisionError

# By table: its own columns for a number and for a reporter.
_COLUMNS: Final[dict[type[Model], tuple[str, str]]] = {
    AuditEntry: ("number", "reporter"),
    Dispute: ("number", ""),
    ImportedComplaint: ("number", ""),
    Number: ("pk", ""),
    OfficialNumber: ("pk", ""),
    Proposal: ("number", ""),
    QueueItem: ("number", "reporter"),
    Report: ("number", "reporter"),
    Reporter: ("", "pk"),
}
# Tables whose pages show rows of another one, and the other one's column that leads to them.
_SHOW: Final[dict[type[Model], tuple[type[Model], str]]] = {
    Campaign: (Number, "campaign"),
    DecisionBatch: (AuditEntry, "batch"),
    Number: (Report, "number"),
    Reporter: (Report, "reporter"),
}


class JudgedBlind(DecisionError):
    """The user is judging a decision about this blind."""

    def __init__(self) -> None:
        super().__init__(
            _("You are judging a decision about this blind. Judge it first, or give it back.")
        )


@dataclass(frozen=True, slots=True)
class Held:
    """The ids of the numbers and reporters about which a user is judging a decision."""

    numbers: frozenset[int]
    reporters: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.numbers or self.reporters)


NOTHING_HELD: Final = Held(frozenset(), frozenset())
# The tables some of whose rows are closed meanwhile.
TELLING: Final = frozenset({*_COLUMNS, *_SHOW})


def held(user: Any, *, now: datetime) -> Held:
    """The numbers and reporters that the user judges blind now. One query, by the index of open
    reviews."""
    ids = SecondReview.objects.held_by(user, now)
    found: list[Any] = list(ids.values_list("entry__number", "entry__reporter"))
    return Held(
        frozenset(number for number, _reporter in found if number is not None),
        frozenset(reporter for _number, reporter in found if reporter is not None),
    )


def open_to[M: Model](judging: Held, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows without those that tell what is judged blind."""
    if not judging or rows.model not in TELLING:
        return rows
    hidden = _about(judging, rows.model)
    if rows.model in _SHOW:
        model, column = _SHOW[rows.model]
        shown = model._default_manager.filter(
            _about(judging, model), **{f"{column}__isnull": False}
        )
        hidden |= Q(pk__in=shown.values(column))
    return rows.exclude(hidden)


def _about(judging: Held, model: type[Model]) -> Q:
    columns = _COLUMNS.get(model, ("", ""))
    wanted = Q(pk=None)
    for column, ids in zip(columns, (judging.numbers, judging.reporters), strict=True):
        if column:
            wanted |= Q(**{f"{column}__in": ids})
    return wanted


def require_open(user: User, subject: Any, *, now: datetime) -> None:
    """Raises JudgedBlind where `open_to` leaves the subject out."""
    rows = type(subject)._default_manager.filter(pk=subject.pk)
    if not open_to(held(user, now=now), rows).exists():
        raise JudgedBlind
