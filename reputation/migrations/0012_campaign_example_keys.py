"""Keys of campaigns are sorted into their index at once, instead of into a list that every report
searches as a whole. Examples that were weighed otherwise go; the next grouping writes new ones."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

NAME = "campaign_example_by_key"


class Migration(migrations.Migration):
    dependencies = [("reputation", "0011_other_accounts")]

    operations = [
        migrations.RunSQL("DELETE FROM reputation_campaignexample", migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            # In place: building the index anew would hold up reports.
            database_operations=[
                migrations.RunSQL(
                    f"ALTER INDEX {NAME} SET (fastupdate = off)",
                    f"ALTER INDEX {NAME} SET (fastupdate = on)",
                ),
                migrations.RunSQL(
                    f"SELECT gin_clean_pending_list('{NAME}')", migrations.RunSQL.noop
                ),
            ],
            state_operations=[
                migrations.RemoveIndex("campaignexample", NAME),
                migrations.AddIndex(
                    "campaignexample", GinIndex(fields=["keys"], name=NAME, fastupdate=False)
                ),
            ],
        ),
    ]
