"""Moderators' edits of the facts behind complaints: each has a reason, and goes on the record.

An unrecorded change of an authority's address could send frightened people's evidence anywhere.
"""

from datetime import datetime
from typing import Any, Unpack

from django.contrib.auth.models import User

from reputation.complaints.seeding import content_of
from reputation.models import AuditEntry, Sourced
from reputation.moderation import By, record


def said_by(row: Sourced) -> dict[str, Any]:
    """The content of a row for the record of an edit: call it before and after."""
    return content_of(row) | {"checked": row.checked}


def check(row: Sourced, *, actor: User, now: datetime) -> None:
    """Notes on an edited row who compared it with the official text, or clears that note.

    Saving with `checked` set confirms the comparison again. Does not save the row.
    """
    row.checked_at, row.checked_by = (now, actor) if row.checked else (None, None)


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
