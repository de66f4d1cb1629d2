"""Placements of many at once in one call, and the sub-limits of investors in a form that asks and does not refuse."""

from django.db import migrations

from tokenisation import gathering_sql, limits_sql


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0016_narrower_entries'),
    ]

    operations = [
        migrations.RunSQL(limits_sql.INVESTORS + gathering_sql.GATHERED, gathering_sql.REMOVE),
    ]
