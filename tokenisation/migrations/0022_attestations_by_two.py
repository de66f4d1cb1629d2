"""Attestations that one person records and another accepts, and an issue that asks for an accepted one.

What was recorded before waits as submitted: one person's word is all that there is of it. Its unit is what its asset's
terms count in, for nothing else could be said then.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pvara.kernel import guards
from tokenisation import attestations_sql, postings_sql

UNITS = """
UPDATE tokenisation_reserveattestation r SET unit_of_measure = t.unit_of_measure
    FROM tokenisation_commodityterms t WHERE t.asset_id = r.asset_id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0021_described_assets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='reserveattestation',
            options={'ordering': ['-as_of', '-pk'], 'verbose_name': 'reserve attestation'},
        ),
        migrations.AddField(
            model_name='reserveattestation',
            name='decided_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reserveattestation',
            name='state',
            field=models.CharField(choices=[('submitted', 'Submitted'), ('accepted', 'Accepted'), ('rejected', 'Rejected'), ('superseded', 'Superseded'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='submitted', max_length=50),
        ),
        migrations.AddField(
            model_name='reserveattestation',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='reserveattestation',
            name='unit_of_measure',
            field=models.CharField(default='', max_length=20),
            preserve_default=False,
        ),
        migrations.RunSQL(UNITS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='reserveattestation',
            name='document_sha256',
            field=models.CharField(max_length=64, verbose_name="SHA-256 of the custodian's document"),
        ),
        migrations.AddConstraint(
            model_name='reserveattestation',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('recorded_by')), _negated=True), _connector='OR'), name='attestation_decider_is_not_recorder'),
        ),
        migrations.AddConstraint(
            model_name='reserveattestation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'rejected', 'superseded']), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='attestation_is_signed'),
        ),
        guards.guard_state("tokenisation_reserveattestation", "tokenisation.reserveattestation", initial="submitted"),
        migrations.RunSQL(attestations_sql.INSTALL, attestations_sql.REMOVE),
        migrations.RunSQL(postings_sql.ISSUE, migrations.RunSQL.noop),
    ]
