"""Sub-limits of a programme, and the posting functions that ask for them."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from pvara.kernel import guards
from tokenisation import batches_sql, limits_sql, postings_sql


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0018_overrides_by_vote'),
        ("tokenisation", "0010_settlement_assets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SubLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=50)),
                ('scope', models.CharField(choices=[('asset_class', 'Class of assets'), ('venue', 'Venue'), ('investors', 'Class of investors')], max_length=12, verbose_name='limits what')),
                ('of_class', models.CharField(blank=True, choices=[('bills', 'Treasury bills'), ('bonds', 'Bonds'), ('sukuk', 'Sukuk'), ('commodities', 'Commodities'), ('retail', 'Retail clients'), ('institutional', 'Institutional clients'), ('non_resident', 'Non-resident clients')], max_length=14, verbose_name='class')),
                ('share_bp', models.PositiveIntegerField(verbose_name='share of the cap, basis points')),
                ('effective_from', models.DateField()),
                ('source', models.CharField(max_length=300, verbose_name='decided by')),
                ('reasons', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sub_limits', to='tokenisation.programme')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('venue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.venuestanding')),
            ],
            options={
                'verbose_name': 'sub-limit',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('share_bp__lte', 10000)), name='sub_limit_is_a_share'), models.CheckConstraint(condition=models.Q(models.Q(('of_class__in', ['bills', 'bonds', 'sukuk', 'commodities']), ('scope', 'asset_class'), ('venue__isnull', True)), models.Q(('of_class__in', ['retail', 'institutional', 'non_resident']), ('scope', 'investors'), ('venue__isnull', True)), models.Q(('of_class', ''), ('scope', 'venue')), _connector='OR'), name='sub_limit_says_of_what'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='sub_limit_confirmer_is_not_proposer'), models.UniqueConstraint(condition=models.Q(('state', 'confirmed')), fields=('programme', 'scope', 'of_class', 'venue', 'effective_from'), name='one_sub_limit_a_day', nulls_distinct=False)],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        guards.guard_state("tokenisation_sublimit", "tokenisation.sublimit", initial="proposed"),
        migrations.RunSQL(limits_sql.INSTALL, limits_sql.REMOVE),
        migrations.RunSQL(postings_sql.INSTALL + batches_sql.BATCH, migrations.RunSQL.noop),
    ]
