"""The days on which an authorisation is valid, and its lapse after the last of them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0027_hands_on_people_and_wind_downs'),
        ('tokenisation', '0024_conditions_of_returns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='distributionauthorisation',
            name='valid_from',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='distributionauthorisation',
            name='valid_to',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='distributionauthorisation',
            name='state',
            field=models.CharField(choices=[('active', 'Active'), ('suspended', 'Suspended'), ('lapsed', 'Lapsed'), ('terminated', 'Terminated')], default='active', max_length=50),
        ),
        migrations.AddConstraint(
            model_name='distributionauthorisation',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_from__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='authorisation_ends_after_it_begins'),
        ),
    ]
