import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """All tables, as 4 migrations made them before the first release.

    A database that has all of those needs nothing. One that has some of them is refused: bring it
    up with the commit before this file, 703817d.
    """

    replaces = [
        ('api', '0001_initial'),
        ('api', '0002_hashed_numbers'),
        ('api', '0003_change_tally'),
        ('api', '0004_verifying_keys'),
    ]

    initial = True

    dependencies = [
        ('reputation', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prefix', models.CharField(help_text='The visible part, by which it is found.', max_length=8)),
                ('digest', models.BinaryField(help_text='SHA-256 of the whole key.', max_length=32)),
                ('name', models.TextField()),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10))),
                ('region', models.CharField(blank=True, default='', max_length=2)),
                ('reporter', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='key', to='reputation.reporter')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('verifies_attestation', models.BooleanField(default=False, help_text="A carrier's or PBX's that verifies calls: its A and B count.")),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('prefix',), name='apikey_prefix_unique'),
                    models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['lookup', 'report', 'bulk', 'feed', 'intake', 'compat'])), name='apikey_scopes_known'),
                    models.CheckConstraint(condition=models.Q(('region__regex', '^([A-Z]{2})?$')), name='apikey_region_shape'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ChangeTally',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('cursor', models.BigIntegerField(default=0)),
                ('counts', models.JSONField(default=dict, help_text='`allow flag`: how often, and so on.')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='change_tally_is_one_row')],
            },
        ),
        migrations.CreateModel(
            name='HashCursor',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('cursor', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='hash_cursor_is_one_row')],
            },
        ),
        migrations.CreateModel(
            name='HashedNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField(help_text='E.164 with the plus.')),
                ('sha1', models.BinaryField(help_text='SHA-1 of the key.', max_length=20)),
                ('tens', models.BinaryField(help_text='SHA-1 of the key without its last digit.', max_length=20)),
                ('hundreds', models.BinaryField(help_text='The same without the last two.', max_length=20)),
                ('blocked', models.BooleanField(default=False, help_text='It was blocked at some time.')),
                ('called_at', models.DateTimeField(blank=True, help_text='When a client last met it while it was listed.', null=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['sha1'], name='hashed_by_sha1'),
                    models.Index(fields=['tens'], name='hashed_by_tens'),
                    models.Index(fields=['hundreds'], name='hashed_by_hundreds'),
                ],
                'constraints': [models.UniqueConstraint(fields=('key',), name='hashed_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('api_key', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='api.apikey')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(help_text='SHA-256 of method, path and body.', max_length=64)),
                ('status', models.SmallIntegerField(default=0)),
                ('body', models.TextField(default='', help_text='The answer as it was sent: jsonb reorders it.')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['api_key', 'created_at'], name='idempotency_by_age')],
                'constraints': [models.UniqueConstraint(fields=('api_key', 'key'), name='idempotency_key_unique')],
            },
        ),
    ]
