"""A case keeps the version of the framework under which its assessment began."""

import django.db.models.deletion
from django.db import migrations, models

from licensing import framework_sql


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0012_areas_that_are_inspected'),
    ]

    operations = [
        migrations.AddField(
            model_name='licenceapplication',
            name='framework',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.framework'),
        ),
        migrations.AddField(
            model_name='nocapplication',
            name='framework',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.framework'),
        ),
        migrations.AddField(
            model_name='setup',
            name='framework',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.framework'),
        ),
        migrations.RunSQL(framework_sql.CASES_UNDER_WAY, migrations.RunSQL.noop),
        migrations.RunSQL(framework_sql.KEPT, framework_sql.KEPT_REMOVED),
    ]
