from django.db import migrations, models
from django.db.models.functions import Mod

from reputation.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    """Slices of what may wait for moderators are by ids: all numbers of a file have one time."""

    atomic = False  # the indexes are built beside those who write

    dependencies = [
        ('reputation', '0033_report_to_settle'),
    ]

    operations = [
        AddIndexBeside(
            model_name='number',
            index=models.Index(Mod('id', 288), models.F('last_reported_at'), condition=models.Q(('disputed', False), ('moderated', 0), ('pinned', ''), models.Q(('score__gte', 30), ('spoofed', True), _connector='OR')), name='number_doubted_slice'),
        ),
        AddIndexBeside(
            model_name='number',
            index=models.Index(Mod('id', 288), models.F('last_reported_at'), condition=models.Q(('official', True), models.Q(('moderated', 0), _negated=True), _connector='OR'), name='number_decided_slice'),
        ),
    ]
