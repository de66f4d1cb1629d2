"""A document of a firm may take the place of an earlier one: its versions, and what is superseded."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from licensing import evidence_sql


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0028_waivers_of_criteria'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='evidence',
            name='edition',
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name='version of the document'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='replaces',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='licensing.evidence'),
        ),
        migrations.AlterField(
            model_name='evidence',
            name='state',
            field=models.CharField(choices=[('uploaded', 'Uploaded'), ('accepted', 'Accepted'), ('expiring', 'Accepted, expires soon'), ('expired', 'Expired'), ('rejected', 'Rejected'), ('superseded', 'Superseded by a newer version')], default='uploaded', max_length=50),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('edition', 1), ('replaces__isnull', True)), models.Q(('edition__gt', 1), ('replaces__isnull', False)), _connector='OR'), name='first_edition_replaces_none'),
        ),
        migrations.RunSQL(evidence_sql.VERSIONS, evidence_sql.VERSIONS_REMOVED),
    ]
