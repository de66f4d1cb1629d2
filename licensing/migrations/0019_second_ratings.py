"""Each criterion may be rated twice, blindly: the first rating is sealed until the second is in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from licensing import seconds_sql
from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0018_overrides_by_vote'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SealedRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('waits', models.BooleanField(default=True)),
                ('rating', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('not_applicable', models.BooleanField(default=False)),
                ('rationale', models.TextField()),
                ('rated_at', models.DateTimeField()),
                ('salt', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='framework',
            name='rated_twice',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='rating',
            name='second_assessor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rating',
            name='second_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='rating',
            name='second_evidence',
            field=models.ManyToManyField(blank=True, related_name='second_ratings', to='licensing.evidence'),
        ),
        migrations.AddField(
            model_name='rating',
            name='second_not_applicable',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='rating',
            name='second_rating',
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='rating',
            name='second_rationale',
            field=models.TextField(blank=True, db_default='', editable=False),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_assessor__isnull', True), ('second_at__isnull', True), ('second_not_applicable', False), ('second_rating__isnull', True)), models.Q(('second_assessor__isnull', False), ('second_at__isnull', False), models.Q(models.Q(('second_not_applicable', True), ('second_rating__isnull', True)), models.Q(('second_not_applicable', False), ('second_rating__isnull', False), ('second_rating__lte', 4)), _connector='OR')), _connector='OR'), name='second_rating_on_the_scale'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('second_assessor__isnull', True), models.Q(models.Q(('second_assessor', models.F('assessor')), _negated=True), models.Q(('moderator__isnull', True), models.Q(('moderator', models.F('second_assessor')), _negated=True), _connector='OR')), _connector='OR'), name='second_assessor_is_somebody_else'),
        ),
        migrations.AddField(
            model_name='sealedrating',
            name='assessor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sealedrating',
            name='criterion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.criterion'),
        ),
        migrations.AddField(
            model_name='sealedrating',
            name='evidence',
            field=models.ManyToManyField(blank=True, related_name='+', to='licensing.evidence'),
        ),
        migrations.AddField(
            model_name='sealedrating',
            name='firm',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sealed_ratings', to='licensing.firm'),
        ),
        migrations.AddField(
            model_name='sealedrating',
            name='opened_as',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sealed', to='licensing.rating'),
        ),
        migrations.AddConstraint(
            model_name='sealedrating',
            constraint=models.UniqueConstraint(condition=models.Q(('waits', True)), fields=('firm', 'criterion'), name='one_sealed_rating'),
        ),
        migrations.AddConstraint(
            model_name='sealedrating',
            constraint=models.CheckConstraint(condition=models.Q(('waits', False), ('opened_as__isnull', True), _connector='OR'), name='what_is_opened_is_over'),
        ),
        migrations.AddConstraint(
            model_name='sealedrating',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('not_applicable', True), ('rating__isnull', True)), models.Q(('not_applicable', False), ('rating__gte', 0), ('rating__isnull', False), ('rating__lte', 4)), _connector='OR'), name='sealed_rating_on_the_scale'),
        ),
        migrations.AddConstraint(
            model_name='sealedrating',
            constraint=models.CheckConstraint(condition=models.Q(('rationale', ''), _negated=True), name='sealed_rating_gives_reasons'),
        ),
        guards.append_only("licensing_rating_second_evidence"),
        guards.append_only("licensing_sealedrating_evidence"),
        migrations.RunSQL(seconds_sql.SECONDS, seconds_sql.SECONDS_REMOVED),
        migrations.RunSQL(seconds_sql.HANDS, seconds_sql.HANDS_REMOVED),
    ]
