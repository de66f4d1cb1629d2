"""The triggers of the audit log; their SQL stands in `kernel/guards.py`."""

from django.db import migrations

from pvara.kernel import guards


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        guards.audit_chain(),
        guards.append_only("kernel_auditentry"),
        guards.append_only("kernel_sealedleaf"),
        guards.append_only("kernel_sealedhead"),
    ]
