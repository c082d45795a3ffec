"""Rows with the least that their tables ask for; a test names the fields that it is about."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from reputation.models import AuditEntry, Campaign, KeyGrant, Number, NumbersFile, QueueItem
from tests.given.reporters import NOW, moderator

LARGE = {"reputation_number", "reputation_report", "reputation_reporter"}


def a_campaign(**more: Any) -> Campaign:
    return Campaign.objects.create(
        **{"key": "a" * 16, "first_at": NOW, "last_at": NOW, "grouped_at": NOW} | more
    )


def a_key_grant(**more: Any) -> KeyGrant:
    """What an organisation asked for, and nobody has decided."""
    return KeyGrant.objects.create(
        **{
            "organisation": "A",
            "calls_per_day": 1,
            "asked_scopes": ["lookup"],
            "asked_attestation": False,
            "language": "en",
            "asked_at": NOW,
        }
        | more
    )


def a_numbers_file(**more: Any) -> NumbersFile:
    return NumbersFile.objects.create(**{"domain": "a.example", "added_at": NOW} | more)


def a_queue_item(*, number: Number | None = None, **more: Any) -> QueueItem:
    """An item of the queue, about `number` unless `more` names another subject."""
    factors = dict.fromkeys(("harm", "traffic", "uncertainty", "dispute", "attack"), 1.0)
    about = {"kind": "number", "subject_id": number.pk if number else 1, "number": number}
    return QueueItem.objects.create(**factors | about | {"found_at": NOW, "seen_at": NOW} | more)


def an_audit_entry() -> AuditEntry:
    """An entry in the record of decisions."""
    actor = User.objects.first() or moderator()
    return AuditEntry.objects.create(at=NOW, actor=actor, verb="clear", reason="r")


def copy(table: str, pk: int, beside: str, **instead: str) -> None:
    """Inserts copies of a row, one for each row of `beside`. `instead`: other values, as SQL."""
    columns = [
        field.column
        for field in apps.get_model("reputation", table)._meta.concrete_fields
        if field.name != "id"
    ]
    values = ", ".join(instead.get(column, f"one.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reputation_{table} ({', '.join(columns)})"  # noqa: S608 -- constants
            f" SELECT {values} FROM reputation_{table} one, {beside} WHERE one.id = %s",
            [pk],
        )


def rows_read() -> dict[str, int]:
    """How many rows this transaction has read of the tables that grow with a country."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = ANY(%s)",
            [sorted(LARGE)],
        )
        return dict(cursor.fetchall())


def index_scans_only() -> None:
    """Makes this transaction use indexes, as with millions of rows: few are cheaper to scan."""
    with connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
