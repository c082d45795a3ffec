from django.db import migrations, models


class Migration(migrations.Migration):
    """A report that is said again while it stands rejected counts when that is taken back."""

    dependencies = [
        ('reputation', '0048_report_returns_as'),
    ]

    operations = [
        migrations.AlterField(
            model_name='report',
            name='returns_as',
            field=models.CharField(blank=True, db_default='', default='', help_text='What the reporter made of it last while it was rejected or merged: withdrawn, settled, or live: said again. It gets that status when the decision is taken back.', max_length=9),
        ),
    ]
