"""Nominations and checks: what they say, and who makes them."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from licensing.actions import people as actions
from licensing.models import FitAndProperCheck, KeyIndividual
from pvara.demo import answers, path
from pvara.kernel import audit, roles
from tests.licensing.people import check, day


# ── Nomination ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_nomination_is_in_the_record_without_more_particulars_than_it_needs(nominated, people):
    entry = audit.history(nominated).get()
    assert (entry.event, entry.actor, entry.to_state) == ("nominated", people.applicant, "nominated")
    assert entry.data == {"full_name": "M. Reporting", "roles": ["mlro"], "in_house": True}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"full_name": "  "}, {"full_name": ["Write something here."]}),
        ({"document_number": ""}, {"document_number": ["Write something here."]}),
        ({"document_kind": "card"}, {"document_kind": ["Choose the kind of identity document."]}),
        (
            {"in_house": False, "employer": "An outsourcer"},
            {"in_house": ["The MLRO is employed by the firm itself: the function may not be outsourced."]},
        ),
    ],
)
def test_what_a_nomination_lacks_is_said_at_its_field(firm, people, at, changed, said):
    with pytest.raises(ValidationError) as refusal:
        path.nominate(firm, "mlro", people=people, at=at, **changed)
    assert refusal.value.message_dict == said


@pytest.mark.parametrize("chosen", [(), ("mlro", "mlro"), ("king",)])
def test_roles_are_chosen_from_the_list_and_once(firm, people, at, chosen):
    said = answers.individual("mlro")
    with pytest.raises(ValidationError) as refusal:
        actions.nominate(firm, by=people.applicant, at=at, roles=chosen, **said)
    assert refusal.value.message_dict == {"roles": ["Choose at least one role, each once."]}


def test_who_is_employed_elsewhere_has_an_employer_that_is_named(firm, people, at):
    with pytest.raises(ValidationError) as refusal:
        path.nominate(firm, "director", people=people, at=at, in_house=False)
    assert refusal.value.message_dict == {"employer": ["Name the employer of who is not employed by the firm itself."]}
    outside = path.nominate(firm, "director", people=people, at=at, in_house=False, employer="Another Limited")
    assert (outside.in_house, outside.employer) == (False, "Another Limited")


def test_a_key_individual_comes_of_age_on_the_birthday_a_leap_day_too(firm, people):
    """Born on 29 February 2008: eighteen on 28 February 2026, as the calendar counts years back."""
    said = {"people": people, "born_on": date(2008, 2, 29)}
    with pytest.raises(ValidationError, match="at least 18 years old"):
        path.nominate(firm, "director", at=day(2026, 2, 28, 23, 59), **said)
    assert path.nominate(firm, "director", at=day(2026, 3, 1), **said).state == "nominated"


def test_only_who_acts_for_the_firm_nominates(firm, people, at, stranger):
    for person in (stranger, people.officer):
        with pytest.raises(PermissionDenied):
            actions.nominate(firm, by=person, at=at, roles=["director"], **answers.individual("director"))


def test_the_number_of_a_document_is_masked_but_for_its_end():
    said = {"42101-1234567-1": "••••••••••••7-1", "AB123": "•••••", "AB1234": "•••234"}
    assert {number: KeyIndividual(document_number=number).masked_number for number in said} == said


# ── Checks ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_check_is_good_for_as_long_as_its_figure_says(vetted):
    assert {each.kind: each.expires_on for each in vetted.checks.all()} == {
        "police": date(2026, 9, 4),
        "insolvency": date(2028, 3, 4),
        "regulatory": date(2028, 3, 4),
        "references": date(2028, 3, 4),
        "qualification": None,
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"made_on": date(2026, 3, 5)}, {"made_on": ["This day is yet to come."]}),
        ({"kind": "horoscope"}, {"kind": ["Choose what was checked."]}),
        ({"result": "fine"}, {"result": ["Choose the result."]}),
        ({"result": "adverse"}, {"note": ["Say what was found."]}),
    ],
)
def test_a_check_that_cannot_be_right_is_refused(vetted, people, at, changed, said):
    with pytest.raises(ValidationError) as refusal:
        check(vetted, people, at, **changed)
    assert refusal.value.message_dict == said


def test_a_check_made_on_the_day_that_has_just_begun_in_pakistan(vetted, people):
    """19:30 in London on 3 March is half past midnight of the 4th in Karachi."""
    assert check(vetted, people, day(2026, 3, 4, 0, 30), made_on=date(2026, 3, 4)).made_on == date(2026, 3, 4)
    with pytest.raises(ValidationError, match="yet to come"):
        check(vetted, people, day(2026, 3, 3, 23, 59), made_on=date(2026, 3, 4))


def test_who_is_not_being_vetted_is_not_checked(nominated, people, at):
    with pytest.raises(ValidationError, match="is nominated: take up the vetting first"):
        check(nominated, people, at)


def test_only_case_officers_check_and_never_who_decided(vetted, people, at):
    with pytest.raises(PermissionDenied, match="Only case officers record checks"):
        check(vetted, people, at, by=people.supervisor)
    done = path.step(vetted, "approve", by=people.supervisor, at=at)
    roles.grant(people.supervisor, "case_officer", by=None, at=at)
    with pytest.raises(PermissionDenied, match="Whoever decided on the person does not check them"):
        check(done, people, at, by=people.supervisor)


def test_a_check_stands_as_it_was_recorded(vetted):
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        FitAndProperCheck.objects.filter(individual=vetted).update(result="clear")
