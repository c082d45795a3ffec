from django.db import migrations, models

from reputation.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    """Of numbers with many reports, settling finds by an index those that it may still change."""

    atomic = False  # the index is built beside those who write

    dependencies = [
        ('reputation', '0032_report_full_side'),
    ]

    operations = [
        AddIndexBeside(
            model_name='report',
            index=models.Index(condition=models.Q(('seq__gt', 50), ('status', 'live'), ('was_warned', False)), fields=['number', 'full_side', 'seq', 'counted_at'], name='report_to_settle'),
        ),
    ]
