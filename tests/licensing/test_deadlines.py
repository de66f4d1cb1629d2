"""When things are due: by the figures of the day on which a case began, and explained stretch by stretch."""

from datetime import date

import pytest

from licensing.actions import requests
from pvara.demo import path
from pvara.kernel import deadlines, figures
from pvara.kernel.machine import machines, moves_of


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def shorter(key: str, value: int, unit: str, on: date) -> None:
    figures.load(
        [{"key": key, "value": value, "unit": unit, "mark": "I", "source": "A test.", "effective_from": str(on)}]
    )


def test_a_case_keeps_the_term_of_the_day_on_which_it_began(case, firm, people, at, later):
    was = deadlines.due_on(case, "decision", at)
    assert was == date(2026, 5, 3)
    shorter("noc.decision", 30, "days", later(5).date())
    assert deadlines.due_on(case, "decision", later(10)) == was
    assert deadlines.explain(case, later(10))[0].figure.amount == 60


def test_a_case_of_a_later_day_has_the_new_term(regime, people, at, later):
    from licensing.actions.firms import register_firm

    shorter("noc.decision", 30, "days", later(5).date())
    other = register_firm("Ravi Exchange", by=people.applicant, at=at, country="Pakistan", invented=True)
    case = path.noc_case(other, people=people, at=later(5), until="submitted")
    assert deadlines.due_on(case, "decision", later(5)) == later(35).date()


def test_a_clock_is_explained_stretch_by_stretch(case, people, later):
    case = path.returned(case, "The policy.", people=people, at=later(2))
    case = path.resubmitted(case, people=people, at=later(14))
    explained = {each.ticking.rule.name: each for each in deadlines.explain(case, later(21))}["intake"]
    assert [(each.running, str(each.first), str(each.last), each.days, each.is_open) for each in explained.spans] == [
        (True, "2026-03-04", "2026-03-06", 2, False),
        (False, "2026-03-06", "2026-03-18", 8, False),
        (True, "2026-03-18", "2026-03-25", 3, True),
    ]
    assert [each.reason for each in explained.spans] == ["Accept intake", "Return 1 as incomplete", "Resubmit"]
    # Eid al-Fitr of 2026 and Pakistan Day are in the holiday table.
    assert explained.spans[2].holidays == (
        "Eid al-Fitr, 20 March 2026",
        "Pakistan Day, 23 March 2026",
    )
    assert explained.ticking.reading.sentence() == "working day 5 of 10, paused 8 working days, due 1 April 2026"
    assert explained.sentence == (
        "working day 5 of 10, paused 8 working days for return 1 as incomplete, completeness check due 1 April 2026"
    )


def test_a_pause_names_the_request_it_was_for(firm, people, at, later):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    case = path.asked(case, "Who owns the holding company?", people=people, at=later(2))
    request = case.requests().get()
    (decision,) = [each for each in deadlines.explain(case, later(7)) if each.ticking.rule.name == "decision"]
    assert (
        decision.sentence == f"day 2 of 60, paused now for request {request.reference}, 5 days (3 working days) so far"
    )
    requests.answer_question(request.items.get(), by=people.applicant, at=later(14), answer="Nobody else.")
    case = path.step(fresh(case), "answer_rfi", by=people.applicant, at=later(15))
    (decision,) = [each for each in deadlines.explain(case, later(44)) if each.ticking.rule.name == "decision"]
    assert decision.sentence == (
        f"day 31 of 60, paused 13 days (9 working days) for request {request.reference}, decision due 16 May 2026"
    )


def test_every_clock_that_a_move_turns_has_its_rule():
    for model in machines():
        turned = {each.split(":")[1] for row in moves_of(model).values() for each in row.clocks} - {"all"}
        assert turned <= {rule.name for rule in model.clocks}, model.__name__
