"""Indexes that every posting paid for and nobody read by: those of legs by account, and of entries that reverse none."""

import django.db.models.deletion
from django.db import migrations, models

# Django makes a unique constraint of a one-to-one field, which cannot leave rows out. What it holds is the same: an
# entry is reversed once. (`tokenisation_journalentry_reverses_id_key` is Django's name for it.)
ONLY_THOSE_THAT_REVERSE = """
ALTER TABLE tokenisation_journalentry DROP CONSTRAINT tokenisation_journalentry_reverses_id_key;
CREATE UNIQUE INDEX tokenisation_journalentry_reverses_id_key ON tokenisation_journalentry (reverses_id)
    WHERE reverses_id IS NOT NULL;
"""
EVERY_ENTRY = """
DROP INDEX tokenisation_journalentry_reverses_id_key;
ALTER TABLE tokenisation_journalentry ADD CONSTRAINT tokenisation_journalentry_reverses_id_key UNIQUE (reverses_id);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0017_gathered_placements'),
    ]

    operations = [
        migrations.AlterField(
            model_name='journalentry',
            name='reverses',
            field=models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='tokenisation.journalentry'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='account',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='tokenisation.account'),
        ),
        migrations.RunSQL(ONLY_THOSE_THAT_REVERSE, EVERY_ENTRY),
    ]
