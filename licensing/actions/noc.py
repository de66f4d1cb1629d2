"""P1: opening a NOC application, and what a grant sets going."""

from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from licensing.access import REPRESENT
from licensing.actions.applications import impose
from licensing.actions.setup import open_setup
from licensing.models import Firm, NocApplication
from pvara.kernel import audit, figures
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User


def open_noc_application(firm: Firm, *, by: User, at: datetime) -> NocApplication:
    """Start Form A1 for a firm. Raises PermissionDenied for who does not act for it."""
    if not by.has_perm(REPRESENT, firm):
        raise PermissionDenied("You do not act for this firm.")
    with transaction.atomic():
        case = NocApplication.objects.create(firm=firm, opened_at=at)
        audit.record(case, event="opened", by=by, at=at, to_state=case.state)
        return case


@follows(NocApplication, "grant_with_conditions")
def impose_conditions(case: NocApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    impose(case, entry.note)


@follows(NocApplication, "grant_noc", "grant_with_conditions")
def date_noc_and_open_setup(case: NocApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    today = timezone.localdate(at)
    months = int(figures.value("noc.validity_months", on=today))
    case.granted_at = at
    case.valid_to = today + relativedelta(months=months, days=-1)
    case.save(update_fields=["granted_at", "valid_to"])
    open_setup(case, at=at)
