from django.db import migrations, models


class Migration(migrations.Migration):
    """Batches that had to wait, or that no page drives, go on by themselves."""

    dependencies = [
        ('reputation', '0049_returns_as_live'),
    ]

    operations = [
        migrations.AddField(
            model_name='decisionbatch',
            name='left_to_worker',
            field=models.BooleanField(db_default=False, default=False, help_text='It had to wait, or no page asks for its steps: the worker goes on with it.'),
        ),
    ]
