"""A moderated rating may be overridden by the votes of a body; a knock-out never."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from licensing import overrides_sql
from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0017_ratings_rest_on_evidence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RatingOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('made', 'Made'), ('dropped', 'Dropped')], default='proposed', max_length=50)),
                ('mark', models.CharField(blank=True, editable=False, max_length=10)),
                ('to_rating', models.PositiveSmallIntegerField()),
                ('reasons', models.TextField()),
                ('proposed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'override of a rating',
                'verbose_name_plural': 'overrides of ratings',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='rating',
            name='overridden_rating',
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('overridden_rating__isnull', True), models.Q(('moderated_rating__isnull', False), ('overridden_rating__lte', 4)), _connector='OR'), name='what_is_overridden_was_moderated'),
        ),
        migrations.AddField(
            model_name='ratingoverride',
            name='decided_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ratingoverride',
            name='firm',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rating_overrides', to='licensing.firm'),
        ),
        migrations.AddField(
            model_name='ratingoverride',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ratingoverride',
            name='rating',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='licensing.rating'),
        ),
        migrations.AddConstraint(
            model_name='ratingoverride',
            constraint=models.CheckConstraint(condition=models.Q(('mark', 'knock_out'), _negated=True), name='no_knock_out_is_overridden'),
        ),
        migrations.AddConstraint(
            model_name='ratingoverride',
            constraint=models.CheckConstraint(condition=models.Q(('to_rating__lte', 4)), name='override_on_the_scale'),
        ),
        migrations.AddConstraint(
            model_name='ratingoverride',
            constraint=models.CheckConstraint(condition=models.Q(('reasons', ''), _negated=True), name='rating_override_gives_reasons'),
        ),
        migrations.AddConstraint(
            model_name='ratingoverride',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='override_decider_is_not_proposer'),
        ),
        migrations.AddConstraint(
            model_name='ratingoverride',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('rating',), name='one_override_proposed_a_rating'),
        ),
        guards.guard_state("licensing_ratingoverride", "licensing.ratingoverride", initial="proposed"),
        migrations.RunSQL(overrides_sql.OVERRIDES, overrides_sql.OVERRIDES_REMOVED),
    ]
