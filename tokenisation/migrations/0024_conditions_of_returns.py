"""The conditions of an asset are tested on what venues return: the columns, and breaks of their own."""


import django.core.validators
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0027_hands_on_people_and_wind_downs'),
        ('tokenisation', '0022_attestations_by_two'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='break',
            name='break_is_a_difference',
        ),
        migrations.RemoveConstraint(
            model_name='reconciliation',
            name='difference_has_a_break',
        ),
        migrations.AddField(
            model_name='asset',
            name='per_investor_cap',
            field=models.PositiveBigIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='holdingsreturn',
            name='largest_holding',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='largest holding of one investor, units'),
        ),
        migrations.AddField(
            model_name='holdingsreturn',
            name='retail_holders',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='holdingsreturn',
            name='sha256',
            field=models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of what was handed in'),
        ),
        migrations.AddField(
            model_name='holdingsreturn',
            name='transferred_units',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='units that moved between investors since the last return'),
        ),
        migrations.AlterField(
            model_name='break',
            name='against',
            field=models.CharField(choices=[('register', 'Traditional register'), ('return', "Venue's return"), ('retail', 'Retail clients'), ('cap', 'Cap per investor'), ('lock_up', 'Lock-up')], max_length=10),
        ),
        migrations.AlterField(
            model_name='reconciliation',
            name='against',
            field=models.CharField(choices=[('register', 'Traditional register'), ('return', "Venue's return"), ('retail', 'Retail clients'), ('cap', 'Cap per investor'), ('lock_up', 'Lock-up')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('per_investor_cap__gt', 0)), name='investor_cap_has_units'),
        ),
        migrations.AddConstraint(
            model_name='break',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('against__in', ('retail', 'cap', 'lock_up')), _negated=True), models.Q(('ledger_units', models.F('found_units')), _negated=True)), models.Q(('against__in', ('retail', 'cap', 'lock_up')), ('found_units__gt', models.F('ledger_units')), ('venue__isnull', False)), _connector='OR'), name='break_is_a_difference'),
        ),
        migrations.AddConstraint(
            model_name='holdingsreturn',
            constraint=models.CheckConstraint(condition=models.Q(('retail_holders__isnull', True), models.Q(('retail_holders', 0), ('retail_units', 0)), models.Q(('retail_holders__gt', 0), ('retail_holders__lte', models.F('holders')), ('retail_units__gt', 0)), _connector='OR'), name='retail_holders_hold_retail_units', violation_error_message='Where there are retail units there are retail holders, and no more than all.'),
        ),
        migrations.AddConstraint(
            model_name='holdingsreturn',
            constraint=models.CheckConstraint(condition=models.Q(('largest_holding__isnull', True), models.Q(('largest_holding__lte', models.F('units_held')), ('units_held__lte', django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast('largest_holding', models.DecimalField(decimal_places=0, max_digits=40)), '*', django.db.models.functions.comparison.Cast('holders', models.DecimalField(decimal_places=0, max_digits=40))))), _connector='OR'), name='largest_holding_is_one_of_them', violation_error_message='The largest holding is at most all units, at least an equal share of them.'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(('ledger_units', models.F('found_units')), models.Q(('against__in', ('retail', 'cap', 'lock_up')), ('found_units__lt', models.F('ledger_units'))), ('difference__isnull', False), _connector='OR'), name='difference_has_a_break'),
        ),
    ]
