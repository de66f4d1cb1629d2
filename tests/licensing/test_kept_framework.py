"""A case is judged to its end by the framework under which its assessment began; a licence by the one of the day."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from licensing.actions import framework
from licensing.actions.firms import register_firm
from licensing.faces.rules import rules_panel
from licensing.models import Criterion, NocApplication, SetUp
from licensing.models.assessed import assessed_by, criteria_asked_of
from licensing.models.checklists import checklist_of
from pvara.demo import path
from pvara.kernel.seen import mark
from tests.licensing import judging

APRIL = date(2026, 4, 1)


def another_criterion(people, at):
    """The second version asks for one thing more, and for one thing less, of the same weight."""

    def change(draft):
        dropped = Criterion.objects.get(domain__framework=draft, code="1.8")
        said = {**dropped.said, "code": "1.9", "title": "Records kept in Pakistan"}
        framework.remove_criterion(dropped, by=people.supervisor, at=at)
        framework.add_criterion(dropped.domain, by=people.supervisor, at=at, **said)

    return change


@pytest.fixture
def case(firm, people, at):
    """Under assessment since before the second version."""
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def april(case, people, at):
    """The second version is in force."""
    path.published_framework("2.0", APRIL, people=people, at=at, but=another_criterion(people, at))
    return at + timedelta(days=30)


def codes(case, at):
    return {line.criterion.code for line in case.score(at).lines}


def test_a_case_keeps_the_version_of_the_day_on_which_its_assessment_began(case, april):
    assert case.framework.edition == "1.0"
    assert case.framework_at(april).edition == "1.0"
    assert case.score(april).framework.version == "1.0"
    assert ("1.8" in codes(case, april), "1.9" in codes(case, april)) == (True, False)


def test_a_case_that_is_not_assessed_yet_is_scored_by_the_version_in_force(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    path.published_framework("2.0", APRIL, people=people, at=at)
    assert case.framework is None
    assert [case.framework_at(at + timedelta(days=days)).edition for days in (0, 30)] == ["1.0", "2.0"]


def test_the_checklist_is_that_of_the_cases_own_version(case, firm, people, at):
    def mandatory(draft):
        records = Criterion.objects.get(domain__framework=draft, code="1.8")
        seen = mark(records.said)
        framework.change_criterion(records, by=people.supervisor, at=at, seen=seen, mark="mandatory")

    path.published_framework("2.0", APRIL, people=people, at=at, but=mandatory)
    april = at + timedelta(days=30)
    another = register_firm("Soan Exchange", by=people.applicant, at=april, country="Malta", invented=True)
    later = path.noc_case(another, people=people, at=april, until="draft")
    asked = [{each.key for each in checklist_of(each, april)} for each in (case, later)]
    assert ["criterion:1.8" in keys for keys in asked] == [False, True]
    assert "1.8 Record keeping for the longer of seven and ten years: Policy." in later.documents_missing(april)


def test_what_is_outstanding_is_what_the_cases_own_version_asks(case, april):
    said = [each.split()[0] for each in case.ratings_outstanding(april)]
    assert ("1.8" in said, "1.9" in said) == (True, False)


def test_a_firm_is_rated_by_the_version_of_its_case_and_else_by_the_one_in_force(case, firm, april, people):
    assert assessed_by(firm, april).edition == "1.0"
    assert "1.8" in criteria_asked_of(firm, april).values_list("code", flat=True)
    path.step(case, "withdraw", by=people.applicant, at=april, note="It goes elsewhere.")
    assert assessed_by(firm, april).edition == "2.0"
    assert "1.9" in criteria_asked_of(firm, april).values_list("code", flat=True)


def test_a_rating_given_under_another_version_counts_by_its_code(case, firm, april, people):
    path.rate_everything(firm, "NOC", people=people, at=april, rating=3)
    new = Criterion.objects.get(code="1.1", domain__framework__edition="2.0")
    judging.rate(firm, new, by=people.assessor, at=april, rating=2, rationale="Read again.")
    judging.moderate(firm.ratings.get(criterion=new), by=people.moderator, at=april)
    assert next(line.rating for line in case.score(april).lines if line.criterion.code == "1.1") == 2


def test_a_setup_keeps_the_version_of_the_day_on_which_it_was_opened(firm, people, at):
    noc = path.noc_case(firm, people=people, at=at)
    path.published_framework("2.0", APRIL, people=people, at=at)
    setup = SetUp.objects.get(noc=noc)
    assert setup.score(at + timedelta(days=30)).framework.version == "1.0"


def test_the_page_says_which_version_the_case_keeps(case, april, people):
    rule = next(
        each for each in rules_panel(case, people.officer, april).context["rules"] if each.title == "Scoring framework"
    )
    assert (rule.began, rule.holds, rule.why, rule.today) == ("1.0", "1.0", "kept since its assessment began", "2.0")


def test_the_database_lets_no_case_change_its_version(case, april):
    other = Criterion.objects.get(code="1.9").domain.framework
    with pytest.raises(DatabaseError, match="is assessed under the framework with which"), transaction.atomic():
        NocApplication.objects.filter(pk=case.pk).update(framework=other)
    with pytest.raises(DatabaseError, match="is assessed under the framework with which"), transaction.atomic():
        NocApplication.objects.filter(pk=case.pk).update(framework=None)
