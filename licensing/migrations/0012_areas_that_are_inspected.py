"""What an inspection must have tested before a licence may include an activity."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0011_letters_stand_once_approved'),
    ]

    operations = [
        migrations.AddField(
            model_name='activitykind',
            name='inspected',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('custody', 'Custody and segregation'), ('matching_engine', 'Matching engine'), ('wallet_control', 'Proof of control of the wallets'), ('aml_controls', 'AML and sanctions controls'), ('governance', 'Governance and records')], max_length=20), blank=True, default=list, size=None),
        ),
    ]
