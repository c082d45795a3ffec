from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reputation', '0035_collectors_acts'),
    ]

    operations = [
        migrations.AddField(
            model_name='dayfigures',
            name='cursor',
            field=models.BigIntegerField(help_text="The log's last change of which both were counted.", null=True),
        ),
    ]
