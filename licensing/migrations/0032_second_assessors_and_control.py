"""The second of two assessors decides on no change of a firm's control either."""

from django.db import migrations

from licensing import seconds_sql


class Migration(migrations.Migration):
    dependencies = [("licensing", "0027_hands_on_people_and_wind_downs")]

    operations = [migrations.RunSQL(seconds_sql.CONTROL, seconds_sql.CONTROL_REMOVED)]
