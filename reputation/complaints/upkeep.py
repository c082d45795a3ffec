"""Moderators' edits of the facts behind complaints: each has a reason, and goes on the record.

An unrecorded change of an authority's address could send frightened people's evidence anywhere.
"""

from datetime import datetime
from typing import Any, Final, Unpack

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet

from reputation.complaints.seeding import content_of
from reputation.models import AuditEntry, Sourced
from reputation.moderation import By, record

# Of a row's content, what no letter is worded by.
SAYS_NOTHING: Final = {"slug", "checked", "rank", "active"}


def said_by(row: Sourced) -> dict[str, Any]:
    """The content of a row for the record of an edit: call it before and after."""
    return content_of(row) | {"checked": row.checked}


def settle_check(
    row: Sourced, *, ticked: bool, before: dict[str, Any], actor: User, now: datetime
) -> bool:
    """Notes on an edited and saved row who compared it with the official text; saves that.

    `ticked`: whether the actor says that they compared it. Where decisions take two
    (SECOND_MODERATOR_REQUIRED), a user who changed the content of the row cannot check it: the row
    is unchecked then, and the answer is False.
    """
    changed = _says(before) != _says(said_by(row))
    alone = changed or (not row.checked and actor in _changed_by(row))
    checked = ticked and not (settings.SECOND_MODERATOR_REQUIRED and alone)
    if not checked:
        row.checked_at = row.checked_by = None
    elif changed or not row.checked:
        row.checked_at, row.checked_by = now, actor
    row.checked = checked
    row.save(update_fields=["checked", "checked_at", "checked_by"])
    return checked == ticked


def _says(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in SAYS_NOTHING}


def newest_edit(row: Sourced) -> AuditEntry | None:
    """The last edit of a row on record."""
    return _edits(row).order_by("-pk").first()


def _edits(row: Sourced) -> QuerySet[AuditEntry]:
    kind = row._meta.model_name
    verbs = [f"add_{kind}", f"edit_{kind}"]
    return AuditEntry.objects.filter(verb__in=verbs, after__slug=row.slug).select_related("actor")


def _changed_by(row: Sourced) -> set[User]:
    """The users who changed the content of the row since somebody last checked it."""
    found = set()
    for entry in _edits(row).order_by("-pk"):
        if _says(entry.after):
            found.add(entry.actor)
        if entry.after.get("checked"):
            break
    return found


def record_edit(*, row: Sourced, before: dict[str, Any], **by: Unpack[By]) -> AuditEntry | None:
    """Puts an edit of a saved row on the record; `before` is empty for a new row.

    Returns None when nothing changed. Raises ReasonMissing.
    """
    after = said_by(row)
    if before == after:
        return None
    changed = [name for name in after if before.get(name) != after[name]]
    kind = row._meta.model_name
    return record(
        verb=f"{'edit' if before else 'add'}_{kind}",
        before={"slug": row.slug} | {name: before[name] for name in changed if name in before},
        after={"slug": row.slug} | {name: after[name] for name in changed},
        **by,
    )
