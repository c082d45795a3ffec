from django.db import migrations, models


class Migration(migrations.Migration):
    """Empty for each hold so far: it ends some days after its deadline."""

    dependencies = [("reputation", "0033_voice_links")]

    operations = [
        migrations.AddField(
            model_name="dispute",
            name="hold_extended_to",
            field=models.DateTimeField(
                blank=True,
                help_text="Empty: the hold ends some days after the deadline.",
                null=True,
            ),
        ),
    ]
