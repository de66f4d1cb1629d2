"""A rating names the documents that it rests on, once for all."""

from django.db import migrations, models

from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0016_frameworks_that_are_proposed'),
    ]

    operations = [
        migrations.AddField(
            model_name='rating',
            name='evidence',
            field=models.ManyToManyField(blank=True, related_name='ratings', to='licensing.evidence'),
        ),
        guards.append_only("licensing_rating_evidence"),
    ]
