"""A title for every figure, and a table of figures that only grows."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models

from pvara.kernel import guards

# What a figure is for stood before the source, in the same sentence.
TITLES = """
UPDATE kernel_figure SET title = left(trim(trailing '.' from split_part(source, ';', 1)), 200) WHERE title = '';
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_clock_flags")]

    operations = [
        migrations.AddField("figure", "title", models.CharField(default="", max_length=200), preserve_default=False),
        migrations.AlterField(
            "figure",
            "unit",
            models.CharField(
                choices=[
                    ("working_days", "working days"),
                    ("days", "calendar days"),
                    ("months", "months"),
                    ("percent", "per cent"),
                    ("usd", "US dollars"),
                    ("pkr", "rupees"),
                    ("count", "number"),
                    ("switch", "on or off"),
                    ("day", "a day, or none"),
                    ("words", "words"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField("figure", "value", models.JSONField(blank=True, encoder=DjangoJSONEncoder)),
        migrations.RunSQL(TITLES, migrations.RunSQL.noop),
        guards.append_only("kernel_figure"),
    ]
