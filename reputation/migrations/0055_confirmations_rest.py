from typing import Any

from django.db import migrations

_LOT = """
WITH lot AS (
    SELECT id FROM reputation_number
    WHERE moderated = 1 AND moderated_at IS NOT NULL AND id > %s
    ORDER BY id LIMIT 500 FOR NO KEY UPDATE
)
UPDATE reputation_number n SET reassess_at = LEAST(coalesce(n.reassess_at, 'infinity'),
    GREATEST(now() + interval '1 hour', n.moderated_at + interval '60 days'))
FROM lot WHERE n.id = lot.id RETURNING n.id
"""


def judge_when_they_rest(_apps: Any, schema_editor: Any) -> None:
    """Some rows at a time, each lot a transaction: a service is running."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(_LOT, [last])
            if not (lot := cursor.fetchall()):
                return
            last = max(pk for [pk] in lot)


class Migration(migrations.Migration):
    """Judges confirmed numbers again when they may rest now (ADR 0055). An hour later, since a
    worker of the former release would judge them by its own rule."""

    atomic = False

    dependencies = [
        ('reputation', '0054_plain_words'),
    ]

    operations = [
        migrations.RunPython(judge_when_they_rest, migrations.RunPython.noop, atomic=False),
    ]
