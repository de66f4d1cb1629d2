"""A licence is charged for each of its years: an invoice says from which day on."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0023_urgent_suspensions_are_ratified'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='invoice',
            name='invoice_one_open_for_a_thing',
        ),
        migrations.AddField(
            model_name='invoice',
            name='period_from',
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('period_from__isnull', True), ('state__in', ['issued', 'part_paid'])), fields=('subject_type', 'subject_id', 'kind'), name='invoice_one_open_for_a_thing'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'cancelled'), _negated=True), fields=('subject_type', 'subject_id', 'kind', 'period_from'), name='invoice_one_for_a_period'),
        ),
    ]
