"""The subjects of decisions, by names that are stable outside this database."""

import uuid
from typing import Any, Final

from django.utils.translation import gettext as _

from reputation.models import (
    Campaign,
    Dispute,
    IntakeMessage,
    KeyGrant,
    Number,
    NumbersFile,
    QueueItem,
    Report,
    Reporter,
    SecondReview,
)
from reputation.moderation import DecisionError

MODELS: Final[dict[str, Any]] = {
    "number": Number,
    "report": Report,
    "reporter": Reporter,
    "dispute": Dispute,
    "campaign": Campaign,
    "numbersfile": NumbersFile,
    "intakemessage": IntakeMessage,
    "secondreview": SecondReview,
    "keygrant": KeyGrant,
}


class SubjectNotFound(DecisionError):
    """No number, report, reporter, dispute, campaign or list has this name."""

    def __init__(self) -> None:
        super().__init__(_("There is no such subject. Take its id from the queue or its number."))


def kind_of(item: QueueItem) -> str:
    """The kind of subject that the decisions on an item of the queue are about."""
    if item.kind in QueueItem.ON_NUMBERS:
        return "number"
    if item.kind in QueueItem.REVIEWS:
        return "secondreview"
    return "intakemessage" if item.kind == QueueItem.Kind.MESSAGE else item.kind


def subject_of(item: QueueItem) -> Any:
    """The subject of an item of the queue; None if it is gone."""
    return MODELS[kind_of(item)]._default_manager.filter(pk=item.subject_id).first()


def number_of(subject: Any) -> Number | None:
    """The number that a subject is or is about; None for one about no single number."""
    return subject if isinstance(subject, Number) else getattr(subject, "number", None)


def name_of(subject: Any) -> str:
    """The name by which `find` finds the subject."""
    match subject:
        case Number() | Campaign():
            return subject.key
        case Report() | Dispute() | IntakeMessage() | KeyGrant():
            return str(subject.public_id)
        case NumbersFile():
            return subject.domain
        case Reporter():
            return str(subject)
        case SecondReview():
            return str(subject.pk)
    raise TypeError(f"{subject!r} is nothing to decide about.")


def find(kind: str, name: str) -> Any:
    """The subject of this kind and name. Raises SubjectNotFound.

    Does not find messages and second reviews, which are read and decided only in the panel, nor
    organisations' keys (PANEL_ONLY).
    """
    wanted: dict[str, Any]
    if "\0" in name:
        raise SubjectNotFound
    match kind:
        case "number" | "campaign":
            wanted = {"key": name}
        case "report" | "dispute":
            wanted = {"public_id": _uuid(name)}
        case "reporter":
            of, _colon, handle = name.partition(":")
            wanted = {"kind": of, "handle": handle}
        case "numbersfile":
            wanted = {"domain": name}
        case _:
            raise SubjectNotFound
    found = MODELS[kind]._default_manager.filter(**wanted).first()
    if found is None:
        raise SubjectNotFound
    return found


def _uuid(name: str) -> uuid.UUID:
    try:
        return uuid.UUID(name)
    except ValueError:
        raise SubjectNotFound from None
