"""The panel on a set-up's page where a firm asks for AML Registered Services, and sees what it asked for."""

from datetime import datetime

from django.utils import timezone

from licensing.faces.panels import Panel
from licensing.models import SetUp
from pvara.kernel import figures
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User


def registrations(case: Stateful, user: User, at: datetime) -> Panel | None:
    if not isinstance(case, SetUp):
        return None
    rows = list(case.aml_registrations.all())
    may_ask = case.noc.is_in_force(at) and bool(figures.value("aml.enabled", on=timezone.localdate(at)))
    may_ask = may_ask and all(row.state not in ("requested", "permitted") for row in rows)
    if not rows and not may_ask:
        return None
    return Panel(
        "AML Registered Services", "aml", "portal/panels/aml.html", {"rows": rows, "may_ask": may_ask, "setup": case}
    )
