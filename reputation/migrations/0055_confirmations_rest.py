from django.db import migrations

DUE = (
    "UPDATE reputation_number SET reassess_at = LEAST(coalesce(reassess_at, 'infinity'),"
    " GREATEST(now() + interval '1 hour', moderated_at + interval '60 days'))"
    ' WHERE moderated = 1 AND moderated_at IS NOT NULL'
)


class Migration(migrations.Migration):
    """Judges confirmed numbers again when they may rest now (ADR 0055). An hour later, since a
    worker of the former release would judge them by its own rule."""

    dependencies = [
        ('reputation', '0054_plain_words'),
    ]

    operations = [
        migrations.RunSQL(DUE, migrations.RunSQL.noop),
    ]
