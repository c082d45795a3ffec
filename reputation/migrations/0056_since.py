from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when a reporter says the same without a break (ADR 0056). Reports from before have
    none: they count from their last repetition until they are repeated again."""

    dependencies = [
        ("reputation", "0055_confirmations_rest"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="since",
            field=models.DateTimeField(
                editable=False,
                help_text="Since when the reporter says so without a break; null: since counted_at.",
                null=True,
            ),
        ),
    ]
