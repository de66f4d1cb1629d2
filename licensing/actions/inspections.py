"""Inspections: scheduling one with its notice to the firm, and its report with what was tested."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing.access import INSPECT
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.actions.letters import ask_for_letter
from licensing.models import Inspection, InspectionResult, Licence, LicenceApplication
from licensing.states import AreaResult, FullState, InspectedArea, InspectionKind, InspectionState, LicenceState
from pvara.kernel import audit, roles
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User

Case = LicenceApplication | Licence


def schedule_inspection(
    case: Case,
    *,
    by: User,
    at: datetime,
    kind: str,
    scheduled_for: date,
    scope: Iterable[str],
    team: Iterable[User],
    prepare: str = "",
) -> Inspection:
    """Schedule an inspection and give the firm notice of it; an application waits for its report.

    Raises ValidationError for a day that has gone, no scope, a team of nobody or of people without a role or with an
    interest in the firm, and an application that is not under assessment.
    """
    if not by.has_perm(INSPECT):
        raise PermissionDenied("Only case officers schedule inspections.")
    require_no_interest(by, case.firm, at=at, case=case)
    tests, people = list(dict.fromkeys(scope)), list(dict.fromkeys(team))
    wrong: dict[str, Any] = {}
    if kind not in InspectionKind.values:
        wrong["kind"] = "Choose the kind of inspection."
    if scheduled_for < timezone.localdate(at):
        wrong["scheduled_for"] = "This day has gone."
    if not tests or set(tests) - set(InspectedArea.values):
        wrong["scope"] = "Choose what is tested."
    if not people:
        wrong["team"] = "Choose who inspects."
    elif not all(roles.of(each) for each in people):
        wrong["team"] = "The team is made of the regulator's own people."
    elif removed := [str(each) for each in people if case.firm.conflicts_of(each, at, case=case)]:
        wrong["team"] = f"They take no part in the firm's cases: {', '.join(removed)}."
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        locked: Any = type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        if isinstance(locked, LicenceApplication) and locked.state != FullState.UNDER_ASSESSMENT:
            raise ValidationError("An inspection is scheduled while the application is under assessment.")
        if isinstance(locked, Licence) and locked.state == LicenceState.REVOKED:
            raise ValidationError("The licence is revoked.")
        inspection = Inspection.objects.create(
            firm_id=locked.firm_id,
            full=locked if isinstance(locked, LicenceApplication) else None,
            licence=locked if isinstance(locked, Licence) else None,
            kind=kind,
            scheduled_for=scheduled_for,
            scope=tests,
            prepare=prepare.strip(),
            scheduled_by=by,
            scheduled_at=at,
        )
        inspection.team.set(people)
        entry = audit.record(
            inspection,
            event="scheduled",
            by=by,
            at=at,
            to_state=inspection.state,
            data={
                "case": locked.reference,
                "scheduled_for": str(scheduled_for),
                "scope": tests,
                "team": [each.email for each in people],
            },
        )
        ask_for_letter("L34", inspection, entry=entry, at=at)
        if isinstance(locked, LicenceApplication):
            note = f"{inspection.reference}, {scheduled_for:%-d %B %Y}."
            perform(locked, "schedule_inspection", by=by, at=at, expected_version=locked.version, note=note)
        return inspection


@follows(LicenceApplication, "withdraw")
def call_inspections_off(case: LicenceApplication, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Nobody comes to look at what is applied for no longer."""
    for inspection in case.open_inspections():
        note = "The application was withdrawn."
        perform(inspection, "cancel", by=None, at=at, expected_version=inspection.version, note=note)


def report_inspection(
    inspection: Inspection,
    *,
    by: User,
    at: datetime,
    results: Mapping[str, tuple[str, str]],
    summary: str,
    file: UploadedFile | None = None,
) -> Inspection:
    """Report what came of each test, as (result, note), with the report itself; the application then goes on.

    Raises ValidationError for a test that was not to be made, one without a result, and a failure without a word.
    """
    if not by.has_perm(INSPECT):
        raise PermissionDenied("Only case officers report inspections.")
    require_no_interest(by, inspection.firm, at=at, case=inspection.case)
    if set(results) != set(inspection.scope):
        raise ValidationError("Give a result for each test of the scope, and for no other.")
    for kind, (result, note) in results.items():
        if result not in AreaResult.values:
            raise ValidationError({f"result_{kind}": "Choose the result."})
        if result != AreaResult.PASSED and not note.strip():
            raise ValidationError({f"note_{kind}": "Say what failed, or why it was not tested."})
    if not summary.strip():
        raise ValidationError({"summary": "Say in short what was found."})
    with transaction.atomic():
        inspection = Inspection.objects.select_for_update(of=("self",), no_key=True).get(pk=inspection.pk)
        if inspection.state != InspectionState.SCHEDULED:
            raise ValidationError(f"The inspection is {inspection.get_state_display().lower()}.")
        for kind, (result, note) in results.items():
            InspectionResult.objects.create(
                inspection=inspection, kind=kind, result=result, note=note.strip(), recorded_by=by, recorded_at=at
            )
        if file is not None:
            title = f"Report of inspection {inspection.reference}"
            attach(inspection, file, firm=inspection.firm, title=title, by=by, at=at, for_applicant=False)
        data = {"results": {kind: result for kind, (result, _) in results.items()}}
        return perform(
            inspection, "report", by=by, at=at, expected_version=inspection.version, note=summary.strip(), data=data
        )


@follows(Inspection, "report", "cancel")
def let_the_case_go_on(inspection: Inspection, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """An application that waited for its inspection is under assessment again, whoever looks at what was found."""
    if inspection.full_id is None:
        return
    case = LicenceApplication.objects.get(pk=inspection.full_id)
    if case.state == FullState.INSPECTION:
        note = f"{inspection.reference}: {inspection.get_state_display().lower()}."
        perform(case, "report_inspection", by=by, at=at, expected_version=case.version, note=note)
