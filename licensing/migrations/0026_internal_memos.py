"""A recommendation leaves an internal memo, which only grows in number."""

import django.db.models.deletion
from django.db import migrations, models

from pvara.kernel.guards import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0004_figures_that_only_grow'),
        ('licensing', '0025_hands_on_a_change_of_control'),
    ]

    operations = [
        migrations.CreateModel(
            name='Memo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=100)),
                ('subject_id', models.BigIntegerField()),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256 of the content')),
                ('written_at', models.DateTimeField()),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.auditentry')),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memos', to='licensing.firm')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id'], name='memo_by_subject')],
            },
        ),
        append_only("licensing_memo"),
    ]
