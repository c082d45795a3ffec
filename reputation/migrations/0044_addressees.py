from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reputation', '0043_chapters_kept'),
    ]

    operations = [
        migrations.AddField(
            model_name='authority',
            name='addressee_en',
            field=models.TextField(blank=True, db_default='', default='', help_text='The same for letters in English, if English is not its language.'),
        ),
        migrations.AddField(
            model_name='authority',
            name='addressee_zh',
            field=models.TextField(blank=True, db_default='', default='', help_text='The same for letters in Chinese, if Chinese is not its language.'),
        ),
    ]
