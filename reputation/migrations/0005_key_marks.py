from django.db import migrations, models

from reputation.moderation import roles


class Migration(migrations.Migration):

    dependencies = [
        ('reputation', '0004_call_log'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeyMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('pseudonym', 'Pseudonym'), ('sealing', 'Sealing')], max_length=9)),
                ('mark', models.CharField(max_length=32)),
                ('since', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('purpose', 'mark'), name='key_mark_once'), models.UniqueConstraint(condition=models.Q(('purpose', 'pseudonym')), fields=('purpose',), name='key_mark_one_pseudonym')],
            },
        ),
        migrations.RunPython(roles.install, migrations.RunPython.noop),
    ]
