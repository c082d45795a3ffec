from django.db import migrations


class Migration(migrations.Migration):
    """Nobody read the share of a number's leading category, which each report wrote. Programs of the
    release before still write it: the column goes a release later."""

    dependencies = [
        ('reputation', '0037_chapters'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    'ALTER TABLE reputation_number ALTER category_share SET DEFAULT 0',
                    'ALTER TABLE reputation_number ALTER category_share DROP DEFAULT',
                ),
            ],
            state_operations=[
                migrations.RemoveField(model_name='number', name='category_share'),
            ],
        ),
    ]
