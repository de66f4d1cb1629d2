from django.db import migrations

from licensing import four_eyes_sql


class Migration(migrations.Migration):
    dependencies = [("licensing", "0019_second_ratings")]

    operations = [migrations.RunSQL(four_eyes_sql.MORE_HANDS, four_eyes_sql.MORE_HANDS_REMOVED)]
