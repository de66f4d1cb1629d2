"""The posting functions for all kinds of entries, for one and for many; what older rows say in the new columns."""

from django.db import migrations

from pvara.kernel import guards
from tokenisation import batches_sql, ledger_sql, postings_sql

# The first version of the function wrote four kinds, each of which takes from one account.
FILL = """
ALTER TABLE tokenisation_journalentry DISABLE TRIGGER append_only_rows;
UPDATE tokenisation_journalentry SET source = CASE kind
    WHEN 'issue' THEN 'supply' WHEN 'allocate' THEN 'treasury' ELSE 'inventory' END;
ALTER TABLE tokenisation_journalentry ENABLE TRIGGER append_only_rows;
UPDATE tokenisation_asset SET released_units = authorised_units WHERE state = 'cancelled' AND reserved_usd_cents = 0;
INSERT INTO tokenisation_account (asset_id, venue_id, kind, units)
    SELECT d.asset_id, d.venue_id, k.kind, 0 FROM tokenisation_distributionauthorisation d
        CROSS JOIN (VALUES ('frozen_shelf'), ('frozen_clients')) AS k(kind);
"""
DROP_FIRST = """
DROP FUNCTION ledger_post(text, text, bigint, bigint, bigint, bigint, text, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("tokenisation", "0003_more_kinds_of_entries")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(DROP_FIRST, ledger_sql.POST),
        migrations.RunSQL(postings_sql.INSTALL + batches_sql.BATCH, batches_sql.REMOVE + postings_sql.REMOVE),
        guards.guard_state("tokenisation_order", "tokenisation.order", initial="proposed"),
    ]
