from django.db import migrations

# For ranges: bytewise order whatever the database's collation, which the unique index has not.
CREATE = "CREATE INDEX number_by_prefix ON reputation_number (key text_pattern_ops)"
DROP = "DROP INDEX number_by_prefix"


class Migration(migrations.Migration):
    dependencies = [("reputation", "0003_feed")]
    operations = [migrations.RunSQL(CREATE, DROP)]
