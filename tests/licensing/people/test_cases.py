"""What a change of the MLRO does to ratings, and what a case asks of the people of a firm."""

import pytest

from licensing.models import KeyIndividual, Rating
from licensing.models.scores import criteria_outstanding
from licensing.states import CheckKind
from pvara.demo import path
from pvara.kernel import audit
from tests.licensing.people import check, day
from tests.licensing.rules import shut


# ── A change of the MLRO ──────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_mlro_leaves_the_ratings_alone(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at)
    path.approved(firm, "mlro", people=people, at=at)
    assert criteria_outstanding(firm, "NOC", at) == []


def test_a_departure_and_a_new_mlro_ask_for_new_ratings(firm, officers, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at)
    waiting = [
        "1.5 In-house MLRO, not outsourced is not rated.",
        "3.2 Key individuals fit and proper is not rated.",
    ]
    path.step(officers[2], "report_departure", by=people.applicant, at=at, note="Retired.")
    assert criteria_outstanding(firm, "NOC", at) == waiting
    entry = audit.history(firm).filter(event="criteria_reopened").get()
    assert (entry.actor, entry.note) == (people.applicant, "M. Reporting is no longer the MLRO.")
    assert entry.data == {"criteria": ["1.5", "3.2"]}
    # Nothing that was given is lost, and no score moves until a moderator has seen the new ratings.
    assert Rating.objects.filter(firm=firm, criterion__code="1.5").count() == 1
    path.rate_anew(firm, "1.5", "3.2", people=people, at=at)
    assert criteria_outstanding(firm, "NOC", at) == []
    path.approved(firm, "mlro", people=people, at=at, full_name="N. Ew")
    assert criteria_outstanding(firm, "NOC", at) == waiting


def test_who_was_never_approved_leaves_without_a_trace_in_the_ratings(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at)
    for individual in (
        path.nominate(firm, "mlro", people=people, at=at),
        path.vet(path.nominate(firm, "mlro", people=people, at=at), people=people, at=at),
        path.approved(firm, "director", people=people, at=at),
    ):
        path.step(individual, "report_departure", by=people.applicant, at=at, note="Left.")
    path.approved(firm, "mlro", people=people, at=at)
    assert criteria_outstanding(firm, "NOC", at) == []


# ── What a case asks ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def assessed(firm, people, at):
    """A NOC application that lacks nothing but the recommendation."""
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at)
    return case


def the(firm, role):
    return KeyIndividual.objects.get(firm=firm, roles__contains=[role])


GATE = "key_individuals_are_fit_and_proper"


def test_a_case_without_an_mlro_is_not_recommended(assessed, firm, people, at):
    assert shut(assessed, "recommend", at=at) == {}
    path.step(the(firm, "mlro"), "report_departure", by=people.applicant, at=at, note="Left.")
    path.rate_anew(firm, "1.5", "3.2", people=people, at=at)
    assert shut(assessed, "recommend", at=at) == {
        GATE: ("Money-laundering reporting officer (MLRO): nobody is approved.",)
    }


def test_everybody_who_is_there_is_approved(assessed, firm, people, at):
    waiting = path.nominate(firm, "director", people=people, at=at)
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director: nominated.",)}
    path.vet(waiting, people=people, at=at, police="adverse")
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director: being vetted.",)}
    objected = path.step(waiting, "object_to", by=people.supervisor, at=at, note="A conviction.")
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director: objected to.",)}
    path.step(objected, "report_departure", by=people.applicant, at=at, note="Dismissed.")
    assert shut(assessed, "recommend", at=at) == {}


def test_what_was_found_since_the_approval_counts(assessed, firm, people, at):
    director = path.vet(path.nominate(firm, "director", people=people, at=at), people=people, at=at, police="concern")
    path.step(director, "approve_with_conditions", by=people.member, at=at, note="Report every year.")
    assert shut(assessed, "recommend", at=at) == {}
    check(director, people, at, kind="regulatory", result="adverse", note="Fined abroad.")
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director. Regulatory record: adverse.",)}


def test_a_police_check_that_has_run_out_is_renewed(assessed, firm, people):
    late = day(2026, 9, 5)
    assert shut(assessed, "recommend", at=day(2026, 9, 4)).get(GATE) is None
    assert len(shut(assessed, "recommend", at=late)[GATE]) == 3
    for individual in KeyIndividual.objects.filter(firm=firm):
        check(individual, people, late)
    assert shut(assessed, "recommend", at=late).get(GATE) is None


@pytest.mark.parametrize("move", ["grant_noc", "grant_with_conditions"])
def test_nothing_is_granted_to_a_firm_whose_mlro_has_left(assessed, firm, people, at, move):
    case = path.step(assessed, "recommend", by=people.supervisor, at=at, note="All criteria are met.")
    path.prepare(case, move, people=people, at=at)
    assert shut(case, move, by=people.member, at=at) == {}
    path.step(the(firm, "mlro"), "report_departure", by=people.applicant, at=at, note="Left.")
    assert shut(case, move, by=people.member, at=at) == {
        "officers_are_approved": ("Money-laundering reporting officer (MLRO): nobody is approved.",)
    }


def test_the_milestone_of_the_officers_is_verified_when_they_are_approved(firm, people, at):
    setup = path.noc_case(firm, people=people, at=at).setup
    six, two = (path.submit_milestone(setup.milestones.get(code=code), people=people, at=at) for code in ("M6", "M2"))
    assert shut(six, "verify", by=people.officer, at=at) == {}
    path.step(the(firm, "compliance_officer"), "report_departure", by=people.applicant, at=at, note="Left.")
    assert shut(six, "verify", by=people.officer, at=at) == {
        "officers_are_approved": ("Compliance officer: nobody is approved.",)
    }
    assert shut(two, "verify", by=people.officer, at=at) == {}


def test_the_checks_are_those_of_the_figures(nominated, people, at):
    from pvara.kernel import figures

    figures.load(
        [
            {
                "key": "key_individuals.required_checks",
                "value": ["police"],
                "unit": "words",
                "mark": "I",
                "source": "A test.",
                "effective_from": "2026-03-04",
            }
        ]
    )
    taken_up = path.step(nominated, "take_up", by=people.officer, at=at)
    check(taken_up, people, at)
    assert shut(taken_up, "approve", by=people.supervisor, at=at) == {}
    assert {each.kind for each in taken_up.checks.all()} < set(CheckKind.values)
