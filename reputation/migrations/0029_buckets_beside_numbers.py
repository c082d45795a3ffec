import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reputation', '0028_growth'),
    ]

    operations = [
        # Buckets are only written beside their number, under its lock, and numbers are never
        # deleted: the check of each row found nothing.
        migrations.AlterField(
            model_name='evidencebucket',
            name='number',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='buckets', to='reputation.number'),
        ),
        # Buckets are updated for as long as their number is reported: with room on the page, the
        # index does not learn of it.
        migrations.RunSQL(
            'ALTER TABLE reputation_evidencebucket SET (fillfactor = 70)',
            'ALTER TABLE reputation_evidencebucket RESET (fillfactor)',
        ),
    ]
