"""The ledger's function and triggers, what may only grow, and the guards of the two machines."""

from django.db import migrations

from pvara.kernel import guards
from tokenisation import ledger_sql


class Migration(migrations.Migration):
    dependencies = [("tokenisation", "0001_initial"), ("kernel", "0002_guards"), ("licensing", "0002_guards")]

    operations = [
        migrations.RunSQL(ledger_sql.INSTALL, ledger_sql.REMOVE),
        guards.append_only("tokenisation_journalentry"),
        guards.append_only("tokenisation_posting"),
        guards.append_only("tokenisation_approval"),
        guards.append_only("tokenisation_fxrate"),
        guards.guard_state("tokenisation_asset", "tokenisation.asset", initial="draft"),
        guards.guard_state(
            "tokenisation_distributionauthorisation", "tokenisation.distributionauthorisation", initial="active"
        ),
    ]
