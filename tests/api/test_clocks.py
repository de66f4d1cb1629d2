"""The API explains every clock that has started, on whatever row it goes, in the words of the page."""

import pytest

from licensing.models import Consultation, InformationRequest, Milestone
from pvara.demo import life, path
from pvara.kernel import deadlines
from tests.api.program import Program


@pytest.fixture
def officer(people):
    return Program(people.officer)


def told(program, route, row):
    found = program.get(f"{route}/{row.pk}/").json()["clocks"]
    return {each["clock"]: (each["sentence"], each["spans"][-1]["reason"]) for each in found}


def test_a_consultation_and_a_request_explain_their_clocks(officer, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.asked(case, "Which tool is in use?", people=people, at=at)
    for route, row in (
        ("consultations", Consultation.objects.filter(noc=case).first()),
        ("information-requests", InformationRequest.objects.get()),
    ):
        if row is not None:
            shown = told(officer, route, row)
            assert set(shown) == {each.rule.name for each in deadlines.of(row, at)}
            assert all(" of " in sentence and reason for sentence, reason in shown.values())


def test_a_milestone_explains_its_verification(officer, firm, people, at):
    case = path.noc_case(firm, people=people, at=at)
    milestone = path.submit_milestone(Milestone.objects.get(setup=case.setup, code="M2"), people=people, at=at)
    sentence, reason = told(officer, "milestones", milestone)["verification"]
    assert (sentence.startswith("working day "), " of 10, verification due " in sentence, reason) == (
        True,
        True,
        "Submit",
    )


def test_a_licence_and_its_wind_down_explain_theirs(officer, licence, people, at):
    life.surrender_asked(licence, people=people, at=at)
    assert " of 60, " in told(officer, "licences", licence)["surrender"][0]
    # A list says less, in as many questions for thirty rows as for one.
    assert "clocks" not in officer.get("licences/").json()["results"][0]
