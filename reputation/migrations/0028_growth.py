import django.db.models.deletion
from django.db import migrations, models

from reputation.migrations._beside import AddIndexBeside, WithoutIndex


class Migration(migrations.Migration):
    """Indexes for what waits for moderators; none that others begin with or that hold only NULL."""

    atomic = False  # the indexes are built and dropped beside those who write

    dependencies = [
        ('reputation', '0027_campaign_newest'),
    ]

    operations = [
        AddIndexBeside(
            model_name='number',
            index=models.Index(condition=models.Q(('disputed', False), ('moderated', 0), ('pinned', ''), models.Q(('score__gte', 30), ('spoofed', True), _connector='OR')), fields=['last_reported_at'], name='number_doubted'),
        ),
        AddIndexBeside(
            model_name='number',
            index=models.Index(condition=models.Q(('official', True), models.Q(('moderated', 0), _negated=True), _connector='OR'), fields=['last_reported_at'], name='number_decided_lately'),
        ),
        AddIndexBeside(
            model_name='number',
            index=models.Index(condition=models.Q(('disputed', False), ('holder_verified', True), ('official', False)), fields=['id'], name='number_claimed'),
        ),
        AddIndexBeside(
            model_name='report',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='report_by_merged_into'),
        ),
        AddIndexBeside(
            model_name='reporter',
            index=models.Index(condition=models.Q(('cluster__isnull', False)), fields=['cluster'], name='reporter_by_cluster'),
        ),
        WithoutIndex(
            model_name='evidencebucket',
            name='number',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='buckets', to='reputation.number'),
        ),
        WithoutIndex(
            model_name='report',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, help_text='The report of the same person or call that counts for both.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='reputation.report'),
        ),
        WithoutIndex(
            model_name='report',
            name='number',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='reputation.number'),
        ),
        WithoutIndex(
            model_name='report',
            name='reporter',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='reputation.reporter'),
        ),
    ]
