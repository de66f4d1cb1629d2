"""What a posting pays for and nobody needs: counters of what is in the accounts, checks and keys that triggers hold.

`journal_sql.py` and decision 0017 have why. There is no way back: the counters would have to be counted anew.
"""

import django.db.models.deletion
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from tokenisation import batches_sql, journal_sql, postings_sql

# The functions of the version before that are gone, or whose parameters have changed.
FORMER = """
DROP FUNCTION IF EXISTS ledger_hash(bytea, jsonb), ledger_with_clients(text),
    ledger_count_at_venue(bigint, bigint, bigint, bigint, boolean),
    ledger_ground(bigint, bigint, text, bigint, text, bigint);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0026_internal_memos'),
        ('tokenisation', '0015_permissions_to_settle'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='account',
            name='account_kind_suits_place',
        ),
        migrations.RemoveConstraint(
            model_name='asset',
            name='distributed_within_allocated',
        ),
        migrations.RemoveConstraint(
            model_name='distributionauthorisation',
            name='placed_within_allocated',
        ),
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='entry_has_units',
        ),
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='entry_maker_is_not_checker',
        ),
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='entry_knows_standing',
        ),
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='entry_has_checker',
        ),
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='entry_names_its_case',
        ),
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='correction_names_its_entry',
        ),
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='only_orders_name_two_venues',
        ),
        migrations.RemoveConstraint(
            model_name='posting',
            name='posting_moves_units',
        ),
        migrations.RemoveField(
            model_name='asset',
            name='distributed_units',
        ),
        migrations.RemoveField(
            model_name='asset',
            name='entry_seq',
        ),
        migrations.RemoveField(
            model_name='distributionauthorisation',
            name='distributed_units',
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='asset',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='tokenisation.asset'),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='checker',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='idempotency_key',
            field=models.CharField(max_length=200),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='layout',
            field=models.SmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='maker',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='seq',
            field=models.BigIntegerField(),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='standing_version',
            field=models.IntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='to_venue',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.venuestanding'),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='units',
            field=models.BigIntegerField(),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='venue',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='licensing.venuestanding'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='tokenisation.account'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='entry',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='tokenisation.journalentry'),
        ),
        migrations.AddConstraint(
            model_name='journalentry',
            constraint=models.UniqueConstraint(fields=('idempotency_key',), name='one_entry_a_key'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.UniqueConstraint(models.F('entry'), django.db.models.lookups.GreaterThan(models.F('units'), 0), name='one_leg_a_side'),
        ),
        migrations.RunSQL(FORMER + postings_sql.INSTALL + batches_sql.BATCH + journal_sql.INSTALL),
    ]
