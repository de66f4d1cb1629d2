"""Proposals to change a dated table of the regime."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0021_rows_of_tables_that_stand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TableChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('published', 'Published'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=50)),
                ('table', models.CharField(choices=[('activities', 'Activities'), ('agencies', 'Agencies consulted'), ('returns', 'Calendar of returns'), ('letters', 'Wording of letters')], max_length=20)),
                ('code', models.CharField(max_length=20)),
                ('act', models.CharField(choices=[('add', 'A new entry'), ('change', 'A new version'), ('end', 'The end of an entry')], max_length=10)),
                ('title', models.CharField(max_length=200)),
                ('was', models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('was_from', models.DateField(blank=True, null=True)),
                ('content', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('effective_from', models.DateField()),
                ('source', models.TextField()),
                ('reasons', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'change of a table',
                'verbose_name_plural': 'changes of tables',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('table', 'code'), name='table_one_proposal_at_a_time'), models.CheckConstraint(condition=models.Q(('published_by__isnull', True), models.Q(('published_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='table_publisher_did_not_propose_it'), models.CheckConstraint(condition=models.Q(models.Q(('act', 'add'), ('was_from__isnull', True)), models.Q(models.Q(('act', 'add'), _negated=True), ('was_from__isnull', False), ('was_from__lt', models.F('effective_from'))), _connector='OR'), name='table_change_comes_after_the_row_it_changes')],
            },
        ),
        guards.guard_state("licensing_tablechange", "licensing.tablechange", initial="proposed"),
    ]
