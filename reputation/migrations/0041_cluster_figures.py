from django.db import migrations, models


class Migration(migrations.Migration):
    """Reports of the last day by accounts that act as one, counted by hour."""

    dependencies = [
        ('reputation', '0040_agreement'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClusterFigures',
            fields=[
                ('pk', models.CompositePrimaryKey('hour', 'cluster', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hour', models.DateTimeField(help_text='Its first moment, UTC.')),
                ('cluster', models.BigIntegerField()),
                ('reports', models.IntegerField()),
                ('first', models.BigIntegerField(help_text='Of the accounts that reported, the least id.')),
                ('last', models.BigIntegerField(help_text='The greatest.')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('first__lte', models.F('last')), ('reports__gt', 0)), name='cluster_figures_in_order')],
            },
        ),
    ]
