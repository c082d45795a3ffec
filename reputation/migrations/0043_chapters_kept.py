from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reputation', '0042_feed_unblocked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='chapter',
            name='before',
            field=models.JSONField(help_text='What those before it come to; of some chapters only.', null=True),
        ),
    ]
