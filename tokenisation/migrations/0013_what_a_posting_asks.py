"""The posting functions as they are now: what they need to know is asked once, under the asset's lock."""

from django.db import migrations

from tokenisation import batches_sql, postings_sql


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0012_checks_of_the_ledger'),
    ]

    operations = [
        migrations.RunSQL(postings_sql.INSTALL + batches_sql.BATCH, migrations.RunSQL.noop),
    ]
