"""The triggers of licensing: states and their audit entries, the switch of standing, frameworks and letters that stand."""

from django.db import migrations

from licensing import guards_sql, standing_sql
from pvara.kernel import guards


class Migration(migrations.Migration):
    dependencies = [("licensing", "0001_initial"), ("kernel", "0002_guards")]

    operations = [
        guards.guard_state("licensing_nocapplication", "licensing.nocapplication", initial="draft"),
        guards.guard_state("licensing_setup", "licensing.setup", initial="open"),
        guards.guard_state("licensing_milestone", "licensing.milestone", initial="pending"),
        guards.guard_state("licensing_licenceapplication", "licensing.licenceapplication", initial="draft"),
        guards.guard_state("licensing_licence", "licensing.licence", initial="active"),
        guards.guard_state("licensing_evidence", "licensing.evidence", initial="uploaded"),
        guards.append_only("licensing_letterdocument"),
        migrations.RunSQL(guards_sql.LETTERS, guards_sql.LETTERS_REMOVED),
        migrations.RunSQL(guards_sql.FRAMEWORK, guards_sql.FRAMEWORK_REMOVED),
        migrations.RunSQL(standing_sql.INSTALL, standing_sql.REMOVE),
    ]
