"""Gates of inspections and findings: of each, and of a case that rests on them."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.states import InspectedArea, Severity
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


# ── Inspections ──────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The day of the inspection is yet to come.")
def day_of_the_inspection_has_come(inspection: Any, at: datetime) -> bool | Shut:
    day = inspection.scheduled_for
    return timezone.localdate(at) >= day or Shut(f"It is on {day:%-d %B %Y}.")


@gate("Not everything that was to be tested has a result: use the form of the report.")
def results_are_recorded(inspection: Any) -> bool | Shut:
    waiting = inspection.tests_without_result()
    return Shut(*(f"{each}." for each in waiting)) if waiting else True


@gate("No inspection is scheduled: use the form that schedules one.")
def inspection_is_scheduled(case: Any) -> bool:
    return bool(case.open_inspections())


@gate("The inspection is neither reported nor cancelled.")
def inspection_is_over(case: Any) -> bool | Shut:
    waiting = [each.reference for each in case.open_inspections()]
    return Shut(f"See {', '.join(waiting)}.") if waiting else True


@gate("The inspection is not closed.")
def inspection_is_closed(case: Any, at: datetime) -> Open | Shut:
    if waiting := [each.reference for each in case.open_inspections()]:
        return Shut(f"{', '.join(waiting)}: no report yet.")
    reported = [each.reference for each in case.reported_inspections()]
    if not reported and case.inspection_is_required(at):
        return Shut("A full licence needs at least one inspection, and none was reported.")
    return Open({"inspections": reported})


@gate("No inspection has tested everything that the activities asked for need.")
def activities_are_inspected(case: Any, at: datetime) -> bool | Shut:
    if not case.inspection_is_required(at) or not case.reported_inspections():
        return True  # that none was reported is another gate's
    # What failed was tested too: what came of that is a finding.
    tested = case.tested_areas()
    faults = [
        f"{terms.title}: {InspectedArea(area).label}."
        for terms in case.activity_terms().values()
        for area in terms.inspected
        if area not in tested
    ]
    return Shut(*faults) if faults else True


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The firm has given no plan.")
def plan_is_given(finding: Any) -> bool:
    return bool(finding.plan)


@gate("No document shows what was done since the plan was agreed.")
def remediation_is_evidenced(finding: Any) -> bool:
    return bool(finding.has_new_document())


@gate("Whoever raised a finding does not verify its remediation.")
def verifier_is_not_raiser(finding: Any, by: User | None) -> bool:
    return by is None or finding.raised_by_id != by.pk


@gate("Whoever reported the remediation does not verify it.")
def verifier_is_not_remediator(finding: Any, by: User | None) -> bool:
    return by is None or finding.remediated_by_id != by.pk


@gate("Whoever raised a finding does not close it.")
def closer_is_not_raiser(finding: Any, by: User | None) -> bool:
    return by is None or finding.raised_by_id != by.pk


def _none_is_open(case: Any, *severities: str) -> bool | Shut:
    found = case.open_findings(*severities)
    said = [f"{each.reference} {each.title}: {each.get_severity_display().lower()}." for each in found]
    return Shut(*said) if said else True


@gate("A critical finding is open.")
def no_critical_finding_is_open(case: Any) -> bool | Shut:
    return _none_is_open(case, Severity.CRITICAL)


@gate("A high finding is open, so the approval needs conditions: impose them and approve.")
def no_high_finding_is_open(case: Any) -> bool | Shut:
    return _none_is_open(case, Severity.CRITICAL, Severity.HIGH)
