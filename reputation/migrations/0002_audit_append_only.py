from django.db import migrations

REFUSE = """
CREATE FUNCTION reputation_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON reputation_auditentry
    FOR EACH ROW EXECUTE FUNCTION reputation_audit_refuse();
"""
ALLOW = """
DROP TRIGGER audit_append_only ON reputation_auditentry;
DROP FUNCTION reputation_audit_refuse();
"""


class Migration(migrations.Migration):
    """A decision stays on record even against whoever may run SQL as the application."""

    dependencies = [("reputation", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
