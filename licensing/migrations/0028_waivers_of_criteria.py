"""A criterion may be waivable by the committee; a waiver is an override of its rating that leaves it no rating."""

from django.db import migrations, models

from licensing import overrides_sql


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0027_hands_on_people_and_wind_downs'),
    ]

    operations = [
        migrations.AddField(
            model_name='criterion',
            name='waivable_by_committee',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='rating',
            name='waived',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AlterField(
            model_name='ratingoverride',
            name='to_rating',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(('waivable_by_committee', False), models.Q(('mark', 'knock_out'), _negated=True), _connector='OR'), name='no_knock_out_is_waivable'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('waived', False), models.Q(('moderated_rating__isnull', False), ('overridden_rating__isnull', True)), _connector='OR'), name='what_is_waived_was_moderated'),
        ),
        migrations.RunSQL(overrides_sql.WAIVERS, overrides_sql.WAIVERS_REMOVED),
    ]
