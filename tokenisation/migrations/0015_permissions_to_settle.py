"""Permissions to settle, proposed by one person and confirmed by another, before the list says so."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from pvara.kernel import guards
from tokenisation import permissions_sql


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0014_clocks_of_payments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SettlementPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=50)),
                ('code', models.CharField(max_length=10)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('bank_money', 'Bank money'), ('stablecoin', 'Stablecoin'), ('cbdc', 'Central-bank digital currency')], max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('permitted', models.BooleanField()),
                ('effective_from', models.DateField()),
                ('source', models.CharField(max_length=300, verbose_name='decided by')),
                ('reasons', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'permission to settle',
                'verbose_name_plural': 'permissions to settle',
                'ordering': ['-pk'],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.AddField(
            model_name='settlementasset',
            name='permission',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='row', to='tokenisation.settlementpermission'),
        ),
        migrations.AddConstraint(
            model_name='settlementpermission',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9]{2,10}$'), ('currency__regex', '^[A-Z]{3}$'), models.Q(('name', ''), _negated=True), models.Q(('source', ''), _negated=True)), name='settlement_permission_says_of_what'),
        ),
        migrations.AddConstraint(
            model_name='settlementpermission',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='settlement_confirmer_is_not_proposer'),
        ),
        migrations.AddConstraint(
            model_name='settlementpermission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='settlement_permission_is_signed'),
        ),
        migrations.AddConstraint(
            model_name='settlementpermission',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'confirmed')), fields=('code', 'effective_from'), name='one_settlement_permission_a_day'),
        ),
        guards.guard_state("tokenisation_settlementpermission", "tokenisation.settlementpermission", initial="proposed"),
        migrations.RunSQL(permissions_sql.INSTALL, permissions_sql.REMOVE),
    ]
