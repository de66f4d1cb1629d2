import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('kernel', '__first__'),
        ('licensing', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('under_review', 'Under review'), ('approved', 'Approved'), ('issued', 'Issued'), ('paused', 'Paused'), ('matured', 'Matured'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn'), ('cancelled', 'Cancelled')], default='draft', max_length=50)),
                ('code', models.SlugField(max_length=32, unique=True, verbose_name='internal code')),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('tbill', 'Treasury bill'), ('bond', 'Sovereign bond'), ('sukuk', 'Ijara sukuk'), ('gold', 'Gold reserve'), ('oil', 'Oil reserve'), ('gas', 'Gas reserve'), ('metal', 'Metal reserve')], max_length=10)),
                ('issuer', models.CharField(max_length=200)),
                ('issuer_lei', models.CharField(blank=True, max_length=20, verbose_name='issuer LEI')),
                ('isin', models.CharField(blank=True, max_length=12, verbose_name='ISIN')),
                ('cfi', models.CharField(blank=True, max_length=6, verbose_name='CFI')),
                ('fisn', models.CharField(blank=True, max_length=35, verbose_name='FISN')),
                ('legal_nature', models.CharField(choices=[('native', 'Native: the entry is the security'), ('representation', 'Representation of a security in a depository'), ('claim', 'Contractual claim on a custodian')], max_length=14)),
                ('authoritative_record', models.CharField(choices=[('registry', 'This registry'), ('depository', 'Central securities depository'), ('chain', 'Distributed ledger')], default='depository', max_length=10)),
                ('risk_text', models.TextField(help_text='In plain words: what the holder owns and what can go wrong.')),
                ('currency', models.CharField(default='PKR', max_length=3)),
                ('unit_nominal', models.PositiveBigIntegerField(default=0)),
                ('retail_allowed', models.BooleanField(default=False)),
                ('lockup_until', models.DateField(blank=True, null=True)),
                ('unit_usd_cents', models.PositiveBigIntegerField(editable=False, null=True)),
                ('reserved_usd_cents', models.PositiveBigIntegerField(default=0, editable=False)),
                ('fx_rate', models.DecimalField(decimal_places=4, editable=False, max_digits=24, null=True)),
                ('fx_source', models.CharField(blank=True, editable=False, max_length=200)),
                ('fx_as_of', models.DateField(editable=False, null=True)),
                ('authorised_units', models.PositiveBigIntegerField()),
                ('minted_units', models.PositiveBigIntegerField(default=0, editable=False)),
                ('allocated_units', models.PositiveBigIntegerField(default=0, editable=False)),
                ('distributed_units', models.PositiveBigIntegerField(default=0, editable=False)),
                ('entry_seq', models.PositiveBigIntegerField(default=0, editable=False)),
                ('proposed_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issued_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('supply', 'Supply (contra)'), ('treasury', 'Treasury'), ('inventory', 'Venue: on the shelf'), ('clients', 'Venue: with clients')], max_length=10)),
                ('units', models.BigIntegerField(default=0, editable=False)),
                ('venue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='licensing.venuestanding')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='tokenisation.asset')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('asset', 'venue', 'kind'), name='one_account_a_place', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('kind', 'supply'), ('units__gte', 0), _connector='OR'), name='balance_is_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['supply', 'treasury']), ('venue__isnull', True)), models.Q(('kind__in', ['inventory', 'clients']), ('venue__isnull', False)), _connector='OR'), name='account_kind_suits_place')],
            },
        ),
        migrations.CreateModel(
            name='CommodityTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('commodity', models.CharField(max_length=60)),
                ('grade', models.CharField(max_length=60)),
                ('unit_of_measure', models.CharField(max_length=20)),
                ('quantity_per_unit', models.PositiveBigIntegerField()),
                ('site', models.CharField(max_length=200)),
                ('custodian', models.CharField(max_length=200)),
                ('receipt_no', models.CharField(max_length=60)),
                ('price_usd_cents', models.PositiveBigIntegerField(verbose_name='reference price of one unit of measure, US cents')),
                ('price_source', models.CharField(max_length=200)),
                ('price_as_of', models.DateField()),
                ('haircut_bp', models.PositiveIntegerField(default=2000)),
                ('asset', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='commodity_terms', to='tokenisation.asset')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('price_usd_cents__gt', 0), ('quantity_per_unit__gt', 0)), name='commodity_is_measured'), models.CheckConstraint(condition=models.Q(('haircut_bp__lt', 10000)), name='haircut_is_partial')],
            },
        ),
        migrations.CreateModel(
            name='DebtTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issue_date', models.DateField()),
                ('maturity_date', models.DateField()),
                ('coupon', models.CharField(choices=[('zero', 'Zero coupon, at a discount'), ('fixed', 'Fixed'), ('floating', 'Floating'), ('rental', 'Rental (Ijara)')], max_length=8)),
                ('rate_bp', models.PositiveIntegerField(verbose_name='yield or coupon, basis points')),
                ('payments_a_year', models.PositiveSmallIntegerField(default=0)),
                ('day_count', models.CharField(default='ACT/365', max_length=12)),
                ('custody_account', models.CharField(max_length=80, verbose_name='account at the depository')),
                ('shariah_compliant', models.BooleanField(default=False)),
                ('asset', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='debt_terms', to='tokenisation.asset')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('issue_date__lt', models.F('maturity_date'))), name='debt_term_is_forward'), models.CheckConstraint(condition=models.Q(models.Q(('coupon', 'zero'), ('payments_a_year', 0)), models.Q(('coupon', 'zero'), _negated=True), _connector='OR'), name='zero_coupon_pays_none')],
            },
        ),
        migrations.CreateModel(
            name='DistributionAuthorisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('active', 'Active'), ('suspended', 'Suspended'), ('terminated', 'Terminated')], default='active', max_length=50)),
                ('limit_units', models.PositiveBigIntegerField()),
                ('allocated_units', models.PositiveBigIntegerField(default=0, editable=False)),
                ('distributed_units', models.PositiveBigIntegerField(default=0, editable=False)),
                ('authorised_at', models.DateTimeField()),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='tokenisation.asset')),
                ('authorised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('venue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='licensing.venuestanding')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('asset', 'venue'), name='one_authorisation_a_venue'), models.CheckConstraint(condition=models.Q(('limit_units__gt', 0)), name='authorisation_has_units'), models.CheckConstraint(condition=models.Q(('allocated_units__lte', models.F('limit_units'))), name='allocated_within_limit'), models.CheckConstraint(condition=models.Q(('distributed_units__lte', models.F('allocated_units'))), name='placed_within_allocated')],
            },
        ),
        migrations.CreateModel(
            name='FxRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('date', models.DateField()),
                ('per_usd', models.DecimalField(decimal_places=4, max_digits=24)),
                ('source', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['currency', '-date'],
                'constraints': [models.UniqueConstraint(fields=('currency', 'date'), name='one_rate_a_day'), models.CheckConstraint(condition=models.Q(('per_usd__gt', 0)), name='rate_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='JournalEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveBigIntegerField()),
                ('kind', models.CharField(choices=[('issue', 'Issue'), ('allocate', 'Allocation'), ('distribute', 'Distribution'), ('return', 'Return')], max_length=10)),
                ('units', models.PositiveBigIntegerField()),
                ('idempotency_key', models.CharField(max_length=200, unique=True)),
                ('case_ref', models.CharField(blank=True, max_length=120)),
                ('standing_version', models.PositiveIntegerField(null=True)),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('prev_hash', models.BinaryField(max_length=32)),
                ('hash', models.BinaryField(max_length=32)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='tokenisation.asset')),
                ('checker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('maker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('venue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='licensing.venuestanding')),
            ],
            options={
                'verbose_name_plural': 'journal entries',
                'ordering': ['asset', '-seq'],
                'indexes': [models.Index(fields=['venue', '-id'], name='entries_of_a_venue')],
                'constraints': [models.UniqueConstraint(fields=('asset', 'seq'), name='one_entry_a_number'), models.CheckConstraint(condition=models.Q(('units__gt', 0)), name='entry_has_units'), models.CheckConstraint(condition=models.Q(('checker__isnull', True), models.Q(('checker', models.F('maker')), _negated=True), _connector='OR'), name='entry_maker_is_not_checker'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['issue', 'allocate']), _negated=True), ('checker__isnull', False), _connector='OR'), name='entry_has_checker'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['allocate', 'distribute']), _negated=True), ('standing_version__isnull', False), _connector='OR'), name='entry_knows_standing')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('units', models.BigIntegerField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='tokenisation.account')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='tokenisation.journalentry')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('units', 0), _negated=True), name='posting_moves_units')],
            },
        ),
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('cap_usd_cents', models.BigIntegerField()),
                ('committed_usd_cents', models.BigIntegerField(default=0, editable=False)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('committed_usd_cents__gte', 0), ('committed_usd_cents__lte', models.F('cap_usd_cents'))), name='programme_within_cap')],
            },
        ),
        migrations.AddField(
            model_name='asset',
            name='programme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='tokenisation.programme'),
        ),
        migrations.CreateModel(
            name='ReserveAttestation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('custodian', models.CharField(max_length=200)),
                ('quantity', models.PositiveBigIntegerField()),
                ('as_of', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('document_sha256', models.CharField(max_length=64)),
                ('recorded_at', models.DateTimeField()),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attestations', to='tokenisation.asset')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-as_of', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('as_of__lt', models.F('expires_at'))), name='attestation_runs_forward')],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('authority', models.CharField(choices=[('mof', 'Ministry of Finance, Debt Management Office'), ('sbp', 'State Bank of Pakistan'), ('pvara', 'PVARA')], max_length=8)),
                ('reference', models.CharField(max_length=80, verbose_name="reference of the authority's letter")),
                ('recorded_at', models.DateTimeField()),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='tokenisation.asset')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('asset', 'authority'), name='one_approval_an_authority'), models.CheckConstraint(condition=models.Q(('recorded_by', models.F('proposed_by')), _negated=True), name='approval_recorder_is_not_proposer')],
            },
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('authorised_units__gt', 0)), name='asset_has_units'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('minted_units__lte', models.F('authorised_units'))), name='minted_within_authorised'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('allocated_units__lte', models.F('minted_units'))), name='allocated_within_minted'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('distributed_units__lte', models.F('allocated_units'))), name='distributed_within_allocated'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='asset_approver_is_not_proposer'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('issued_by__isnull', True), models.Q(('issued_by', models.F('approved_by')), _negated=True), _connector='OR'), name='asset_issuer_is_not_approver'),
        ),
    ]
