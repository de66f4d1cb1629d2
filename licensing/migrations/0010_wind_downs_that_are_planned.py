"""A wind-down becomes a machine with a plan; those of before go on without their clocks, under their last day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pvara.kernel.guards import guard_state


def record_where_they_stand(apps, schema_editor):
    """What was found on closing goes into the log, which says from now on where a wind-down stands."""
    WindDown, AuditEntry = apps.get_model("licensing", "WindDown"), apps.get_model("kernel", "AuditEntry")
    for winding in WindDown.objects.order_by("pk"):
        if winding.closed_at is not None:
            winding.state = "finished" if winding.closed_by_id else "ended"
            winding.save(update_fields=["state"])
        AuditEntry.objects.create(
            subject_type="licensing.winddown",
            subject_id=winding.pk,
            event="carried_over",
            to_state=winding.state,
            at=winding.closed_at or winding.opened_at,
            note=winding.finding,
            data={},
        )


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0009_hands_on_a_case'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='winddown',
            name='one_open_wind_down',
        ),
        migrations.AddField(
            model_name='winddown',
            name='approved_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='winddown',
            name='plan',
            field=models.TextField(blank=True, help_text='How clients get their assets back, by when, and who sees to it.'),
        ),
        migrations.AddField(
            model_name='winddown',
            name='state',
            field=models.CharField(choices=[('awaiting_plan', 'Awaiting the plan'), ('plan_submitted', 'Plan submitted'), ('under_way', 'Under way'), ('finished', 'Finished'), ('ended', 'Ended: the licence was given back')], default='awaiting_plan', max_length=50),
        ),
        migrations.AddField(
            model_name='winddown',
            name='submitted_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='winddown',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(record_where_they_stand, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='winddown',
            name='closed_at',
        ),
        migrations.RemoveField(
            model_name='winddown',
            name='finding',
        ),
        migrations.AddConstraint(
            model_name='winddown',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['finished', 'ended']), _negated=True), fields=('licence',), name='one_open_wind_down'),
        ),
        guard_state("licensing_winddown", "licensing.winddown", initial="awaiting_plan"),
    ]
