"""Notes of moderators for moderators about a number, report, reporter, dispute or campaign.

No page, answer or copy shows them to anybody else (docs/guide/privacy.md). They are stored masked.
The record names who wrote or removed a note, but not its text, so that the text can be forgotten.
"""

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from reputation.models import Campaign, Note, Number, Report, Reporter
from reputation.moderation import permissions
from reputation.moderation.recording import DecisionError, ParticularWrong, record
from reputation.privacy import mask, retention

LONGEST: Final = 1_000  # characters
MOST: Final = 50  # notes on one subject
# The verbs of audit entries about notes, which are shown beside the notes themselves.
VERBS: Final = ("add_note", "remove_note")


class NotYourNote(DecisionError):
    """Only a note's author or a senior may remove it."""


def on(subject: Model) -> QuerySet[Note]:
    """The notes on a subject, the newest first."""
    kind = subject._meta.model_name or ""
    notes = Note.objects.filter(kind=kind, subject_id=subject.pk)
    return notes.select_related("author").order_by("-id")


@transaction.atomic
def add(*, actor: User, subject: Model, words: str, now: datetime) -> Note:
    """Writes a note; the same note twice in a row is stored once. Raises ParticularWrong."""
    words = words.strip()
    if not words:
        raise ParticularWrong("words", _("Write the note."))
    if len(words) > LONGEST:
        raise ParticularWrong("words", _("At most %(most)d characters.") % {"most": LONGEST})
    kind = subject._meta.model_name or ""
    if kind not in Note.Kind.values:
        raise ParticularWrong("words", _("There are no notes on this."))
    # Locked, so that two notes at once cannot exceed the limit.
    type(subject)._default_manager.select_for_update(no_key=True).get(pk=subject.pk)
    known = list(on(subject)[:MOST])
    masked = mask(words)
    if known and (known[0].author_id, known[0].words) == (actor.pk, masked):
        return known[0]
    if len(known) >= MOST:
        raise ParticularWrong(
            "words", _("There are %(most)d notes already: remove one first.") % {"most": MOST}
        )
    note = Note.objects.create(kind=kind, subject_id=subject.pk, author=actor, at=now, words=masked)
    _record(actor, "add_note", subject, note, now)
    return note


@transaction.atomic
def remove(*, actor: User, subject: Model, note_id: int, now: datetime) -> None:
    """Deletes a note; does nothing if it is gone. Raises NotYourNote."""
    note = on(subject).filter(pk=note_id).first()
    if note is None:
        return
    if note.author_id != actor.pk and not actor.has_perm(permissions.SENIOR_QUEUE):
        raise NotYourNote(_("Only its author or a senior removes a note."))
    _record(actor, "remove_note", subject, note, now)
    note.delete()


def forget(*, now: datetime) -> int:
    """Deletes notes whose time is up (privacy.retention). Returns how many."""
    return Note.objects.filter(at__lt=now - retention.NOTES.kept).delete()[0]


def _record(actor: User, verb: str, subject: Model, note: Note, now: datetime) -> None:
    about: dict[str, Any] = {}
    match subject:
        case Number():
            about = {"number": subject}
        case Report():
            about = {"report": subject, "number": subject.number}
        case Reporter():
            about = {"reporter": subject}
        case Campaign():
            about = {"campaign": subject}
        case _:
            about = {"number": getattr(subject, "number", None)}
    record(actor=actor, verb=verb, reason="–", now=now, after={"note": note.pk}, **about)
