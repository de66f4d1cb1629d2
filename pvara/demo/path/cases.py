"""The cases of the path: the NOC, the set-up, the full licence."""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from licensing.actions import (
    aml,
    applications,
    checklists,
    deficiencies,
    full,
    noc,
    requests,
    setup,
)
from licensing.models import (
    AmlRegistration,
    Deficiency,
    Firm,
    Licence,
    LicenceApplication,
    Milestone,
    NocApplication,
    SetUp,
)
from licensing.models.checklists import checklist_of
from pvara.demo import answers
from pvara.demo.path.people import People, decide, heard, step
from pvara.demo.path.work import consult, disclose, inspect, pay, rate_everything, supply
from pvara.kernel import figures
from pvara.kernel.seen import mark


def fill_in(case: Any, *, people: People, at: datetime, **changed: Any) -> Any:
    """Answer, upload the documents, pay and sign."""
    supply(case.firm, case.phase, people=people, at=at)
    for section, said in answers.to(case.form, **changed).items():
        seen = mark(case.answers_of(section))
        case = applications.save_answers(case, section, said, by=people.applicant, at=at, seen=seen)
    case = applications.give_fee_reference(case, f"FEE-{case.reference}", by=people.applicant, at=at)
    return applications.sign_declaration(case, by=people.applicant, at=at, seen=mark(case.answers))


def tick_off(case: Any, *, people: People, at: datetime) -> None:
    """The case officer finds every item of the completeness checklist in order."""
    items = checklist_of(case, at)
    found = {each.key: ("in_order", "Described in the form.") for each in items}
    seen = mark({each.key: each.found for each in items})
    checklists.check_items(case, found, by=people.officer, at=at, seen=seen)


def draft_deficiency(case: Any, missing: str, *, people: People, at: datetime) -> None:
    deficiencies.draft_deficiency(case, by=people.officer, at=at, missing=missing)


def returned(case: Any, *missing: str, people: People, at: datetime) -> Any:
    """The case, returned to its applicant for what is missing."""
    for each in missing:
        draft_deficiency(case, each, people=people, at=at)
    return step(case, "return_incomplete", by=people.supervisor, at=at, note="Please complete the application.")


def resubmitted(case: Any, *, people: People, at: datetime) -> Any:
    """Everything that was missing answered, the form signed again and submitted."""
    for each in Deficiency.objects.about(case).asked():
        seen = mark(each.answered)
        deficiencies.answer_deficiency(each, by=people.applicant, at=at, answer="It is made good.", seen=seen)
    applications.sign_declaration(case, by=people.applicant, at=at, seen=mark(case.answers))
    return step(case, "resubmit", by=people.applicant, at=at)


def draft_question(case: Any, question: str, *, people: People, at: datetime) -> None:
    requests.draft_question(case, by=people.officer, at=at, question=question)


def asked(case: Any, *questions: str, people: People, at: datetime) -> Any:
    """The case, waiting for the answers to some questions."""
    for each in questions:
        draft_question(case, each, people=people, at=at)
    return step(case, "raise_rfi", by=people.officer, at=at)


def noc_case(firm: Firm, *, people: People, at: datetime, until: str = "granted", rating: int = 4) -> NocApplication:
    """A NOC application in the state `until`, reached move by move."""
    case = noc.open_noc_application(firm, by=people.applicant, at=at)
    if until == "draft":
        return case
    case = step(fill_in(case, people=people, at=at), "submit", by=people.applicant, at=at)
    if until == "submitted":
        return case
    pay(case, people=people, at=at)
    case = step(case, "accept_intake", by=people.officer, at=at)
    if until == "completeness_check":
        return case
    tick_off(case, people=people, at=at)
    case = step(case, "declare_complete", by=people.officer, at=at)
    # Another case of the firm may have asked for them before.
    if not firm.key_individuals.exists():
        disclose(firm, people=people, at=at)
    consult(case, people=people, at=at)
    if until == "under_assessment":
        return case
    rate_everything(firm, "NOC", people=people, at=at, rating=rating)
    case = step(case, "recommend", by=people.supervisor, at=at, note="All criteria are met.")
    if until == "recommended":
        return case
    if until in ("minded_to_refuse", "refused"):
        case = decide(case, "notify_refusal", people=people, at=at, note="The score is below the bar in AML/CFT.")
        if until == "minded_to_refuse":
            return case
        heard(case, people=people, at=at)
        return decide(case, "refuse_noc", people=people, at=at, note="The score is below the bar in AML/CFT.")
    return decide(case, "grant_noc", people=people, at=at)


def submit_milestone(milestone: Milestone, *, people: People, at: datetime, **changed: Any) -> Milestone:
    said = {**answers.milestone(milestone.code, firm=milestone.setup.firm_id), **changed}
    setup.describe_milestone(milestone, said, by=people.applicant, at=at, seen=mark(milestone.described))
    proof = SimpleUploadedFile("proof.txt", f"What proves {milestone}.\n".encode(), "text/plain")
    setup.prove_milestone(milestone, proof, title=f"Proof of {milestone.code}", by=people.applicant, at=at)
    return step(milestone, "submit", by=people.applicant, at=at)


def aml_request(done: SetUp, *, people: People, at: datetime) -> AmlRegistration:
    """A request for AML Registered Services, in a world where the Authority has switched them on."""
    source = "Switched on for the demonstration only."
    row = next(each for each in figures.shipped() if each["key"] == "aml.enabled")
    on = {"value": True, "source": source, "effective_from": str(timezone.localdate(at))}
    figures.load([{**row, **on}])
    return aml.request_aml_services(done, ["exchange"], reasons="For the first clients.", by=people.applicant, at=at)


def confirmed_setup(case: NocApplication, *, people: People, at: datetime, rating: int = 4) -> SetUp:
    """The set-up of a NOC holder, every milestone verified and confirmed."""
    for milestone in case.setup.milestones.all():
        changed = {"subsidiary_name": f"{case.firm} Pakistan (Pvt) Limited"} if milestone.code == "M1" else {}
        step(submit_milestone(milestone, people=people, at=at, **changed), "verify", by=people.officer, at=at)
    rate_everything(case.firm, "SETUP", people=people, at=at, rating=rating)
    return step(case.setup, "confirm_setup", by=people.supervisor, at=at)


def full_case(
    done: SetUp, *, people: People, at: datetime, until: str = "licensed", rating: int = 4
) -> LicenceApplication:
    """A full application in the state `until`, reached move by move."""
    case = full.open_licence_application(done, by=people.applicant, at=at)
    if until == "draft":
        return case
    case = step(fill_in(case, people=people, at=at), "submit", by=people.applicant, at=at)
    if until == "submitted":
        return case
    pay(case, people=people, at=at)
    case = step(case, "accept_intake", by=people.officer, at=at)
    if until == "completeness_check":
        return case
    tick_off(case, people=people, at=at)
    case = step(case, "declare_complete", by=people.officer, at=at)
    consult(case, people=people, at=at)
    case = inspect(case, people=people, at=at)
    if until == "under_assessment":
        return case
    rate_everything(done.firm, "FULL", people=people, at=at, rating=rating)
    case = step(case, "recommend", by=people.supervisor, at=at, note="All criteria are met.")
    if until == "recommended":
        return case
    # As the committee would: a score in the band in which conditions are compulsory gets one.
    if case.score(at).verdict("G3").conditions_compulsory:
        case = decide(case, "approve_with_conditions", people=people, at=at)
    else:
        case = decide(case, "approve_in_principle", people=people, at=at)
    if until == "in_principle":
        return case
    pay(case, people=people, at=at)
    return decide(case, "grant_licence", people=people, at=at)


def licensed(firm: Firm, *, people: People, at: datetime, rating: int = 4) -> Licence:
    """A firm taken the whole way, a day a phase, so that it is licensed two days after `at`."""
    granted = noc_case(firm, people=people, at=at, rating=rating)
    done = confirmed_setup(granted, people=people, at=at + timedelta(days=1), rating=rating)
    case = full_case(done, people=people, at=at + timedelta(days=2), rating=rating)
    return Licence.objects.get(application=case)
