from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # the indexes are built and dropped beside those who write

    dependencies = [
        ('reputation', '0026_campaign_joined'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='report',
            index=models.Index(condition=models.Q(('campaign__isnull', False)), fields=['campaign', '-id'], name='report_by_campaign_newest'),
        ),
        RemoveIndexConcurrently(
            model_name='report',
            name='report_by_campaign',
        ),
    ]
