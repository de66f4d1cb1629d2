import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('announced_by', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['date'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('is_active', models.BooleanField(default=True)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once'), models.CheckConstraint(condition=models.Q(('is_superuser', False)), name='nobody_is_superuser')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=100)),
                ('subject_id', models.BigIntegerField()),
                ('seq', models.PositiveIntegerField(db_default=0, editable=False)),
                ('event', models.CharField(max_length=60)),
                ('actor_name', models.CharField(blank=True, max_length=255)),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('from_state', models.CharField(blank=True, max_length=40)),
                ('to_state', models.CharField(blank=True, max_length=40)),
                ('note', models.TextField(blank=True)),
                ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('xact_id', models.BigIntegerField(db_default=0, editable=False)),
                ('layout', models.PositiveSmallIntegerField(db_default=1, editable=False)),
                ('prev_hash', models.BinaryField(db_default=b'')),
                ('hash', models.BinaryField(db_default=b'')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['subject_type', 'subject_id', 'seq'],
                'indexes': [models.Index(fields=['xact_id', 'id'], name='audit_by_transaction')],
                'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id', 'seq'), name='audit_seq_once')],
            },
        ),
        migrations.CreateModel(
            name='ClockInterval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=80)),
                ('subject_id', models.BigIntegerField()),
                ('clock', models.CharField(max_length=40)),
                ('run', models.PositiveIntegerField(default=1)),
                ('running', models.BooleanField()),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['subject_type', 'subject_id', 'clock', 'id'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'clock'], name='interval_of_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('subject_type', 'subject_id', 'clock'), name='one_open_interval'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='interval_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('value', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('unit', models.CharField(choices=[('working_days', 'working days'), ('days', 'calendar days'), ('months', 'months'), ('percent', 'per cent'), ('usd', 'US dollars'), ('pkr', 'rupees'), ('count', 'number'), ('switch', 'on or off'), ('words', 'words')], max_length=20)),
                ('effective_from', models.DateField()),
                ('mark', models.CharField(choices=[('F', 'a fact with a source'), ('F-weak', 'one weak source'), ('K', 'general knowledge'), ('I', 'our own proposal')], max_length=10)),
                ('source', models.TextField()),
            ],
            options={
                'ordering': ['key', '-effective_from'],
                'constraints': [models.UniqueConstraint(fields=('key', 'effective_from'), name='figure_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('payload', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('subject_type', models.CharField(blank=True, max_length=80)),
                ('subject_id', models.BigIntegerField(blank=True, null=True)),
                ('state', models.CharField(choices=[('queued', 'waiting'), ('leased', "in a worker's hands"), ('done', 'done'), ('failed', 'given up')], default='queued', max_length=10)),
                ('at', models.DateTimeField()),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('run_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('last_error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['run_at'], name='job_queued'), models.Index(condition=models.Q(('state', 'leased')), fields=['lease_until'], name='job_leased'), models.Index(condition=models.Q(('state', 'failed')), fields=['id'], name='job_failed'), models.Index(fields=['subject_type', 'subject_id'], name='job_of_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'leased')), models.Q(models.Q(('state', 'leased'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='job_leased_until'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['done', 'failed'])), models.Q(('finished_at__isnull', True), ('state__in', ['queued', 'leased'])), _connector='OR'), name='job_finished_at')],
            },
        ),
        migrations.CreateModel(
            name='RoleAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=40)),
                ('granted_at', models.DateTimeField()),
                ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_assignments', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'role'), name='role_held_once')],
            },
        ),
        migrations.CreateModel(
            name='SealedHead',
            fields=[
                ('tree_size', models.BigIntegerField(primary_key=True, serialize=False)),
                ('previous_size', models.BigIntegerField()),
                ('root', models.BinaryField()),
                ('frontier', models.BinaryField()),
                ('sealed_at', models.DateTimeField()),
                ('key_id', models.CharField(max_length=16)),
                ('signature', models.BinaryField()),
                ('sealed_below', models.BigIntegerField()),
                ('server', models.CharField(max_length=20)),
            ],
            options={
                'ordering': ['tree_size'],
                'constraints': [models.CheckConstraint(condition=models.Q(('tree_size__gt', models.F('previous_size'))), name='head_has_grown')],
            },
        ),
        migrations.CreateModel(
            name='SealedLeaf',
            fields=[
                ('index', models.BigIntegerField(primary_key=True, serialize=False)),
                ('hash', models.BinaryField()),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='leaf', to='kernel.auditentry')),
            ],
            options={
                'ordering': ['index'],
            },
        ),
    ]
