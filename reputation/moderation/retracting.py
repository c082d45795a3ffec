"""Takes back the complaints of an authority's file, and puts them back.

Taken back, they move to a table of their own: they do not count, are not shown, and are not
imported again from the same file.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection

from reputation import counting
from reputation.models import AuditEntry, ImportedComplaint, Number, RetractedComplaint
from reputation.moderation.recording import DecidedSince

# The verb of audit entries about a part of a file (complaint_imports).
VERB: Final = "import_complaints"


def numbers_by_complaint(ids: Collection[int]) -> dict[int, int]:
    """The id of each complaint's number, by complaint, whether it counts or not."""
    return {
        complaint: number
        for model in (ImportedComplaint, RetractedComplaint)
        for complaint, number in model.objects.filter(pk__in=ids).values_list("pk", "number_id")
    }


def complaints_of(entries: Iterable[AuditEntry]) -> list[int]:
    """The ids of the complaints that these entries imported; other entries give none."""
    return [pk for entry in entries for pk in entry.after.get("complaints", [])]


def switch(entry: AuditEntry, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Takes the complaints of an entry back, or puts them back; for `undoing`."""
    move(entry.after["complaints"], count=entry.before["count"], now=now)
    return entry.after, entry.before


def move(ids: Collection[int], *, count: bool, now: datetime) -> None:
    """Makes these complaints count or not, and publishes their numbers. Raises DecidedSince."""
    about = set(numbers_by_complaint(ids).values())
    chosen = Number.objects.filter(pk__in=about).order_by("key")
    numbers = list(chosen.select_for_update(no_key=True))
    counting.lock_reporters(*numbers)
    complaints = ImportedComplaint.objects.filter(pk__in=ids)
    gone = [] if count else list(complaints)
    tables = [model._meta.db_table for model in (RetractedComplaint, ImportedComplaint)]
    there, here = tables if count else reversed(tables)
    columns = ", ".join(str(field.column) for field in ImportedComplaint._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH gone AS (DELETE FROM {there} WHERE id = ANY(%s) RETURNING {columns}) "  # noqa: S608 -- names of tables
            f"INSERT INTO {here} ({columns}) SELECT {columns} FROM gone",
            [list(ids)],
        )
        if cursor.rowcount != len(ids):
            raise DecidedSince
    counting.revise(*numbers, gone=gone, back=list(complaints) if count else [])
    counting.publish_all(numbers, now=now)
