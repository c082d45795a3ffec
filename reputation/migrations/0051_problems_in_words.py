from django.db import migrations, models


class Migration(migrations.Migration):
    """What was wrong at a server is read in the reader's language."""

    dependencies = [
        ('reputation', '0050_batches_left_to_worker'),
    ]

    operations = [
        migrations.AddField(
            model_name='numbersfile',
            name='problem_of',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, help_text='The particulars of the problem: reputation.faults.'),
        ),
        migrations.AddField(
            model_name='webhook',
            name='problem_of',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, help_text='The particulars of the problem: reputation.faults.'),
        ),
    ]
