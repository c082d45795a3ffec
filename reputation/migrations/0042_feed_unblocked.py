from django.db import migrations, models

from reputation.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    """Blocks that ended are found without reading the others' changes of the day."""

    atomic = False  # the index is built beside those who write

    dependencies = [
        ('reputation', '0041_cluster_figures'),
    ]

    operations = [
        AddIndexBeside(
            model_name='feedchange',
            index=models.Index(condition=models.Q(('previous', 'block')), fields=['changed_at'], name='feed_unblocked'),
        ),
    ]
