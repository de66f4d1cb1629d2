"""Statements, returns and comparisons only grow; a break moves as its machine says."""

from django.db import migrations

from pvara.kernel import guards


class Migration(migrations.Migration):
    dependencies = [("tokenisation", "0005_reconciliation")]

    operations = [
        guards.append_only("tokenisation_registerstatement"),
        guards.append_only("tokenisation_holdingsreturn"),
        guards.append_only("tokenisation_reconciliation"),
        guards.guard_state("tokenisation_break", "tokenisation.break", initial="open"),
    ]
