"""A letter says whether it is to be checked, and goes out as it was read."""

from django.conf import settings
from django.db import migrations, models

from licensing import guards_sql, letters_sql


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0004_figures_that_only_grow'),
        ('licensing', '0010_wind_downs_that_are_planned'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(guards_sql.LETTERS_REMOVED, guards_sql.LETTERS_CHECKED),
        migrations.AddField(
            model_name='letter',
            name='is_to_be_checked',
            field=models.BooleanField(default=False, editable=False, help_text='Whether a second person lets it out, by the setting of the day of the decision.'),
        ),
        # Only what was to be checked was kept as a draft, or has the name of a checker.
        migrations.RunSQL(
            "UPDATE licensing_letter SET is_to_be_checked = true WHERE state = 'draft' OR approved_by_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_by__isnull', True), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), models.Q(('is_to_be_checked', False), ('approved_by__isnull', False), _connector='OR')), _connector='OR'), name='letter_is_approved_before_it_goes'),
        ),
        migrations.RunSQL(letters_sql.STANDS, letters_sql.STANDS_REMOVED),
    ]
