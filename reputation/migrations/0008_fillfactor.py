from django.db import migrations

TABLES = ("reputation_number", "reputation_report", "reputation_reporter")


class Migration(migrations.Migration):
    """Room on each page, so that counting anew changes rows in place and leaves indexes alone."""

    dependencies = [("reputation", "0007_trust_seq")]
    operations = [
        migrations.RunSQL(
            [f"ALTER TABLE {table} SET (fillfactor = 70)" for table in TABLES],
            [f"ALTER TABLE {table} RESET (fillfactor)" for table in TABLES],
        )
    ]
