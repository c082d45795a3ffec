from django.db import migrations, models


class Migration(migrations.Migration):
    """What is withdrawn while it stands rejected stays withdrawn when that is taken back."""

    dependencies = [
        ('reputation', '0047_pending_reports'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='returns_as',
            field=models.CharField(blank=True, db_default='', default='', help_text='What the reporter made of it while it was rejected or merged: withdrawn or settled. It gets that status instead of live when the decision is taken back.', max_length=9),
        ),
    ]
