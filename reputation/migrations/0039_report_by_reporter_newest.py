import datetime

from django.db import migrations, models

from reputation.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    """A reporter's newest reports are found by an index, also where there are a hundred thousand."""

    atomic = False  # the index is built beside those who write

    dependencies = [
        ('reputation', '0038_unread_share'),
    ]

    operations = [
        AddIndexBeside(
            model_name='report',
            index=models.Index(condition=models.Q(('counted_at__gt', datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC))), fields=['reporter', '-counted_at', '-id'], name='report_by_reporter_newest'),
        ),
    ]
