"""The facts of letters about applications, the set-up and AML Registered Services."""

from datetime import datetime

from django.utils import timezone

from licensing.letters.about.licences import of_licence
from licensing.letters.about.subject import (
    About,
    add_notice,
    address_of,
    conditions_of,
    cuin_of,
    day,
    due_day,
    local_address_of,
    received,
    registered_at_home,
)
from licensing.models import (
    AmlRegistration,
    Deficiency,
    InformationRequest,
    LicenceApplication,
    Milestone,
    NocApplication,
    RequestMessage,
    SetUp,
)
from licensing.states import Activity, AmlState, MilestoneCode
from pvara.kernel import audit, figures


def of_noc(case: NocApplication, code: str, at: datetime) -> About:
    found = About(
        case.firm, "NOC", case.firm.legal_name, address_of(case), registered_at_home(case.firm), case.reference
    )
    found.activities = [Activity(each).label for each in case.requested_activities]
    found.facts = [("Application", case.reference), *received(case)]
    _add_what_goes_back(found, case, code, at)
    if code in ("L01", "L04"):
        due = due_day(case, "decision", at=at)
        found.words = {"due": due}
        found.facts.append(("Decision due by", due))
    if code == "L10" and case.granted_at is not None and case.valid_to is not None:
        found.words = {"valid_to": day(case.valid_to)}
        found.facts += [("Granted on", day(case.granted_at)), ("Valid to", day(case.valid_to))]
        found.conditions = conditions_of(case)
        if audit.history(case).filter(event="lift_unratified", at=at).exists():
            lapsed = f"It ended on {day(timezone.localdate(at))}: the board of the Authority did not ratify it."
            found.facts.append(("Urgent suspension", lapsed))
    if code in ("L11", "L12", "L18"):
        add_notice(found, case, at)
    if code in ("L15", "L16", "L17", "L18", "L19") and case.valid_to is not None:
        found.words |= {"valid_to": day(case.valid_to), "urgent": _urgent(case, at) if code == "L16" else ""}
        found.facts.append(("Term of the certificate", f"to {day(case.valid_to)}"))
    return found


def _urgent(case: NocApplication, at: datetime) -> str:
    """What follows a suspension that did not wait for an answer; nothing after one that did."""
    made = audit.history(case).filter(event="suspend_noc_urgently", at=at).last()
    if made is None:
        return ""
    today = timezone.localdate(at)
    heard, ratified = (
        day(figures.last_day(key, today, on=case.began_on)) for key in ("suspension.hearing", "suspension.ratification")
    )
    return (
        f" It is made before you were heard, because it cannot wait: you will be heard by {heard}. It ends if the "
        f"board of the Authority does not ratify it by {ratified}."
    )


def of_setup(setup: SetUp, code: str, at: datetime) -> About:
    firm = setup.firm
    found = About(firm, "SET", firm.legal_name, address_of(setup.noc), registered_at_home(firm), setup.reference)
    found.facts = [("NOC application", setup.noc.reference)]
    if code == "L20":
        due = due_day(setup, "set_up", at=at)
        found.words = {"due": due, "share": f"{setup.minimum_share(at):f}"}
        found.facts.append(("To be finished by", due))
        found.steps = [str(label) for label in MilestoneCode.labels]
    elif code == "L24":
        found.facts.append(("Was to be finished by", day(setup.last_day(at))))
    else:
        found.words = {"subsidiary": setup.subsidiary_name}
        found.facts += [
            ("Local subsidiary", setup.subsidiary_name),
            ("SECP CUIN", setup.cuin),
            ("Share of the NOC holder", f"{setup.share}%"),
        ]
    return found


def of_milestone(milestone: Milestone, code: str, at: datetime) -> About:
    setup = milestone.setup
    found = About(
        setup.firm, "SET", setup.firm.legal_name, address_of(setup.noc), registered_at_home(setup.firm), setup.reference
    )
    found.words = {"milestone": str(milestone), "due": day(setup.last_day(at))}
    found.facts = [("Set-up", setup.reference), ("Milestone", str(milestone))]
    return found


def of_aml(registration: AmlRegistration, code: str, at: datetime) -> About:
    setup = registration.setup
    name = setup.subsidiary_name or setup.firm.legal_name
    found = About(setup.firm, "SET", name, local_address_of(setup), cuin_of(setup.cuin), registration.reference)
    found.facts = [
        ("Request", registration.reference),
        ("No Objection Certificate", setup.noc.reference),
        ("goAML registration", str(setup.particulars("M3").get("goaml_number", ""))),
    ]
    found.activities = [title for _, title in registration.service_titles()]
    if code == "L25":
        ended = audit.history(registration).filter(at=at, to_state=AmlState.ENDED).last()
        permitted = audit.history(registration).filter(to_state=AmlState.PERMITTED).last()
        if permitted and ended and ended.from_state == AmlState.PERMITTED:
            outcome = f"The permission that the Authority gave on {day(permitted.at)} has ended on {day(at)}"
        else:
            outcome = f"No permission was given, and the request is closed on {day(at)}"
        found.words = {"outcome": f"{outcome}, for the reasons given below."}
    return found


def of_full(case: LicenceApplication, code: str, at: datetime) -> About:
    if code == "L40":
        return of_licence(case.issued_licence, code, at)
    found = About(
        case.firm, "FUL", case.applicant_name, local_address_of(case.setup), cuin_of(case.setup.cuin), case.reference
    )
    found.facts = [
        ("Application", case.reference),
        *received(case),
        ("Parent", case.firm.legal_name),
    ]
    found.activities = [Activity(each).label for each in case.requested_activities]
    _add_what_goes_back(found, case, code, at)
    if code == "L32":
        found.words = {"due": due_day(case, "decision", at=at)}
        found.facts.append(("Decision due by", found.words["due"]))
    found.conditions = conditions_of(case)
    if code in ("L11", "L12"):
        add_notice(found, case, at)
    return found


def _add_what_goes_back(found: About, case: NocApplication | LicenceApplication, code: str, at: datetime) -> None:
    """What an applicant is to complete or to answer: the list as it was put at that moment, and the last day."""
    if code in ("L02", "L31"):
        found.items = [str(each) for each in Deficiency.objects.about(case).filter(returned_at=at)]
        found.words = {"due": due_day(case, "answer", at=at)}
    elif code in ("L05", "L33"):
        asked = RequestMessage.objects.filter(
            item__request__in=InformationRequest.objects.about(case), kind=RequestMessage.Kind.QUESTION, said_at=at
        )
        messages = list(asked.select_related("item__request").order_by("item__request_id", "item__number"))
        found.items = [each.words for each in messages]
        requests = {each.item.request_id: each.item.request for each in messages}.values()
        found.facts.append(("Request", ", ".join(each.reference for each in requests)))
        found.words = {"due": due_day(messages[0].item.request, "answer", at=at)}
    if "due" in found.words:
        found.facts.append(("To be answered by", found.words["due"]))
