from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A pin returns when the hold that stands before it ends."""

    dependencies = [
        ('reputation', '0052_silences_of_nobody'),
    ]

    operations = [
        migrations.AddField(
            model_name='number',
            name='pinned_after',
            field=models.CharField(blank=True, db_default='', default='', max_length=5),
        ),
        migrations.AddField(
            model_name='number',
            name='pinned_after_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        # No row is read for it, since both columns are new.
        AddConstraintNotValid(
            model_name='number',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pinned_after', ''), ('pinned_after_until', None)), ('pinned_after__in', ['allow', 'flag', 'block']), _connector='OR'), name='number_pinned_after_known'),
        ),
    ]
