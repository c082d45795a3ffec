from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reputation', '0031_due_numbers'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='full_side',
            field=models.SmallIntegerField(db_default=0, default=0, help_text='Side on which settling has nothing to change of the credit (trust.full_side). Noted from FEW_REPORTS reports on a number on; 0: not known.'),
        ),
    ]
