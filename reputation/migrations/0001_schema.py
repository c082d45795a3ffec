import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reputation.moderation import roles

RULES = """
CREATE FUNCTION reputation_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON reputation_auditentry
    FOR EACH ROW EXECUTE FUNCTION reputation_audit_refuse();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON reputation_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION reputation_audit_refuse();

CREATE FUNCTION reputation_evidence_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE ON reputation_evidenceentry
    FOR EACH ROW EXECUTE FUNCTION reputation_evidence_refuse();
CREATE TRIGGER evidence_never_emptied BEFORE TRUNCATE ON reputation_evidenceentry
    FOR EACH STATEMENT EXECUTE FUNCTION reputation_evidence_refuse();

-- For ranges: bytewise order whatever the database's collation, which the unique index has not.
CREATE INDEX number_by_prefix ON reputation_number (key text_pattern_ops);

-- Room on each page, so that counting anew changes rows in place and leaves indexes alone.
ALTER TABLE reputation_number SET (fillfactor = 70);
ALTER TABLE reputation_report SET (fillfactor = 70);
ALTER TABLE reputation_reporter SET (fillfactor = 70);
"""


class Migration(migrations.Migration):
    """All tables, as 36 migrations made them before the first release.

    A database that has all of those needs nothing. One that has some of them is refused: bring it
    up with the commit before this file, 703817d.
    """

    replaces = [
        ('reputation', '0001_initial'),
        ('reputation', '0002_audit_append_only'),
        ('reputation', '0003_feed'),
        ('reputation', '0004_number_prefix'),
        ('reputation', '0005_evidence'),
        ('reputation', '0006_bucket_size'),
        ('reputation', '0007_trust_seq'),
        ('reputation', '0008_fillfactor'),
        ('reputation', '0009_feed_checksum'),
        ('reputation', '0010_audit_plural'),
        ('reputation', '0011_complaints'),
        ('reputation', '0012_panel'),
        ('reputation', '0013_disputes'),
        ('reputation', '0014_intake'),
        ('reputation', '0015_roles_and_figures'),
        ('reputation', '0016_settled'),
        ('reputation', '0017_vouching'),
        ('reputation', '0018_verified_directory'),
        ('reputation', '0019_disputes_by_moderators'),
        ('reputation', '0020_complaint_words'),
        ('reputation', '0021_words'),
        ('reputation', '0022_intake_words'),
        ('reputation', '0023_moderated_numbers'),
        ('reputation', '0024_reports_that_are_gone'),
        ('reputation', '0025_intake_field_names'),
        ('reputation', '0026_dispute_words'),
        ('reputation', '0027_words_without_modules'),
        ('reputation', '0028_drop_reasons'),
        ('reputation', '0029_unproven_mail'),
        ('reputation', '0030_intake_purpose'),
        ('reputation', '0031_anchors'),
        ('reputation', '0032_mailboxes'),
        ('reputation', '0033_voice_links'),
        ('reputation', '0034_hold_extended_to'),
        ('reputation', '0035_paid_messages'),
        ('reputation', '0036_audits_and_canaries'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailbox', models.CharField(max_length=32, unique=True)),
                ('opened_at', models.DateTimeField()),
                ('domain', models.CharField(blank=True, default='', max_length=32)),
                ('network', models.CharField(blank=True, default='', max_length=32)),
                ('crowd', models.CharField(blank=True, default='', max_length=32)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['domain', 'opened_at'], name='opening_by_domain'),
                    models.Index(fields=['network', 'opened_at'], name='opening_by_network'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Number',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField(help_text='Canonical identity, see reputation.identity.')),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('line_type', models.CharField(default='unknown', max_length=20)),
                ('name', models.TextField(blank=True, default='', help_text='From the verified directory.')),
                ('created_at', models.DateTimeField()),
                ('evidence_at', models.DateTimeField()),
                ('prior', models.FloatField(help_text='Probability before any report, 0 to 1.')),
                ('unwanted_short', models.FloatField(default=0.0)),
                ('unwanted_long', models.FloatField(default=0.0)),
                ('legitimate', models.FloatField(default=0.0)),
                ('networks', models.IntegerField(default=0)),
                ('established', models.IntegerField(default=0)),
                ('newcomers', models.IntegerField(default=0)),
                ('established_networks', models.IntegerField(default=0)),
                ('supporters', models.IntegerField(default=0)),
                ('imported', models.IntegerField(default=0)),
                ('gathered', models.FloatField(default=0.0)),
                ('saturated', models.FloatField(default=0.0)),
                ('first_unwanted_at', models.DateTimeField(blank=True, null=True)),
                ('last_unwanted_at', models.DateTimeField(blank=True, null=True)),
                ('category_mix', models.JSONField(default=dict, help_text='Category → decayed weight.')),
                ('reports', models.IntegerField(default=0)),
                ('complaints', models.IntegerField(default=0)),
                ('first_reported_at', models.DateTimeField(blank=True, null=True)),
                ('last_reported_at', models.DateTimeField(blank=True, null=True)),
                ('seq', models.IntegerField(default=0)),
                ('settled_side', models.SmallIntegerField(default=0, help_text='1 once it stood out as unwanted, -1 as legitimate, 0 never.')),
                ('settled_seq', models.IntegerField(default=0, help_text='Reports up to this one were filed before the number settled.')),
                ('trust_seq', models.IntegerField(default=0, help_text='How far the trust pass has read; below seq, or -1: it is due.')),
                ('official', models.BooleanField(default=False)),
                ('holder_verified', models.BooleanField(default=False)),
                ('moderated', models.SmallIntegerField(default=0, help_text='1 confirmed, -1 cleared, 0 neither.')),
                ('moderated_at', models.DateTimeField(blank=True, help_text='From when the decision fades; empty: it does not.', null=True)),
                ('promoted', models.BooleanField(default=False, help_text='The pass opened block.')),
                ('disputed', models.BooleanField(default=False)),
                ('spoofed', models.BooleanField(default=False)),
                ('reassigned', models.BooleanField(default=False)),
                ('epoch_at', models.DateTimeField(blank=True, help_text="The present holder's first day: earlier evidence is void.", null=True)),
                ('pinned', models.CharField(blank=True, default='', max_length=5)),
                ('immune_until', models.DateTimeField(blank=True, help_text='Until then reports alone do not list it: dispute upheld.', null=True)),
                ('pinned_until', models.DateTimeField(blank=True, help_text='Empty: until unpinned.', null=True)),
                ('action', models.CharField(default='allow', max_length=5)),
                ('score', models.SmallIntegerField(default=0)),
                ('status', models.CharField(default='unknown', max_length=10)),
                ('category', models.CharField(blank=True, default='', max_length=20)),
                ('category_share', models.FloatField(default=0.0, help_text="The category's share of the counted evidence, 0 to 1.")),
                ('reassess_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'number',
                'verbose_name_plural': 'numbers',
                'permissions': [('pin_number', "Can pin a number's action"), ('mark_official_number', 'Can enter a number in the verified directory')],
                'indexes': [
                    models.Index(condition=models.Q(('reassess_at__isnull', False)), fields=['reassess_at'], name='number_reassess_due'),
                    models.Index(condition=models.Q(('trust_seq__lt', models.F('seq'))), fields=['key'], name='number_trust_due'),
                    models.Index(condition=models.Q(('action', 'allow'), _negated=True), fields=['action', '-last_reported_at', 'id'], name='number_listed'),
                    models.Index(condition=models.Q(('official', True)), fields=['-id'], name='number_official'),
                    models.Index(condition=models.Q(('moderated', 0), _negated=True), fields=['moderated', '-id'], name='number_moderated'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('key',), name='number_key_unique'),
                    models.CheckConstraint(condition=models.Q(('key__regex', '^(\\+[1-9][0-9]{5,14}|[A-Z]{2}:[0-9]{2,20}|[A-Z]{2}@.{1,24})$')), name='number_key_canonical'),
                    models.CheckConstraint(condition=models.Q(('action__in', ['allow', 'flag', 'block'])), name='number_action_known'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['unknown', 'clear', 'listed', 'official', 'disputed', 'spoofed', 'reassigned'])), name='number_status_known'),
                    models.CheckConstraint(condition=models.Q(('pinned__in', ['', 'allow', 'flag', 'block'])), name='number_pinned_known'),
                    models.CheckConstraint(condition=models.Q(('pinned_until', None), models.Q(('pinned', ''), _negated=True), _connector='OR'), name='number_only_pins_expire'),
                    models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 100)), name='number_score_percent'),
                    models.CheckConstraint(condition=models.Q(('prior__gt', 0), ('prior__lt', 1)), name='number_prior_probability'),
                    models.CheckConstraint(condition=models.Q(('moderated__in', [-1, 0, 1])), name='number_moderated_sign'),
                    models.CheckConstraint(condition=models.Q(('legitimate__gte', 0), ('unwanted_long__gte', 0), ('unwanted_short__gte', 0)), name='number_evidence_not_negative'),
                    models.CheckConstraint(condition=models.Q(('complaints__gte', 0), ('reports__gte', 0), ('seq__gte', 0), ('settled_seq__gte', 0), ('settled_seq__lte', models.F('seq'))), name='number_counts_consistent'),
                    models.CheckConstraint(condition=models.Q(models.Q(('action', 'block'), ('official', True), _negated=True), ('moderated', 1), ('pinned', 'block'), _connector='OR'), name='number_official_not_blocked_by_reports'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DecisionBatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(choices=[('number', 'Number'), ('report', 'Report'), ('reporter', 'Reporter')], max_length=8)),
                ('verb', models.CharField(max_length=30)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.TextField()),
                ('targets', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
                ('done', models.IntegerField(default=0)),
                ('failures', models.JSONField(default=dict, help_text='Target → why nothing was decided on it.')),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('undo_actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undo_reason', models.TextField(blank=True, default='')),
                ('undone', models.IntegerField(default=0)),
                ('undo_failures', models.JSONField(default=dict)),
                ('undo_finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'bulk decision',
                'verbose_name_plural': 'bulk decisions',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='batch_reason_given'),
                    models.CheckConstraint(condition=models.Q(('done__gte', 0), ('undone__gte', 0), ('done__lte', models.Func(models.F('targets'), function='cardinality'))), name='batch_done_within_targets'),
                    models.CheckConstraint(condition=models.Q(models.Q(('undo_actor', None), ('undo_reason', '')), models.Q(('undo_reason', ''), _negated=True), _connector='OR'), name='batch_undo_reason_given'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Reporter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('key', 'API key'), ('person', 'signed-in person'), ('sms', 'SMS sender'), ('email', 'e-mail sender')], max_length=6)),
                ('handle', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('tp', models.FloatField(default=0.0)),
                ('fn', models.FloatField(default=0.0)),
                ('tn', models.FloatField(default=0.0)),
                ('fp', models.FloatField(default=0.0)),
                ('firsts', models.FloatField(default=0.0, help_text='How much trust from outside stands behind this voice.')),
                ('backers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, help_text='The anchored reporters who stand behind this one, where it is none itself.')),
                ('cluster', models.BigIntegerField(blank=True, help_text='Reporters who move as one share this number.', null=True)),
                ('vouched_at', models.DateTimeField(blank=True, help_text='Since when a moderator vouches for this voice.', null=True)),
                ('blocked_at', models.DateTimeField(blank=True, null=True)),
                ('crowd', models.CharField(blank=True, default='', help_text='The network in which it counts until somebody vouches: see AccountOpening.', max_length=32)),
                ('merged_into', models.ForeignKey(blank=True, help_text='The voice of the same person that speaks now.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='reputation.reporter')),
            ],
            options={
                'verbose_name': 'reporter',
                'verbose_name_plural': 'reporters',
                'permissions': [('vouch_for_reporter', 'Can vouch for reporters')],
                'constraints': [
                    models.UniqueConstraint(fields=('kind', 'handle'), name='reporter_handle_unique'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['key', 'person', 'sms', 'email'])), name='reporter_kind_known'),
                    models.CheckConstraint(condition=models.Q(('firsts__gte', 0), ('fn__gte', 0), ('fp__gte', 0), ('tn__gte', 0), ('tp__gte', 0)), name='reporter_credits_not_negative'),
                    models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='reporter_not_merged_into_itself'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Its name in addresses and data files.', max_length=60, unique=True)),
                ('source', models.TextField(help_text='Where this is from: an address, a document, a person.')),
                ('source_date', models.DateField(blank=True, help_text='As of when the source says so; empty when it does not.', null=True)),
                ('checked', models.BooleanField(default=False, help_text='Compared with the official text or channel itself.')),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seed', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('kind', models.CharField(choices=[('hotline', 'reporting centre'), ('police', 'police'), ('regulator', 'regulator'), ('association', 'industry association'), ('carrier', 'carrier'), ('lender', 'lender or collector'), ('prosecutor', 'attorney general or prosecutor')], max_length=11)),
                ('country', models.CharField(blank=True, help_text='ISO 3166; empty: anywhere, such as the lender.', max_length=2)),
                ('name', models.TextField(help_text='In English.')),
                ('name_zh', models.TextField(help_text='In Simplified Chinese.')),
                ('addressee', models.TextField(help_text='As a letter to it begins, in its own language; several lines if need be.')),
                ('takes', models.TextField(help_text='What it takes complaints about, in English.')),
                ('takes_zh', models.TextField(help_text='The same in Simplified Chinese.')),
                ('conduct', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, help_text='Acts that it takes; empty: all.')),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, help_text='Categories that it takes; empty: all.')),
                ('rank', models.SmallIntegerField(default=50, help_text='Lower comes first.')),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'authority',
                'verbose_name_plural': 'authorities',
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='authority_has_source'),
                    models.CheckConstraint(condition=models.Q(models.Q(('checked', False), ('checked_at', None)), models.Q(('checked', True), ('checked_at__isnull', False)), _connector='OR'), name='authority_checked_at_a_time'),
                    models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$')), name='authority_country_is_code'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['hotline', 'police', 'regulator', 'association', 'carrier', 'lender', 'prosecutor'])), name='authority_kind_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BucketSize',
            fields=[
                ('length', models.SmallIntegerField(help_text='Hexadecimal digits.', primary_key=True, serialize=False)),
                ('numbers', models.IntegerField()),
                ('ranges', models.IntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('numbers__gte', 1), ('ranges__gte', 1)), name='bucket_size_positive')],
            },
        ),
        migrations.CreateModel(
            name='Canary',
            fields=[
                ('digest', models.CharField(max_length=32, primary_key=True, serialize=False)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='DayFigures',
            fields=[
                ('day', models.DateField(help_text='UTC.', primary_key=True, serialize=False)),
                ('flagged', models.IntegerField(help_text='Numbers told as flag at its end.')),
                ('blocked', models.IntegerField(help_text='Numbers told as block at its end.')),
                ('decisions', models.IntegerField(help_text='Audit entries of the day.')),
                ('false_blocks', models.IntegerField(help_text='Decisions of the day that found a blocked number legitimate.')),
                ('counted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('blocked__gte', 0), ('decisions__gte', 0), ('false_blocks__gte', 0), ('flagged__gte', 0)), name='day_figures_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='FeedChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cursor', models.BigIntegerField(blank=True, null=True)),
                ('key', models.TextField(help_text="The number's canonical identity.")),
                ('bucket', models.IntegerField(help_text="First 16 bits of the SHA-256 of the number's block (reputation.feeds.blocks).")),
                ('previous', models.CharField(help_text='The action before this change.', max_length=5)),
                ('action', models.CharField(max_length=5)),
                ('category', models.CharField(blank=True, max_length=20)),
                ('status', models.CharField(max_length=10)),
                ('score', models.SmallIntegerField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [
                    models.Index(fields=['bucket'], name='feed_by_bucket'),
                    django.contrib.postgres.indexes.BrinIndex(fields=['changed_at'], name='feed_lately', pages_per_range=32),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('cursor',), name='feed_cursor_unique'),
                    models.CheckConstraint(condition=models.Q(('cursor__gte', 1)), name='feed_cursor_positive'),
                    models.CheckConstraint(condition=models.Q(('bucket__gte', 0), ('bucket__lt', 65536)), name='feed_bucket_16_bits'),
                    models.CheckConstraint(condition=models.Q(('action__in', ['allow', 'flag', 'block']), ('previous__in', ['allow', 'flag', 'block'])), name='feed_action_known'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['unknown', 'clear', 'listed', 'official', 'disputed', 'spoofed', 'reassigned'])), name='feed_status_known'),
                    models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 100)), name='feed_score_percent'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FeedChecksum',
            fields=[
                ('cursor', models.BigIntegerField(primary_key=True, serialize=False)),
                ('checksum', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='FeedHead',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('cursor', models.BigIntegerField(default=0, help_text='The last cursor given.')),
                ('horizon', models.BigIntegerField(default=0, help_text='The earliest cursor from which every change is still here.')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('id', 1)), name='feed_head_is_one_row'),
                    models.CheckConstraint(condition=models.Q(('horizon__gte', 0), ('horizon__lte', models.F('cursor'))), name='feed_horizon_not_ahead'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HourFigures',
            fields=[
                ('pk', models.CompositePrimaryKey('hour', 'category', 'channel', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hour', models.DateTimeField(help_text='Its first moment, UTC.')),
                ('category', models.CharField(max_length=20)),
                ('channel', models.CharField(max_length=4)),
                ('reports', models.IntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reports__gte', 0)), name='hour_reports_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='OfficialNumber',
            fields=[
            ],
            options={
                'verbose_name': 'entry of the verified directory',
                'verbose_name_plural': 'verified directory',
                'proxy': True,
                'default_permissions': ('view',),
                'indexes': [],
                'constraints': [],
            },
            bases=('reputation.number',),
        ),
        migrations.CreateModel(
            name='PaidMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_at', models.DateTimeField()),
                ('country', models.CharField(max_length=2)),
                ('purpose', models.CharField(choices=[('code', 'code for a dispute'), ('answer', 'answer to a text message')], max_length=6)),
            ],
            options={
                'indexes': [models.Index(fields=['sent_at'], name='paid_message_by_time')],
            },
        ),
        migrations.CreateModel(
            name='Statute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Its name in addresses and data files.', max_length=60, unique=True)),
                ('source', models.TextField(help_text='Where this is from: an address, a document, a person.')),
                ('source_date', models.DateField(blank=True, help_text='As of when the source says so; empty when it does not.', null=True)),
                ('checked', models.BooleanField(default=False, help_text='Compared with the official text or channel itself.')),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seed', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('country', models.CharField(help_text='ISO 3166.', max_length=2)),
                ('title', models.TextField(help_text='In its own language, as it is cited.')),
                ('title_en', models.TextField(help_text='In English.')),
                ('title_zh', models.TextField(help_text='In Simplified Chinese.')),
            ],
            options={
                'verbose_name': 'statute',
                'verbose_name_plural': 'statutes',
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='statute_has_source'),
                    models.CheckConstraint(condition=models.Q(models.Q(('checked', False), ('checked_at', None)), models.Q(('checked', True), ('checked_at__isnull', False)), _connector='OR'), name='statute_checked_at_a_time'),
                    models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$')), name='statute_country_is_code'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to=settings.AUTH_USER_MODEL)),
                ('page', models.CharField(help_text="The list: a model's name, or queue.", max_length=30)),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(max_length=500)),
                ('shared', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('owner', 'page', 'name'), name='filter_name_once'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='filter_has_name'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AuditCandidate',
            fields=[
                ('number', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='reputation.number')),
                ('worth', models.FloatField(help_text='How far records would move, times what is reported now (scoring.audit).')),
                ('accounts', models.IntegerField(help_text="How many accounts' records could move.")),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('accounts__gt', 0), ('worth__gt', 0)), name='audit_candidate_tells_something')],
            },
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='reputation.number')),
                ('status', models.CharField(choices=[('awaiting_code', 'waiting for the code'), ('open', 'open'), ('upheld', 'upheld'), ('rejected', 'rejected'), ('expired', 'expired')], default='awaiting_code', max_length=13)),
                ('grounds', models.CharField(choices=[('mistaken', 'The reports are wrong.'), ('spoofed', 'Others call under my number.'), ('new_holder', "The number was somebody else's before."), ('other', 'Another reason.')], max_length=10)),
                ('statement', models.TextField(help_text="In the holder's words; moderators read it masked.")),
                ('contact_sealed', models.BinaryField(default=b'', help_text='Encrypted; erased in time.')),
                ('contact_hash', models.CharField(blank=True, default='', help_text='Keyed hash: the same person again.', max_length=32)),
                ('network', models.CharField(blank=True, help_text='Keyed hash of the network of origin.', max_length=32)),
                ('via', models.CharField(choices=[('sms', 'text message'), ('voice', 'call'), ('panel', 'no code: the holder showed a moderator who he is')], max_length=5)),
                ('language', models.CharField(max_length=7)),
                ('code_digest', models.CharField(blank=True, default='', max_length=32)),
                ('code_expires_at', models.DateTimeField(blank=True, null=True)),
                ('codes_sent', models.SmallIntegerField(default=0)),
                ('attempts', models.SmallIntegerField(default=0, help_text='Wrong codes so far.')),
                ('opened_at', models.DateTimeField()),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('deadline_at', models.DateTimeField(blank=True, null=True)),
                ('held', models.BooleanField(default=False, help_text='Block is held at flag until it is decided.')),
                ('hold_extended_to', models.DateTimeField(blank=True, help_text='Empty: the hold ends some days after the deadline.', null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.TextField(blank=True, default='', help_text='What the holder is told.')),
                ('appeal_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='reputation.dispute')),
                ('barred', models.ForeignKey(blank=True, help_text='Decided what is appealed against, so does not decide the appeal.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'dispute',
                'verbose_name_plural': 'disputes',
                'indexes': [
                    models.Index(fields=['number', '-opened_at', '-id'], name='dispute_by_number'),
                    models.Index(fields=['network', '-opened_at'], name='dispute_by_network'),
                    models.Index(condition=models.Q(('status', 'open')), fields=['deadline_at', 'id'], name='dispute_by_deadline'),
                    models.Index(condition=models.Q(('status', 'awaiting_code')), fields=['code_expires_at'], name='dispute_by_code_expiry'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('number',), name='dispute_one_open_per_number'),
                    models.UniqueConstraint(fields=('appeal_of',), name='dispute_appealed_once'),
                    models.CheckConstraint(condition=models.Q(('grounds__in', ['mistaken', 'spoofed', 'new_holder', 'other'])), name='dispute_grounds_known'),
                    models.CheckConstraint(condition=models.Q(('via__in', ['sms', 'voice', 'panel'])), name='dispute_via_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('deadline_at', None), ('decided_at', None), ('decided_by', None), ('held', False), ('reason', ''), ('status__in', ['awaiting_code', 'expired']), ('verified_at', None)), models.Q(('deadline_at__isnull', False), ('decided_at', None), ('decided_by', None), ('reason', ''), ('status', 'open'), ('verified_at__isnull', False)), models.Q(('deadline_at__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False), ('status__in', ['upheld', 'rejected']), ('verified_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='dispute_status_fits_its_dates'),
                    models.CheckConstraint(condition=models.Q(('attempts__gte', 0), ('attempts__lte', 5), ('codes_sent__gte', 0)), name='dispute_attempts_limited'),
                    models.CheckConstraint(condition=models.Q(models.Q(('appeal_of', None), ('barred', None)), models.Q(('appeal_of__isnull', False), ('barred__isnull', False), ('status__in', ['open', 'upheld', 'rejected'])), _connector='OR'), name='dispute_appeal_needs_no_code'),
                    models.CheckConstraint(condition=models.Q(('decided_by', None), ('barred', None), models.Q(('decided_by', models.F('barred')), _negated=True), _connector='OR'), name='dispute_appeal_decided_by_another'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EvidenceBucket',
            fields=[
                ('pk', models.CompositePrimaryKey('number_id', 'side', 'kind', 'bucket', blank=True, editable=False, primary_key=True, serialize=False)),
                ('number', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='buckets', to='reputation.number')),
                ('side', models.SmallIntegerField()),
                ('kind', models.SmallIntegerField()),
                ('bucket', models.TextField()),
                ('short', models.FloatField(help_text='Log-odds let through that fade within weeks.')),
                ('long', models.FloatField(help_text='Log-odds let through that fade within a season.')),
                ('at', models.DateTimeField(help_text='The moment as of which both are valued.')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('long__gte', 0), ('short__gte', 0)), name='bucket_mass_not_negative'),
                    models.CheckConstraint(condition=models.Q(('side__in', [0, 1])), name='bucket_side_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ImportedComplaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=20)),
                ('digest', models.BinaryField(help_text='SHA-256 of the row as published.', max_length=32)),
                ('number', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imported_complaints', to='reputation.number')),
                ('category', models.CharField(max_length=20)),
                ('subject', models.TextField(blank=True, default='')),
                ('occurred_at', models.DateTimeField(blank=True, null=True)),
                ('filed_at', models.DateTimeField()),
                ('seq', models.IntegerField()),
                ('weight', models.FloatField()),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'digest'), name='complaint_imported_once'),
                    models.UniqueConstraint(fields=('number', 'seq'), name='complaint_seq_unique'),
                    models.CheckConstraint(condition=models.Q(('category__in', ['illegal_collection', 'impersonation', 'legitimate', 'loan_scam', 'other', 'phishing', 'robocall', 'silent_call', 'survey', 'telemarketing', 'threat'])), name='complaint_category_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Traffic',
            fields=[
                ('number', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='traffic', serialize=False, to='reputation.number')),
                ('count', models.FloatField()),
                ('at', models.DateTimeField(help_text='The moment as of which the count is valued.')),
            ],
            options={
                'verbose_name_plural': 'traffic',
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gte', 0)), name='traffic_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='IntakeSender',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('sms', 'SMS'), ('email', 'e-mail')], max_length=5)),
                ('handle', models.CharField(max_length=32)),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='senders', to='reputation.reporter')),
                ('language', models.CharField(blank=True, default='', max_length=10)),
                ('first_seen_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(blank=True, help_text='Asked for no more answers.', null=True)),
                ('surplus', models.IntegerField(default=0, help_text='Messages beyond the hard limit, which were not kept.')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('channel', 'handle'), name='intake_sender_unique'),
                    models.CheckConstraint(condition=models.Q(('channel__in', ['sms', 'email'])), name='intake_sender_channel_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LinkCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='link_codes', to='reputation.reporter')),
                ('digest', models.CharField(help_text='Keyed hash of the code.', max_length=32, unique=True)),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('shown_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reputation.reporter')),
                ('second', models.CharField(blank=True, default='', help_text='Keyed hash of the second code.', max_length=32)),
                ('redeemed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('second', ''), ('shown_by', None)), models.Q(('shown_by__isnull', False), models.Q(('second', ''), _negated=True)), _connector='OR'), name='link_code_second_is_somebody_s'),
                    models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('issued_at'))), name='link_code_lives_a_while'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='reputation.number')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='reputation.reporter')),
                ('status', models.CharField(choices=[('live', 'Live'), ('withdrawn', 'Withdrawn'), ('rejected', 'Rejected'), ('settled', 'Settled'), ('merged', 'Merged')], default='live', max_length=9)),
                ('category', models.CharField(max_length=20)),
                ('conduct', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list)),
                ('comment', models.TextField(blank=True, default='')),
                ('comment_public', models.TextField(blank=True, default='', help_text='The comment with personal data masked.')),
                ('hidden', models.BooleanField(default=False, help_text='A moderator hid the words; the report counts all the same.')),
                ('merged_into', models.ForeignKey(blank=True, help_text='The report of the same person or call that counts for both.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='reputation.report')),
                ('occurred_at', models.DateTimeField(blank=True, null=True)),
                ('channel', models.CharField(choices=[('call', 'Call'), ('sms', 'Sms')], default='call', max_length=4)),
                ('attestation', models.CharField(blank=True, choices=[('A', 'A'), ('B', 'B'), ('C', 'C'), ('failed', 'Failed'), ('none', 'None')], default='', max_length=6)),
                ('was_warned', models.BooleanField(default=False)),
                ('callback_number', models.TextField(blank=True, default='')),
                ('claimed_name', models.TextField(blank=True, default='')),
                ('call_count', models.IntegerField(default=1)),
                ('filed_at', models.DateTimeField(help_text='When the reporter first reported this number.')),
                ('seq', models.IntegerField(help_text="Place in the number's fold order.")),
                ('counted_at', models.DateTimeField()),
                ('network', models.CharField(help_text='Keyed hash of the network of origin.', max_length=32)),
                ('weight', models.FloatField(help_text='Log-likelihood ratio before saturation.')),
                ('established', models.BooleanField()),
                ('first', models.BooleanField(default=False, help_text='Nobody else had said so lately (scoring.trust.is_first).')),
                ('contribution', models.FloatField(default=0.0, help_text='What saturation left of the weight.')),
                ('credit', models.FloatField(default=0.0, help_text='Settled truth: above 0 unwanted, below 0 legitimate; the size is the credit.')),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'permissions': [('unmask_report', 'Can read personal data in reports, on record')],
                'indexes': [
                    models.Index(fields=['number', '-counted_at', '-id'], name='report_by_number_newest'),
                    django.contrib.postgres.indexes.BrinIndex(fields=['filed_at'], name='report_lately', pages_per_range=32),
                    models.Index(condition=models.Q(('status', 'live'), _negated=True), fields=['status', '-id'], name='report_gone'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('reporter', 'number'), name='report_one_per_reporter_and_number'),
                    models.UniqueConstraint(fields=('number', 'seq'), name='report_seq_unique'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['live', 'withdrawn', 'rejected', 'merged', 'settled'])), name='report_status_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('status', 'merged')), models.Q(models.Q(('status', 'merged'), _negated=True), ('merged_into', None)), _connector='OR'), name='report_merged_into_another'),
                    models.CheckConstraint(condition=models.Q(('category__in', ['illegal_collection', 'impersonation', 'legitimate', 'loan_scam', 'other', 'phishing', 'robocall', 'silent_call', 'survey', 'telemarketing', 'threat'])), name='report_category_known'),
                    models.CheckConstraint(condition=models.Q(('channel__in', ['call', 'sms'])), name='report_channel_known'),
                    models.CheckConstraint(condition=models.Q(('attestation__in', ['', 'A', 'B', 'C', 'failed', 'none'])), name='report_attestation_known'),
                    models.CheckConstraint(condition=models.Q(('call_count__gte', 1), ('call_count__lte', 10000)), name='report_call_count_range'),
                    models.CheckConstraint(condition=models.Q(('contribution__gte', 0), ('weight__gte', 0)), name='report_weight_not_negative'),
                ],
            },
        ),
        migrations.CreateModel(
            name='VoiceLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('into', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='reputation.reporter')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='linked', to='reputation.reporter')),
                ('linked_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('kept', models.JSONField()),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('other',), name='link_one_per_voice'),
                    models.CheckConstraint(condition=models.Q(('into', models.F('other')), _negated=True), name='link_of_two_voices'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Its name in addresses and data files.', max_length=60, unique=True)),
                ('source', models.TextField(help_text='Where this is from: an address, a document, a person.')),
                ('source_date', models.DateField(blank=True, help_text='As of when the source says so; empty when it does not.', null=True)),
                ('checked', models.BooleanField(default=False, help_text='Compared with the official text or channel itself.')),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seed', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='channels', to='reputation.authority')),
                ('kind', models.CharField(choices=[('sms', 'text message'), ('email', 'e-mail'), ('web', 'web form'), ('phone', 'telephone'), ('app', 'app or mini-program'), ('post', 'letter by post'), ('person', 'in person')], max_length=6)),
                ('address', models.TextField(blank=True, help_text='Number, e-mail, web or postal address; empty when there is none to give.')),
                ('grammar', models.TextField(blank=True, help_text='What to send, with {placeholders}.')),
                ('note', models.TextField(blank=True, help_text='What to know about it, in English.')),
                ('note_zh', models.TextField(blank=True, help_text='The same in Simplified Chinese.')),
                ('rank', models.SmallIntegerField(default=50, help_text='Lower comes first.')),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'channel',
                'verbose_name_plural': 'channels',
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='channel_has_source'),
                    models.CheckConstraint(condition=models.Q(models.Q(('checked', False), ('checked_at', None)), models.Q(('checked', True), ('checked_at__isnull', False)), _connector='OR'), name='channel_checked_at_a_time'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['sms', 'email', 'web', 'phone', 'app', 'post', 'person'])), name='channel_kind_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Its name in addresses and data files.', max_length=60, unique=True)),
                ('source', models.TextField(help_text='Where this is from: an address, a document, a person.')),
                ('source_date', models.DateField(blank=True, help_text='As of when the source says so; empty when it does not.', null=True)),
                ('checked', models.BooleanField(default=False, help_text='Compared with the official text or channel itself.')),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seed', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('kind', models.CharField(choices=[('letter', 'letter'), ('email', 'covering e-mail')], max_length=6)),
                ('language', models.CharField(help_text='Such as zh-hans, en or de.', max_length=10)),
                ('country', models.CharField(blank=True, help_text='ISO 3166; empty: any.', max_length=2)),
                ('authority_kind', models.CharField(blank=True, choices=[('hotline', 'reporting centre'), ('police', 'police'), ('regulator', 'regulator'), ('association', 'industry association'), ('carrier', 'carrier'), ('lender', 'lender or collector'), ('prosecutor', 'attorney general or prosecutor')], max_length=11)),
                ('authority', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='templates', to='reputation.authority')),
                ('subject', models.TextField()),
                ('body', models.TextField()),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'template',
                'verbose_name_plural': 'templates',
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='template_has_source'),
                    models.CheckConstraint(condition=models.Q(models.Q(('checked', False), ('checked_at', None)), models.Q(('checked', True), ('checked_at__isnull', False)), _connector='OR'), name='template_checked_at_a_time'),
                    models.UniqueConstraint(condition=models.Q(('active', True)), fields=('kind', 'language', 'country', 'authority_kind', 'authority'), name='template_one_for_each_case', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$')), name='template_country_is_code'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['letter', 'email'])), name='template_kind_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Provision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Its name in addresses and data files.', max_length=60, unique=True)),
                ('source', models.TextField(help_text='Where this is from: an address, a document, a person.')),
                ('source_date', models.DateField(blank=True, help_text='As of when the source says so; empty when it does not.', null=True)),
                ('checked', models.BooleanField(default=False, help_text='Compared with the official text or channel itself.')),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seed', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('statute', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='provisions', to='reputation.statute')),
                ('article', models.CharField(blank=True, help_text='As it is cited, such as 第四十二条 or § 241; empty while unknown.', max_length=60)),
                ('article_en', models.CharField(blank=True, help_text='The same in English.', max_length=60)),
                ('effective_from', models.DateField(blank=True, help_text='First day in force.', null=True)),
                ('effective_to', models.DateField(blank=True, help_text='Last day in force.', null=True)),
                ('penalty', models.TextField(blank=True, help_text='In short, in English.')),
                ('penalty_zh', models.TextField(blank=True, help_text='In short, in Simplified Chinese.')),
            ],
            options={
                'verbose_name': 'provision',
                'verbose_name_plural': 'provisions',
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='provision_has_source'),
                    models.CheckConstraint(condition=models.Q(models.Q(('checked', False), ('checked_at', None)), models.Q(('checked', True), ('checked_at__isnull', False)), _connector='OR'), name='provision_checked_at_a_time'),
                    models.CheckConstraint(condition=models.Q(('effective_from', None), ('effective_to', None), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='provision_ends_after_it_begins'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('verb', models.CharField(max_length=30)),
                ('number', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='reputation.number')),
                ('report', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='reputation.report')),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='reputation.reporter')),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='reputation.decisionbatch')),
                ('undoes', models.OneToOneField(help_text='The decision that this one takes back; no decision is taken back twice.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='reputation.auditentry')),
                ('reason', models.TextField()),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit entries',
                'indexes': [
                    models.Index(fields=['number', '-at', '-id'], name='audit_by_number'),
                    models.Index(fields=['actor', '-id'], name='audit_by_actor'),
                    django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='audit_lately', pages_per_range=8),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='audit_reason_given'),
                    models.CheckConstraint(condition=models.Q(('undoes', None), ('verb', 'undo'), _connector='OR'), name='audit_only_undo_undoes'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EvidenceEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='reputation.report')),
                ('position', models.SmallIntegerField(help_text="Place in the report's log: 1, 2, 3 …")),
                ('sha256', models.CharField(help_text='Of the content, in hex.', max_length=64)),
                ('size', models.BigIntegerField(help_text='Bytes.')),
                ('media_type', models.CharField(help_text='From the content, not from its name.', max_length=40)),
                ('name', models.TextField(blank=True, help_text='As the reporter called it; shown to nobody else.')),
                ('added_at', models.DateTimeField()),
                ('previous', models.CharField(help_text='Digest of the entry before, or zeros.', max_length=64)),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('report', 'position'), name='evidence_position_unique'),
                    models.UniqueConstraint(fields=('report', 'sha256'), name='evidence_once_per_report'),
                    models.UniqueConstraint(fields=('report', 'previous'), name='evidence_never_forks'),
                    models.CheckConstraint(condition=models.Q(models.Q(('position', 1), ('previous', '0000000000000000000000000000000000000000000000000000000000000000')), models.Q(('position__gt', 1), models.Q(('previous', '0000000000000000000000000000000000000000000000000000000000000000'), _negated=True)), _connector='OR'), name='evidence_begins_with_zeros'),
                    models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$'), ('previous__regex', '^[0-9a-f]{64}$'), ('sha256__regex', '^[0-9a-f]{64}$')), name='evidence_hashes_are_hex'),
                    models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='evidence_not_empty'),
                ],
            },
        ),
        migrations.CreateModel(
            name='IntakeMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='id')),
                ('channel', models.CharField(choices=[('sms', 'SMS'), ('email', 'e-mail')], max_length=5, verbose_name='channel')),
                ('digest', models.CharField(help_text='Keyed hash of what makes it the same.', max_length=32)),
                ('sender', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='reputation.intakesender', verbose_name='sender')),
                ('claimed', models.CharField(blank=True, default='', help_text='Keyed hash of an unproven address.', max_length=32)),
                ('claimed_domain', models.CharField(blank=True, default='', help_text='Keyed hash of its domain.', max_length=32)),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('status', models.CharField(choices=[('received', 'received'), ('asked', 'waits for an answer'), ('reported', 'reported'), ('answered', 'answered'), ('kept', 'kept for a moderator'), ('ignored', 'from a machine'), ('closed', 'closed by a moderator'), ('denied', 'denied by the owner of the address')], default='received', max_length=8, verbose_name='status')),
                ('asked', models.CharField(blank=True, choices=[('number', 'which number it was'), ('confirmation', 'whether the sender wrote it'), ('purpose', 'whether it is a report')], default='', max_length=12, verbose_name='asked')),
                ('asked_until', models.DateTimeField(blank=True, null=True, verbose_name='asked until')),
                ('token', models.CharField(blank=True, default='', help_text='Keyed hash of what an answer shows.', max_length=32)),
                ('trouble', models.CharField(blank=True, choices=[('unreadable', 'not understood'), ('no_number', 'no number in it'), ('refused', 'the report was refused'), ('too_many', 'too many from this sender'), ('not_a_person', 'from a short code or a name'), ('failed', 'a fault of ours')], default='', max_length=12, verbose_name='trouble')),
                ('masked', models.TextField(blank=True, default='', verbose_name='masked words')),
                ('sealed', models.BinaryField()),
                ('sealed_reply', models.BinaryField(default=bytes)),
                ('replied_at', models.DateTimeField(blank=True, null=True)),
                ('answers', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answered_by', to='reputation.intakemessage', verbose_name='answers')),
                ('report', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='reputation.report', verbose_name='report')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'indexes': [
                    models.Index(fields=['sender', '-received_at', '-id'], name='intake_by_sender'),
                    models.Index(condition=models.Q(('status__in', ['kept', 'asked'])), fields=['received_at', 'id'], name='intake_waiting'),
                    models.Index(condition=models.Q(('sender__isnull', True)), fields=['received_at'], name='intake_unproven'),
                    models.Index(condition=models.Q(('sender__isnull', True)), fields=['claimed', 'received_at'], name='intake_by_claim'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('channel', 'digest'), name='intake_message_once'),
                    models.CheckConstraint(condition=models.Q(('channel__in', ['sms', 'email'])), name='intake_channel_known'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['received', 'asked', 'reported', 'answered', 'kept', 'ignored', 'closed', 'denied'])), name='intake_status_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('asked_until__isnull', False), ('status', 'asked'), models.Q(('asked', ''), _negated=True)), models.Q(('status', 'asked'), _negated=True), _connector='OR'), name='intake_question_has_a_deadline'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'reported'), _negated=True), ('report__isnull', False), _connector='OR'), name='intake_reported_has_its_report'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'reported'), _negated=True), ('sender__isnull', False), _connector='OR'), name='intake_reported_has_a_voice'),
                    models.CheckConstraint(condition=models.Q(('sender__isnull', False), models.Q(('channel', 'email'), models.Q(('claimed', ''), _negated=True)), _connector='OR'), name='intake_sender_known_or_claimed'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'kept'), _negated=True), models.Q(('trouble', ''), _negated=True), _connector='OR'), name='intake_kept_says_why'),
                ],
            },
        ),
        migrations.CreateModel(
            name='QueueItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('dispute', 'Dispute'), ('number', 'Number'), ('reporter', 'Reporter'), ('report', 'Report'), ('claim', 'Claim'), ('audit', 'Audit')], max_length=8)),
                ('subject_id', models.BigIntegerField(help_text="The row of the kind's table.")),
                ('number', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reputation.number')),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reputation.reporter')),
                ('report', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reputation.report')),
                ('harm', models.FloatField(help_text='Harm at stake; of an audit, its worth. Most comes first.')),
                ('accounts', models.IntegerField(default=0, help_text="Of an audit: accounts about which the number's truth would tell.")),
                ('traffic', models.FloatField(help_text='Lookups a day, lately.')),
                ('uncertainty', models.FloatField(help_text='0 to 1: the nearer to even odds, the more.')),
                ('dispute', models.FloatField(help_text='1: nobody disputes; up to 3 at the deadline.')),
                ('attack', models.FloatField(help_text='1: no sign of an attack; up to 4.')),
                ('found_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(help_text='The last refresh that found it.')),
                ('claimed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('rests_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'item of the queue',
                'verbose_name_plural': 'queue',
                'indexes': [
                    models.Index(fields=['-harm', 'id'], name='queue_by_harm'),
                    models.Index(fields=['kind', '-harm', 'id'], name='queue_by_kind'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('kind', 'subject_id'), name='queue_item_once'),
                    models.CheckConstraint(condition=models.Q(('harm__gte', 0)), name='queue_harm_not_negative'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['dispute', 'number', 'reporter', 'report', 'claim', 'audit'])), name='queue_kind_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('claimed_by', None), ('claimed_until', None)), ('claimed_until__isnull', False), _connector='OR'), name='queue_claims_expire'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReportRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='reputation.report')),
                ('content', models.JSONField()),
                ('change', models.CharField(max_length=9)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('change__in', ['updated', 'withdrawn', 'rejected', 'merged', 'restored', 'settled'])), name='revision_change_known')],
            },
        ),
        migrations.CreateModel(
            name='LinkedReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='reputation.voicelink')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='reputation.report')),
                ('is_others', models.BooleanField(help_text='Whether the voice that spoke no more had made it.')),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('link', 'report'), name='linked_report_once')],
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='reputation.reporter')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='reputation.authority')),
                ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='reputation.channel')),
                ('language', models.CharField(max_length=10)),
                ('prepared_at', models.DateTimeField()),
                ('manifests', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, help_text='SHA-256 of the manifest of each pack that was handed out.')),
                ('status', models.CharField(choices=[('prepared', 'prepared'), ('filed', 'filed'), ('answered', 'answered')], default='prepared', max_length=8)),
                ('filed_at', models.DateTimeField(blank=True, null=True)),
                ('reference', models.CharField(blank=True, default='', help_text='Number that the authority gave it.', max_length=100)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('accepted', 'accepted'), ('refused', 'refused'), ('forwarded', 'passed on to another authority'), ('resolved', 'the calls stopped')], default='', max_length=9)),
                ('reports', models.ManyToManyField(related_name='complaints', to='reputation.report')),
            ],
            options={
                'indexes': [models.Index(fields=['reporter', '-prepared_at', '-id'], name='filing_by_reporter')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('filed_at', None), ('outcome', ''), ('reference', ''), ('status', 'prepared')), models.Q(('answered_at', None), ('filed_at__isnull', False), ('outcome', ''), ('status', 'filed')), models.Q(('answered_at__isnull', False), ('filed_at__isnull', False), ('status', 'answered'), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='filing_status_fits_its_dates'),
                    models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'accepted', 'refused', 'forwarded', 'resolved'])), name='filing_outcome_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProvisionAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acts', to='reputation.provision')),
                ('conduct', models.CharField(choices=[('threats', 'Threats'), ('insult_or_defamation', 'Insult'), ('false_accusation', 'False Accusation'), ('witness_retaliation', 'Retaliation'), ('repeated_intimidation', 'Intimidation'), ('privacy_disclosure', 'Privacy'), ('contacted_third_parties', 'Third Parties')], max_length=24)),
                ('item', models.CharField(blank=True, help_text='The item in the article, such as (五) or (5).', max_length=30)),
                ('wording', models.TextField(help_text='What it forbids, in English.')),
                ('wording_zh', models.TextField(blank=True, help_text='In Simplified Chinese.')),
                ('wording_own', models.TextField(blank=True, help_text="In the statute's language, if that is neither.")),
            ],
            options={
                'verbose_name': 'act',
                'verbose_name_plural': 'acts',
                'constraints': [
                    models.UniqueConstraint(fields=('provision', 'conduct'), name='act_once_per_provision'),
                    models.CheckConstraint(condition=models.Q(('conduct__in', ['contacted_third_parties', 'false_accusation', 'insult_or_defamation', 'privacy_disclosure', 'repeated_intimidation', 'threats', 'witness_retaliation'])), name='act_conduct_known'),
                ],
            },
        ),
        migrations.RunSQL(RULES),
        migrations.RunPython(roles.install, migrations.RunPython.noop),
    ]
