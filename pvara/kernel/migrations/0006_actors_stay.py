"""Who has acted stays, by a trigger of the people's table instead of a foreign key of every entry (`guards.py`)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pvara.kernel import guards


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_audit_entries_without_checks")]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(guards.ACTORS_SQL, guards.DROP_ACTORS_SQL),
        migrations.RunSQL(guards.CHAIN_SQL, migrations.RunSQL.noop),
    ]
