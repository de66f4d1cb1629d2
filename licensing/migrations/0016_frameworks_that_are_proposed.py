"""The framework becomes a machine: drafted, proposed, published by another; criteria accept kinds of evidence."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from licensing import framework_sql, guards_sql
from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0015_proposals_of_scores'),
        ('kernel', '0004_figures_that_only_grow'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The triggers name the columns that are renamed.
        migrations.RunSQL(guards_sql.FRAMEWORK_REMOVED, guards_sql.FRAMEWORK),
        migrations.RemoveConstraint(model_name='framework', name='one_published_framework_a_day'),
        migrations.RenameField(model_name='framework', old_name='version', new_name='edition'),
        migrations.RenameField(model_name='framework', old_name='status', new_name='state'),
        migrations.AlterField(model_name='framework', name='edition', field=models.CharField(max_length=20)),
        migrations.CreateModel(
            name='EvidenceKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, unique=True)),
                ('title', models.CharField(max_length=100)),
            ],
            options={
                'ordering': ['title'],
            },
        ),
        migrations.AlterModelOptions(
            name='framework',
            options={'ordering': ['-effective_from', '-pk'], 'verbose_name': 'scoring framework'},
        ),
        migrations.AddField(
            model_name='criterion',
            name='kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='framework',
            name='based_on',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='licensing.framework'),
        ),
        migrations.AddField(
            model_name='framework',
            name='proposed_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='framework',
            name='published_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='framework',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='framework',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('published', 'Published'), ('superseded', 'Superseded'), ('dropped', 'Dropped')], default='draft', max_length=50),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0)), name='criterion_has_points'),
        ),
        migrations.AddConstraint(
            model_name='framework',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['published', 'superseded'])), fields=('effective_from',), name='one_published_framework_a_day'),
        ),
        migrations.AddConstraint(
            model_name='framework',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'dropped'), _negated=True), fields=('edition',), name='framework_edition_once'),
        ),
        migrations.AddConstraint(
            model_name='framework',
            constraint=models.CheckConstraint(condition=models.Q(('published_by__isnull', True), models.Q(('published_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='framework_publisher_is_not_the_proposer'),
        ),
        migrations.AddConstraint(
            model_name='framework',
            constraint=models.CheckConstraint(condition=models.Q(('amber__gte', 0), ('green__gte', models.F('amber')), ('green__lte', 100)), name='framework_colours_in_order'),
        ),
        migrations.AddConstraint(
            model_name='gatebar',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('total__isnull', True), models.Q(('total__gte', 0), ('total__lte', 100)), _connector='OR'), models.Q(('other_floor__isnull', True), models.Q(('other_floor__gte', 0), ('other_floor__lte', 100)), _connector='OR'), models.Q(('conditions_below__isnull', True), models.Q(('conditions_below__gte', 0), ('conditions_below__lte', 100)), _connector='OR')), name='gate_bars_are_per_cent'),
        ),
        migrations.AddConstraint(
            model_name='gatefloor',
            constraint=models.CheckConstraint(condition=models.Q(('floor__isnull', True), models.Q(('floor__gte', 0), ('floor__lte', 100)), _connector='OR'), name='floor_is_per_cent'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='kind',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.evidencekind'),
        ),
        guards.append_only("licensing_evidencekind"),
        guards.guard_state("licensing_framework", "licensing.framework", initial="draft"),
        migrations.RunSQL(framework_sql.DRAFTS, guards_sql.FRAMEWORK_REMOVED),
        migrations.RunSQL(framework_sql.KINDS, framework_sql.KINDS_REMOVED),
    ]
