"""The facts of letters to other authorities, and of the notice of an inspection."""

from datetime import datetime

from licensing.letters.about.subject import (
    About,
    cuin_of,
    day,
    due_day,
    local_address_of,
)
from licensing.models import (
    Consultation,
    Inspection,
    LicenceApplication,
)
from licensing.states import Activity


def of_consultation(consultation: Consultation, code: str, at: datetime) -> About:
    case, firm, agency = consultation.case, consultation.firm, consultation.agency
    address = [line.strip() for line in [*agency.address.splitlines(), "Islamabad"] if line.strip()]
    found = About(firm, "CON", agency.name, address, "", case.reference, for_applicant=False, email=agency.email)
    asked = consultation.requested_at
    due = due_day(consultation, "reply", at=asked)
    sought = "a full licence" if isinstance(case, LicenceApplication) else "a No Objection Certificate"
    found.words = {"applicant": firm.legal_name, "sought": sought, "due": due, "asked_on": day(asked)}
    found.facts = [
        ("Request", consultation.reference),
        ("Application", case.reference),
        ("Applicant", firm.legal_name),
        ("Country of incorporation", firm.country),
        ("Regulated at home by", firm.home_regulator or "nobody, as stated"),
        ("Reply by", due),
    ]
    if consultation.points:
        found.facts.append(("We ask you to look at", consultation.points))
    found.activities = [Activity(each).label for each in case.requested_activities]
    return found


def of_inspection(inspection: Inspection, code: str, at: datetime) -> About:
    case = inspection.case
    setup = case.setup if isinstance(case, LicenceApplication) else case.application.setup
    name = case.applicant_name if isinstance(case, LicenceApplication) else case.holder_name
    found = About(inspection.firm, "INS", name, local_address_of(setup), cuin_of(setup.cuin), case.reference)
    found.words = {"inspected_on": day(inspection.scheduled_for), "kind": inspection.get_kind_display().lower()}
    found.facts = [
        ("Inspection", inspection.reference),
        ("Case", case.reference),
        ("Date", day(inspection.scheduled_for)),
        ("Kind", inspection.get_kind_display()),
        ("What is tested", ", ".join(inspection.scope_titles)),
        ("Who inspects", ", ".join(str(each) for each in inspection.team.order_by("pk"))),
    ]
    if inspection.prepare:
        found.facts.append(("To be ready", inspection.prepare))
    return found
