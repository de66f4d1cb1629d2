"""The second of two assessors decides on no change of a firm's control either."""

from django.db import migrations

from licensing import seconds_sql


class Migration(migrations.Migration):
    dependencies = [("licensing", "0030_evidence_in_versions")]

    operations = [migrations.RunSQL(seconds_sql.CONTROL, seconds_sql.CONTROL_REMOVED)]
