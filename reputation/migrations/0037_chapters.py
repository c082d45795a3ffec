import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Numbers with many reports are folded in chapters. Those that have so many come to their chapters
    as the trust pass weighs them again, which rounds their sums otherwise in the last place."""

    dependencies = [
        ('reputation', '0036_day_figures_cursor'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chapter',
            fields=[
                ('pk', models.CompositePrimaryKey('number_id', 'chapter', blank=True, editable=False, primary_key=True, serialize=False)),
                ('chapter', models.IntegerField(help_text='Its place, from 0.')),
                ('own', models.JSONField(help_text='What the chapter itself comes to (chapters.Part).')),
                ('before', models.JSONField(help_text='What those before it come to; of the last chapter only.', null=True)),
                ('number', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reputation.number')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ChapterBucket',
            fields=[
                ('pk', models.CompositePrimaryKey('number_id', 'side', 'kind', 'bucket', 'chapter', blank=True, editable=False, primary_key=True, serialize=False)),
                ('side', models.SmallIntegerField()),
                ('kind', models.SmallIntegerField()),
                ('bucket', models.TextField()),
                ('chapter', models.IntegerField()),
                ('short', models.FloatField()),
                ('long', models.FloatField()),
                ('at', models.DateTimeField(null=True)),
                ('number', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reputation.number')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.RunSQL(
            # Marks, not the numbers themselves: whoever reports one of them would wait meanwhile.
            'INSERT INTO reputation_duenumber (number_id)'
            ' SELECT id FROM reputation_number WHERE seq > 128 ORDER BY id ON CONFLICT DO NOTHING',
            migrations.RunSQL.noop,
        ),
    ]
