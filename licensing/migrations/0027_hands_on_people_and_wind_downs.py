"""Whoever had a case in hand, or assessed the firm, decides on none of its key individuals and on no wind-down."""

from django.db import migrations

from licensing import four_eyes_sql


class Migration(migrations.Migration):
    dependencies = [("licensing", "0026_internal_memos")]

    operations = [
        migrations.RunSQL(
            four_eyes_sql.INDIVIDUALS_AND_WIND_DOWNS, four_eyes_sql.INDIVIDUALS_AND_WIND_DOWNS_REMOVED
        )
    ]
