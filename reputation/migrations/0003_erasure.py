from django.db import migrations, models

from reputation.moderation import roles

# The only change of evidence that is let through is erasing: of a report that says so, the name to
# nothing. A service that owns no tables may not even try: it calls the function below, which has the
# owner's right to do this and nothing else.
RULES = """
CREATE OR REPLACE FUNCTION reputation_evidence_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.name = ''
            AND to_jsonb(NEW) - 'name' - 'erased_at' = to_jsonb(OLD) - 'name' - 'erased_at'
            AND EXISTS (
                SELECT FROM reputation_report WHERE id = OLD.report_id AND erased_at IS NOT NULL
            )
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'evidence is never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION reputation_erase_evidence(reports bigint[], moment timestamptz)
RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS $$
    UPDATE reputation_evidenceentry SET name = '', erased_at = moment
    WHERE report_id = ANY(reports) AND erased_at IS NULL RETURNING sha256::text
$$;
-- Temporary tables last: the caller could name one as a table of ours.
DO $$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION reputation_erase_evidence SET search_path = %I, pg_temp', current_schema()
    );
END $$;
REVOKE EXECUTE ON FUNCTION reputation_erase_evidence FROM PUBLIC;
"""
UNDO = """
DROP FUNCTION reputation_erase_evidence;
CREATE OR REPLACE FUNCTION reputation_evidence_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reputation", "0002_moved_reporters"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=32)),
                ("erased_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="reporter",
            name="reporter_credits_not_negative",
        ),
        migrations.AddField(
            model_name="evidenceentry",
            name="erased_at",
            field=models.DateTimeField(
                blank=True, help_text="When its file and its name were erased.", null=True
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="erased_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When its words, names, numbers and files were erased.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="reporter",
            name="kept_fn",
            field=models.FloatField(db_default=0.0, default=0.0, help_text="The same, as `fn`."),
        ),
        migrations.AddField(
            model_name="reporter",
            name="kept_fp",
            field=models.FloatField(
                db_default=0.0,
                default=0.0,
                help_text="Debits from before an erasure: mistakes last. As `fp`.",
            ),
        ),
        migrations.AddIndex(
            model_name="evidenceentry",
            index=models.Index(fields=["sha256"], name="evidence_by_content"),
        ),
        migrations.AddConstraint(
            model_name="evidenceentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("erased_at", None), ("name", ""), _connector="OR"),
                name="evidence_erased_with_its_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="reporter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("firsts__gte", 0),
                    ("fn__gte", 0),
                    ("fp__gte", 0),
                    ("tn__gte", 0),
                    ("tp__gte", 0),
                    ("kept_fn__gte", 0),
                    ("kept_fp__gte", 0),
                ),
                name="reporter_credits_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="erasure",
            constraint=models.UniqueConstraint(
                fields=("subject", "erased_at"), name="erasure_once"
            ),
        ),
        migrations.RunSQL(RULES, UNDO),
        migrations.RunPython(roles.install, migrations.RunPython.noop),
    ]
