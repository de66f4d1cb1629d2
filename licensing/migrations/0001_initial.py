import django.contrib.postgres.fields
import django.db.models.deletion
import licensing.models.evidence
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('kernel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Domain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=4)),
                ('title', models.CharField(max_length=100)),
                ('order', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['order'],
            },
        ),
        migrations.CreateModel(
            name='Firm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('legal_name', models.CharField(max_length=200, unique=True)),
                ('trading_name', models.CharField(blank=True, max_length=200)),
                ('country', models.CharField(max_length=80, verbose_name='country of incorporation')),
                ('home_regulator', models.CharField(blank=True, max_length=200)),
                ('home_licence_number', models.CharField(blank=True, max_length=100)),
                ('website', models.URLField(blank=True)),
                ('lei', models.CharField(blank=True, max_length=20, verbose_name='LEI')),
                ('public_note', models.TextField(blank=True, help_text='Public facts with their dates and sources.')),
                ('invented', models.BooleanField(default=False, help_text='An invented firm, for the demonstration only.')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['legal_name'],
                'permissions': [('represent_firm', 'May act for the firm'), ('sign_for_firm', 'May sign for the firm')],
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=6)),
                ('title', models.CharField(max_length=200)),
                ('points', models.DecimalField(decimal_places=2, max_digits=5)),
                ('applies_from', models.CharField(choices=[('NOC', 'NOC'), ('SETUP', 'Set-up'), ('FULL', 'Full licence')], max_length=5)),
                ('mark', models.CharField(blank=True, choices=[('', 'None'), ('mandatory', 'Mandatory'), ('knock_out', 'Knock-out')], max_length=10)),
                ('evidence_wanted', models.CharField(max_length=200)),
                ('validity_months', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('order', models.PositiveSmallIntegerField()),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='licensing.domain')),
            ],
            options={
                'verbose_name_plural': 'criteria',
                'ordering': ['domain__order', 'order'],
                'constraints': [models.UniqueConstraint(fields=('domain', 'code'), name='criterion_once')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('uploaded', 'Uploaded'), ('accepted', 'Accepted'), ('rejected', 'Rejected')], default='uploaded', max_length=50)),
                ('title', models.CharField(max_length=200)),
                ('file', models.FileField(max_length=200, upload_to=licensing.models.evidence.file_path)),
                ('file_name', models.CharField(max_length=150)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField(help_text='bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('scan', models.CharField(choices=[('clean', 'Clean'), ('infected', 'Infected'), ('unscanned', 'Not scanned')], max_length=10)),
                ('uploaded_at', models.DateTimeField()),
                ('accepted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'evidence',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='EvidenceLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence_links', to='licensing.criterion')),
                ('evidence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='licensing.evidence')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('evidence', 'criterion'), name='evidence_linked_once')],
            },
        ),
        migrations.AddField(
            model_name='evidence',
            name='criteria',
            field=models.ManyToManyField(related_name='evidence', through='licensing.EvidenceLink', to='licensing.criterion'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='firm',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='licensing.firm'),
        ),
        migrations.CreateModel(
            name='FirmGroupObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='licensing.firm')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FirmUserObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='licensing.firm')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Framework',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=20, unique=True)),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('superseded', 'Superseded')], default='draft', max_length=12)),
                ('effective_from', models.DateField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('green', models.DecimalField(decimal_places=2, default=Decimal('80'), max_digits=5)),
                ('amber', models.DecimalField(decimal_places=2, default=Decimal('65'), max_digits=5)),
            ],
            options={
                'ordering': ['-effective_from'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'published')), fields=('effective_from',), name='one_published_framework_a_day')],
            },
        ),
        migrations.AddField(
            model_name='domain',
            name='framework',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='domains', to='licensing.framework'),
        ),
        migrations.CreateModel(
            name='GateBar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=4)),
                ('title', models.CharField(max_length=100)),
                ('phase', models.CharField(choices=[('NOC', 'NOC'), ('SETUP', 'Set-up'), ('FULL', 'Full licence')], max_length=5)),
                ('total', models.DecimalField(decimal_places=2, max_digits=5)),
                ('other_floor', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('conditions_below', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gates', to='licensing.framework')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('framework', 'code'), name='gate_once')],
            },
        ),
        migrations.CreateModel(
            name='GateFloor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('floor', models.DecimalField(decimal_places=2, max_digits=5)),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='licensing.domain')),
                ('gate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='floors', to='licensing.gatebar')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('gate', 'domain'), name='floor_once')],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, unique=True)),
                ('code', models.CharField(max_length=4)),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('title', models.CharField(max_length=120)),
                ('subject_type', models.CharField(max_length=100)),
                ('subject_id', models.BigIntegerField()),
                ('addressee', models.CharField(max_length=200)),
                ('content', models.JSONField(help_text='What the letter says, as it was when it was issued.')),
                ('content_sha256', models.CharField(max_length=64)),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256 of the file')),
                ('token', models.CharField(max_length=40, unique=True)),
                ('status', models.CharField(choices=[('issued', 'Issued'), ('superseded', 'Superseded'), ('revoked', 'Revoked')], default='issued', max_length=12)),
                ('issued_at', models.DateTimeField()),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='licensing.firm')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id'], name='letter_by_subject')],
            },
        ),
        migrations.CreateModel(
            name='LetterCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(max_length=10)),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('phase', 'year'), name='letter_counter_once')],
            },
        ),
        migrations.CreateModel(
            name='LetterDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pdf', models.BinaryField()),
                ('letter', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='document', to='licensing.letter')),
            ],
        ),
        migrations.CreateModel(
            name='LetterText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=4)),
                ('effective_from', models.DateField()),
                ('title', models.CharField(max_length=120)),
                ('legal_basis', models.TextField()),
                ('paragraphs', models.JSONField(default=list)),
                ('appeal', models.TextField(blank=True)),
                ('signatory_name', models.CharField(max_length=120)),
                ('signatory_title', models.CharField(max_length=120)),
            ],
            options={
                'ordering': ['code', '-effective_from'],
                'constraints': [models.UniqueConstraint(fields=('code', 'effective_from'), name='letter_text_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='LicenceApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('completeness_check', 'Completeness check'), ('under_assessment', 'Under assessment'), ('recommended', 'Recommended'), ('in_principle', 'Approved in principle'), ('licensed', 'Licensed'), ('refused', 'Refused')], default='draft', max_length=50)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('fee_reference', models.CharField(blank=True, max_length=60)),
                ('opened_at', models.DateTimeField()),
                ('declaration_signed_at', models.DateTimeField(blank=True, null=True)),
                ('conditions', models.JSONField(blank=True, default=list)),
                ('case_officer', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('declaration_signed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='licensing.firm')),
                ('granted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recommended_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'licence application',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('active', 'Active'), ('suspended', 'Suspended'), ('revoked', 'Revoked')], default='active', max_length=50)),
                ('holder_name', models.CharField(max_length=200)),
                ('cuin', models.CharField(blank=True, max_length=20, verbose_name='SECP CUIN')),
                ('activities', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('exchange', 'Exchange'), ('custody', 'Custody'), ('brokerage', 'Broker-dealer'), ('derivatives', 'Virtual-asset derivatives')], max_length=20), size=None)),
                ('conditions', models.JSONField(blank=True, default=list)),
                ('granted_at', models.DateTimeField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField()),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='licensing.firm')),
                ('revoked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('suspended_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='licence', to='licensing.licenceapplication')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_from__lt', models.F('valid_to'))), name='licence_term_is_forward'), models.UniqueConstraint(condition=models.Q(('state__in', ['active', 'suspended'])), fields=('firm',), name='one_live_licence_a_firm')],
            },
        ),
        migrations.CreateModel(
            name='Mou',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('state_party', models.CharField(max_length=200)),
                ('signed_on', models.DateField()),
                ('scope', models.TextField()),
                ('source', models.URLField(blank=True)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mous', to='licensing.firm')),
            ],
            options={
                'verbose_name': 'memorandum of understanding',
                'ordering': ['-signed_on'],
            },
        ),
        migrations.CreateModel(
            name='NocApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('conditions', models.JSONField(blank=True, default=list)),
                ('fee_reference', models.CharField(blank=True, max_length=60)),
                ('opened_at', models.DateTimeField()),
                ('declaration_signed_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('completeness_check', 'Completeness check'), ('under_assessment', 'Under assessment'), ('recommended', 'Recommended'), ('granted', 'NOC granted'), ('refused', 'Refused')], default='draft', max_length=50)),
                ('granted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('valid_to', models.DateField(blank=True, editable=False, null=True)),
                ('case_officer', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('declaration_signed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='licensing.firm')),
                ('recommended_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'NOC application',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', '-id'], name='licensing_n_state_550779_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('recommended_by__isnull', True), ('decided_by__isnull', True), models.Q(('recommended_by', models.F('decided_by')), _negated=True), _connector='OR'), name='noc_decider_is_not_recommender'), models.UniqueConstraint(condition=models.Q(('state__in', ['submitted', 'completeness_check', 'under_assessment', 'recommended'])), fields=('firm',), name='noc_one_open_case_a_firm')],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('current', models.BooleanField(default=True)),
                ('rating', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('not_applicable', models.BooleanField(default=False)),
                ('rationale', models.TextField()),
                ('rated_at', models.DateTimeField()),
                ('moderated_rating', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('moderated_at', models.DateTimeField(blank=True, null=True)),
                ('moderation_note', models.TextField(blank=True)),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='licensing.criterion')),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='licensing.firm')),
                ('moderator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['criterion__domain__order', 'criterion__order'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('current', True)), fields=('firm', 'criterion'), name='one_current_rating'), models.CheckConstraint(condition=models.Q(('moderator__isnull', True), models.Q(('moderator', models.F('assessor')), _negated=True), _connector='OR'), name='moderator_is_not_assessor'), models.CheckConstraint(condition=models.Q(models.Q(('not_applicable', True), ('rating__isnull', True)), models.Q(('not_applicable', False), ('rating__gte', 0), ('rating__isnull', False), ('rating__lte', 4)), _connector='OR'), name='rating_on_the_scale'), models.CheckConstraint(condition=models.Q(('moderated_rating__isnull', True), ('moderated_rating__lte', 4), _connector='OR'), name='moderated_rating_on_the_scale')],
            },
        ),
        migrations.CreateModel(
            name='SetUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('complete', 'Complete')], default='open', max_length=50)),
                ('opened_at', models.DateTimeField()),
                ('confirmed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='setups', to='licensing.firm')),
                ('noc', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='setup', to='licensing.nocapplication')),
            ],
            options={
                'verbose_name': 'set-up',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('submitted', 'Submitted'), ('verified', 'Verified'), ('deficient', 'Deficient')], default='pending', max_length=50)),
                ('code', models.CharField(choices=[('M1', 'SECP incorporation of the subsidiary'), ('M2', 'National Tax Number (FBR)'), ('M3', 'goAML registration (FMU)'), ('M4', 'Ministry of Interior clearance of foreign directors'), ('M5', 'Registered office in Pakistan'), ('M6', 'Local chief executive, compliance officer and in-house MLRO'), ('M7', 'Paid-up capital and security deposit'), ('M8', 'Limited-purpose bank account'), ('M9', 'Beneficial owners unchanged since the NOC')], max_length=2)),
                ('particulars', models.JSONField(blank=True, default=dict)),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('verified_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('setup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='licensing.setup')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('setup', 'code'), name='milestone_once'), models.CheckConstraint(condition=models.Q(('submitted_by__isnull', True), ('verified_by__isnull', True), models.Q(('submitted_by', models.F('verified_by')), _negated=True), _connector='OR'), name='milestone_verifier_is_not_submitter')],
            },
        ),
        migrations.AddField(
            model_name='licenceapplication',
            name='setup',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licence_applications', to='licensing.setup'),
        ),
        migrations.CreateModel(
            name='VenueStanding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('may_distribute', models.BooleanField(default=False)),
                ('holds_until', models.DateTimeField(null=True)),
                ('reasons', models.JSONField(default=list)),
                ('standing_version', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField()),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='venues', to='licensing.firm')),
                ('licence', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='standing', to='licensing.licence')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('accepted_by__isnull', True), models.Q(('accepted_by', models.F('uploaded_by')), _negated=True), _connector='OR'), name='accepter_is_not_uploader'),
        ),
        migrations.AlterUniqueTogether(
            name='firmgroupobjectpermission',
            unique_together={('group', 'permission', 'content_object')},
        ),
        migrations.AlterUniqueTogether(
            name='firmuserobjectpermission',
            unique_together={('user', 'permission', 'content_object')},
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.UniqueConstraint(fields=('framework', 'code'), name='domain_once'),
        ),
        migrations.AddIndex(
            model_name='licenceapplication',
            index=models.Index(fields=['state', '-id'], name='licensing_l_state_9cc962_idx'),
        ),
        migrations.AddConstraint(
            model_name='licenceapplication',
            constraint=models.CheckConstraint(condition=models.Q(('recommended_by__isnull', True), ('decided_by__isnull', True), models.Q(('recommended_by', models.F('decided_by')), _negated=True), _connector='OR'), name='full_decider_is_not_recommender'),
        ),
        migrations.AddConstraint(
            model_name='licenceapplication',
            constraint=models.CheckConstraint(condition=models.Q(('recommended_by__isnull', True), ('granted_by__isnull', True), models.Q(('recommended_by', models.F('granted_by')), _negated=True), _connector='OR'), name='full_granter_is_not_recommender'),
        ),
        migrations.AddConstraint(
            model_name='licenceapplication',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('granted_by__isnull', True), models.Q(('decided_by', models.F('granted_by')), _negated=True), _connector='OR'), name='full_granter_is_not_approver'),
        ),
        migrations.AddConstraint(
            model_name='licenceapplication',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['submitted', 'completeness_check', 'under_assessment', 'recommended', 'in_principle'])), fields=('firm',), name='full_one_open_case_a_firm'),
        ),
    ]
