"""The panel that shows a set-up's AML Registered Services to staff."""

from datetime import datetime

from licensing.faces.panels import Panel
from licensing.models import SetUp
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User


def registrations(case: Stateful, user: User, at: datetime) -> Panel | None:
    if not isinstance(case, SetUp):
        return None
    rows = list(case.aml_registrations.all())
    if not rows:
        return None
    return Panel("AML Registered Services", "aml", "staff/panels/aml.html", {"rows": rows})
