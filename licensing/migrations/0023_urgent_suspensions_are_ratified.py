"""An urgent suspension is ratified by the votes of the board, or it ends. Those made before stand as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from licensing import four_eyes_sql


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0022_changes_of_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='measure',
            name='ratified_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='measure',
            name='ratified_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='measure',
            name='ratify_by',
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='nocapplication',
            name='hear_by',
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='nocapplication',
            name='ratified_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='nocapplication',
            name='ratify_by',
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(('ratified_by__isnull', True), models.Q(models.Q(('ratified_by', models.F('proposed_by')), _negated=True), models.Q(('ratified_by', models.F('decided_by')), _negated=True), ('kind', 'urgent_suspension')), _connector='OR'), name='measure_ratifier_did_not_suspend'),
        ),
        migrations.AddConstraint(
            model_name='nocapplication',
            constraint=models.CheckConstraint(condition=models.Q(('suspended_by__isnull', True), ('ratified_by__isnull', True), models.Q(('suspended_by', models.F('ratified_by')), _negated=True), _connector='OR'), name='noc_ratifier_is_not_suspender'),
        ),
        migrations.AddConstraint(
            model_name='nocapplication',
            constraint=models.CheckConstraint(condition=models.Q(('case_officer__isnull', True), ('ratified_by__isnull', True), models.Q(('case_officer', models.F('ratified_by')), _negated=True), _connector='OR'), name='noc_ratifier_is_not_case_officer'),
        ),
        migrations.RunSQL(four_eyes_sql.RATIFIERS, four_eyes_sql.RATIFIERS_REMOVED),
    ]
