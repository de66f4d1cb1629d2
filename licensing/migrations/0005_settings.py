"""Proposals to change a setting of the regime."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0004_guards_of_the_regime'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SettingChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('published', 'Published'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=50)),
                ('key', models.CharField(max_length=80)),
                ('title', models.CharField(max_length=200)),
                ('was', models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('was_unit', models.CharField(choices=[('working_days', 'working days'), ('days', 'calendar days'), ('months', 'months'), ('percent', 'per cent'), ('usd', 'US dollars'), ('pkr', 'rupees'), ('count', 'number'), ('switch', 'on or off'), ('day', 'a day, or none'), ('words', 'words')], max_length=20)),
                ('value', models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('unit', models.CharField(choices=[('working_days', 'working days'), ('days', 'calendar days'), ('months', 'months'), ('percent', 'per cent'), ('usd', 'US dollars'), ('pkr', 'rupees'), ('count', 'number'), ('switch', 'on or off'), ('day', 'a day, or none'), ('words', 'words')], max_length=20)),
                ('effective_from', models.DateField()),
                ('source', models.TextField()),
                ('reasons', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'change of a setting',
                'verbose_name_plural': 'changes of settings',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('key',), name='setting_one_proposal_at_a_time'), models.CheckConstraint(condition=models.Q(('published_by__isnull', True), models.Q(('published_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='setting_publisher_did_not_propose_it')],
            },
        ),
        guards.guard_state("licensing_settingchange", "licensing.settingchange", initial="proposed"),
    ]
