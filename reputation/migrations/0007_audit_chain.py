import django.db.models.deletion
from django.db import migrations, models

RULES = """
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON reputation_auditdigest
    FOR EACH ROW EXECUTE FUNCTION reputation_audit_refuse();
CREATE TRIGGER audit_chain_never_emptied BEFORE TRUNCATE ON reputation_auditdigest
    FOR EACH STATEMENT EXECUTE FUNCTION reputation_audit_refuse();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('reputation', '0006_where_statutes_are_cited'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditDigest',
            fields=[
                ('position', models.BigIntegerField(help_text='1, 2, 3 …', primary_key=True, serialize=False)),
                ('previous', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='digest', to='reputation.auditentry')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('previous',), name='audit_chain_never_forks'), models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='audit_chain_begins_at_one')],
            },
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
