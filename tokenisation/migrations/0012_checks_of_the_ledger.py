"""What the checks of the ledger found; the rows only grow."""

from django.db import migrations, models

from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0011_sub_limits'),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('invariants', models.PositiveIntegerField()),
                ('entries', models.PositiveBigIntegerField()),
                ('broken', models.JSONField(blank=True, default=list)),
            ],
            options={
                'verbose_name': 'check of the ledger',
                'verbose_name_plural': 'checks of the ledger',
                'ordering': ['-pk'],
            },
        ),
        guards.append_only("tokenisation_ledgercheck"),
    ]
