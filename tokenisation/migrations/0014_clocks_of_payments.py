"""Payments that were due, or were missed, before there was a clock for their evidence get one from their due date on."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import migrations


def start_clocks(apps, schema_editor):
    interval = apps.get_model("kernel", "ClockInterval")
    rows = apps.get_model("tokenisation", "CorporateAction").objects.filter(state__in=["due", "missed"])
    interval.objects.bulk_create(
        interval(
            subject_type="tokenisation.corporateaction",
            subject_id=pk,
            clock="evidence",
            run=1,
            running=True,
            started_at=datetime.combine(due, time.min, tzinfo=ZoneInfo("Asia/Karachi")),
            reason="Mark as due",
        )
        for pk, due in rows.values_list("pk", "due_date")
    )


class Migration(migrations.Migration):

    dependencies = [
        ("kernel", "0003_clock_flags"),
        ("tokenisation", "0013_what_a_posting_asks"),
    ]

    operations = [migrations.RunPython(start_clocks, migrations.RunPython.noop)]
