"""The history of scores: it grows, forwards, and nothing in it ever changes."""

import django.db.models.deletion
from django.db import migrations, models

from licensing import scoring_sql
from pvara.kernel.guards import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0013_cases_keep_their_framework'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoreEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(choices=[('NOC', 'NOC'), ('SETUP', 'Set-up'), ('FULL', 'Full licence')], max_length=5)),
                ('number', models.PositiveIntegerField(help_text='1 for the first of the firm at the phase.')),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('gained', models.DecimalField(decimal_places=4, max_digits=9)),
                ('possible', models.DecimalField(decimal_places=2, max_digits=7)),
                ('domains', models.JSONField()),
                ('criteria', models.JSONField()),
                ('missed', models.JSONField(default=dict)),
                ('level', models.CharField(blank=True, help_text='What it asks of supervision.', max_length=10)),
                ('causes', models.JSONField()),
                ('digest', models.BigIntegerField()),
                ('former', models.CharField(blank=True, help_text='The hash of the entry before it.', max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='score_entries', to='licensing.firm')),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.framework')),
            ],
            options={
                'verbose_name_plural': 'score entries',
                'ordering': ['firm', 'phase', '-number'],
                'constraints': [models.UniqueConstraint(fields=('firm', 'phase', 'number'), name='score_entry_once'), models.CheckConstraint(condition=models.Q(('gained__gte', 0), ('gained__lte', models.F('possible'))), name='score_entry_in_range')],
            },
        ),
        migrations.RunSQL(scoring_sql.FOLLOWS, scoring_sql.FOLLOWS_REMOVED),
        append_only("licensing_scoreentry"),
    ]
