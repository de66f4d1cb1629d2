"""Whoever had a case in hand stays known when it goes to another officer, and decides on nothing that comes of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from licensing import four_eyes_sql, guards_sql
from pvara.kernel.guards import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0008_ends_with_its_case'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=100)),
                ('subject_id', models.BigIntegerField()),
                ('reasons', models.TextField()),
                ('handed_at', models.DateTimeField()),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='licensing.firm')),
                ('handed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handed_from', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handed_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id'], name='licensing_h_subject_ba13b9_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('handed_from', models.F('handed_to')), _negated=True), name='handover_is_to_somebody_else'), models.CheckConstraint(condition=models.Q(('handed_to', models.F('handed_by')), _negated=True), name='nobody_hands_a_case_to_themselves'), models.CheckConstraint(condition=models.Q(('reasons', ''), _negated=True), name='handover_gives_reasons')],
            },
        ),
        append_only("licensing_handover"),
        # What kept assessors from two kinds of case is part of what keeps them from all of them.
        migrations.RunSQL(guards_sql.FOUR_EYES_REMOVED, guards_sql.FOUR_EYES),
        migrations.RunSQL(four_eyes_sql.HANDS, four_eyes_sql.HANDS_REMOVED),
    ]
