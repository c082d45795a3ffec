from django.db import migrations, models

from reputation.migrations._beside import AddIndexBeside, RemoveIndexBeside


class Migration(migrations.Migration):

    atomic = False  # the indexes are built and dropped beside those who write

    dependencies = [
        ('reputation', '0026_campaign_joined'),
    ]

    operations = [
        AddIndexBeside(
            model_name='report',
            index=models.Index(condition=models.Q(('campaign__isnull', False)), fields=['campaign', '-id'], name='report_by_campaign_newest'),
        ),
        RemoveIndexBeside(
            model_name='report',
            name='report_by_campaign',
        ),
    ]
