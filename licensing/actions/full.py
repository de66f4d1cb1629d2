"""P3: opening the application for the full licence, and the licence that a grant brings into being."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from licensing import standing
from licensing.access import REPRESENT
from licensing.actions.applications import require
from licensing.models import Licence, LicenceApplication, SetUp
from licensing.states import ConditionKind, SetUpState
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User


def open_licence_application(setup: SetUp, *, by: User, at: datetime) -> LicenceApplication:
    """Start the subsidiary's application. Raises ValidationError as long as the set-up is not confirmed."""
    require(by, REPRESENT, setup)
    if setup.state != SetUpState.COMPLETE:
        raise ValidationError("The set-up is not confirmed yet; the full licence can be applied for after that.")
    with transaction.atomic():
        case = LicenceApplication.objects.create(firm_id=setup.firm_id, setup=setup, opened_at=at)
        audit.record(case, event="opened", by=by, at=at, to_state=case.state)
        return case


@follows(LicenceApplication, "grant_licence")
def issue_licence(case: LicenceApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    standing.lock_firm(case.firm_id)
    today = timezone.localdate(at)
    months = int(figures.value("licence.term_months", on=today))
    licence = Licence.objects.create(
        firm_id=case.firm_id,
        application=case,
        holder_name=case.applicant_name,
        cuin=case.setup.cuin,
        activities=case.requested_activities,
        granted_at=at,
        valid_from=today,
        valid_to=clock.last_day_of_months(today, months),
    )
    audit.record(
        licence,
        event="issued",
        by=by,
        at=at,
        to_state=licence.state,
        data={
            "application": case.reference,
            "activities": licence.activities,
            "valid_to": str(licence.valid_to),
        },
    )
    # What continues binds the licence from now on, under the number that it has.
    for condition in case.imposed_conditions:
        if condition.kind == ConditionKind.CONTINUING:
            condition.licence = licence
            condition.save(update_fields=["licence"])
    standing.refresh(licence, by=by, at=at)
