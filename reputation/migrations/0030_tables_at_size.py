import django.contrib.postgres.indexes
from django.db import migrations

# By default PostgreSQL sees to a table when a fifth of it has changed: of 100 million reports, after
# weeks. Until then a search by time reads every page since, and plans rest on old figures.
LARGE = ("number", "report", "evidencebucket", "feedchange", "traffic")
SETTINGS = (
    "autovacuum_vacuum_scale_factor = 0.05",
    "autovacuum_vacuum_insert_scale_factor = 0.05",
    "autovacuum_analyze_scale_factor = 0.02",
)
NAMES = [setting.partition(" ")[0] for setting in SETTINGS]
BY_TIME = (("report", "report_lately", "filed_at"), ("feedchange", "feed_lately", "changed_at"))


class Migration(migrations.Migration):
    """Large tables are looked after in small steps. To change an index takes a short lock on it: so no
    statement shares a transaction with the summary, which reads for long."""

    atomic = False

    dependencies = [
        ('reputation', '0029_buckets_beside_numbers'),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE reputation_{table} SET ({', '.join(SETTINGS)})",
                f"ALTER TABLE reputation_{table} RESET ({', '.join(NAMES)})",
            )
            for table in LARGE
        ),
        *(
            migrations.SeparateDatabaseAndState(
                database_operations=[
                    migrations.RunSQL(
                        f"ALTER INDEX {index} SET (autosummarize = on)",
                        f"ALTER INDEX {index} RESET (autosummarize)",
                    ),
                    migrations.RunSQL(
                        f"SELECT brin_summarize_new_values('{index}')", migrations.RunSQL.noop
                    ),
                ],
                state_operations=[
                    migrations.RemoveIndex(model_name=model, name=index),
                    migrations.AddIndex(
                        model_name=model,
                        index=django.contrib.postgres.indexes.BrinIndex(
                            autosummarize=True, fields=[field], name=index, pages_per_range=32,
                        ),
                    ),
                ],
            )
            for model, index, field in BY_TIME
        ),
    ]
