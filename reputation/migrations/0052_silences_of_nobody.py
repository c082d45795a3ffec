from django.db import migrations


class Migration(migrations.Migration):
    """Deletes the days of numbers that left the directory: they would come into force again for who
    gets the number, or its entry, later."""

    dependencies = [
        ('reputation', '0051_problems_in_words'),
    ]

    operations = [
        migrations.RunSQL(
            'DELETE FROM reputation_nevercalling silence USING reputation_number number'
            ' WHERE number.id = silence.number_id AND NOT number.official',
            migrations.RunSQL.noop,
        ),
    ]
