"""Whoever had a firm's case in hand, or assessed the firm, decides on no change of its control."""

from django.db import migrations

from licensing import four_eyes_sql


class Migration(migrations.Migration):
    dependencies = [("licensing", "0024_fees_of_further_years")]

    operations = [migrations.RunSQL(four_eyes_sql.CONTROL, four_eyes_sql.CONTROL_REMOVED)]
