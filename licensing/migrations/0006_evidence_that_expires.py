"""Evidence says when it expires."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0005_settings'),
    ]

    operations = [
        migrations.AddField(
            model_name='evidencelink',
            name='told_ahead',
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='evidence',
            name='state',
            field=models.CharField(choices=[('uploaded', 'Uploaded'), ('accepted', 'Accepted'), ('expiring', 'Accepted, expires soon'), ('expired', 'Expired'), ('rejected', 'Rejected')], default='uploaded', max_length=50),
        ),
    ]
