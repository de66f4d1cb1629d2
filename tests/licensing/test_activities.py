"""The table of activities, and the gates that hold an application against the terms of what it asks for."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from licensing.actions import full
from licensing.actions.activities import load_activities
from licensing.models import ActivityKind
from licensing.models.activities import terms_in_force
from licensing.states import Activity
from pvara.demo import answers, path
from pvara.kernel import audit
from tests.licensing import judging
from tests.licensing.rules import day, shut

GIVEN = json.loads((settings.BASE_DIR / "fixtures" / "activities.json").read_text())
CAPITAL = "capital_is_paid_up"
CRITERIA = "criteria_of_the_activities_are_met"
APPROVALS = ["approve_in_principle", "approve_with_conditions"]


@pytest.fixture
def recommended(firm, people, at):
    """`recommended("exchange", capital="114000000")`: a licence application that waits for the committee."""

    def case(*activities, capital="800000000", rating=4):
        setup = path.noc_case(firm, people=people, at=at).setup
        for milestone in setup.milestones.all():
            changed = {"capital_pkr": capital} if milestone.code == "M7" else {}
            path.step(
                path.submit_milestone(milestone, people=people, at=at, **changed), "verify", by=people.officer, at=at
            )
        path.rate_everything(firm, "SETUP", people=people, at=at)
        done = path.step(setup, "confirm_setup", by=people.supervisor, at=at)
        application = full.open_licence_application(done, by=people.applicant, at=at)
        application = path.fill_in(application, people=people, at=at, activities=list(activities))
        application = path.step(application, "submit", by=people.applicant, at=at)
        application = path.step(application, "accept_intake", by=people.officer, at=at)
        path.tick_off(application, people=people, at=at)
        application = path.step(application, "declare_complete", by=people.officer, at=at)
        path.consult(application, people=people, at=at)
        application = path.inspect(application, people=people, at=at)
        path.rate_everything(firm, "FULL", people=people, at=at, rating=rating)
        return path.step(application, "recommend", by=people.supervisor, at=at, note="Met.")

    return case


# ── The table ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_activity_has_terms_and_none_claims_to_be_gazetted(regime):
    terms = terms_in_force(date(2026, 3, 4))
    assert list(terms) == Activity.values
    assert {each.source.partition(":")[0] for each in terms.values()} == {"not gazetted; sample"}
    assert [code for code, each in terms.items() if each.aml_service] == [
        "exchange",
        "custody",
        "brokerage",
        "derivatives",
    ]


def test_loading_again_adds_nothing_and_overwrites_nothing(regime):
    changed = deepcopy(GIVEN)
    changed["activities"][0]["minimum_capital_pkr"] = "1"
    assert load_activities(changed) == 0
    assert terms_in_force(date(2026, 3, 4))["exchange"].minimum_capital_pkr == Decimal(114_000_000)
    call_command("load_activities", verbosity=0)
    assert ActivityKind.objects.count() == len(Activity.values)


def test_terms_that_name_an_unknown_criterion_are_refused(regime):
    changed = {**deepcopy(GIVEN), "effective_from": "2027-01-01"}
    changed["activities"][0]["criteria"] = ["99.9"]
    with pytest.raises(ValidationError, match=r"exchange: no framework has 99\.9\."):
        load_activities(changed)
    assert ActivityKind.objects.count() == len(Activity.values)


def test_a_later_row_takes_over_on_its_day(regime):
    changed = {**deepcopy(GIVEN), "effective_from": "2027-01-01"}
    changed["activities"] = [{**changed["activities"][0], "minimum_capital_pkr": "228000000"}]
    assert load_activities(changed) == 1
    capital = [terms_in_force(on)["exchange"].minimum_capital_pkr for on in (date(2026, 12, 31), date(2027, 1, 1))]
    assert capital == [Decimal(114_000_000), Decimal(228_000_000)]


def test_the_database_lets_no_row_of_terms_change(regime):
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        ActivityKind.objects.filter(code="exchange").update(minimum_capital_pkr=1)


# ── Capital ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("move", APPROVALS)
def test_capital_at_the_highest_minimum_opens_and_a_rupee_less_shuts(recommended, people, at, move):
    case = recommended("custody", "exchange", capital="113999999")
    path.prepare(case, move, people=people, at=at)
    said = "PKR 113,999,999 is verified; Exchange asks for PKR 114,000,000.00."
    assert shut(case, move, by=people.member, at=at) == {CAPITAL: (said,)}


def test_the_facts_of_the_capital_are_kept_with_the_approval(recommended, people, at):
    case = recommended("custody", "exchange", capital="114000000")
    case = path.decide(case, "approve_in_principle", people=people, at=at)
    entry = audit.history(case).filter(event="approve_in_principle").get()
    assert entry.data["gates"][CAPITAL] == {
        "capital_pkr": "114000000",
        "minimum_pkr": "114000000.00",
        "activity": "exchange",
    }
    assert entry.data["gates"][CRITERIA] == {"exchange": ["8.1", "8.2", "8.3"], "custody": ["5.2", "5.3", "5.4"]}
    path.vote(case, "grant_licence", people=people, at=at)
    assert shut(case, "grant_licence", by=people.board, at=at) == {}


def test_capital_that_is_no_longer_verified_keeps_the_licence_back(recommended, people, at):
    case = path.decide(recommended("custody"), "approve_in_principle", people=people, at=at)
    path.vote(case, "grant_licence", people=people, at=at)
    # As if the particulars had been lost: nothing but a verified figure counts.
    type(case.setup.milestones.get(code="M7")).objects.filter(code="M7").update(particulars={})
    said = "No paid-up capital is verified; Custody asks for PKR 45,600,000.00."
    assert shut(case, "grant_licence", by=people.board, at=at) == {CAPITAL: (said,)}


def test_a_case_keeps_the_terms_it_was_opened_under(recommended, people, at, later):
    case = recommended("custody", capital="45600000")
    changed = {**deepcopy(GIVEN), "effective_from": "2026-03-05"}
    changed["activities"] = [{**changed["activities"][1], "minimum_capital_pkr": "45600001"}]
    load_activities(changed)
    path.vote(case, "approve_in_principle", people=people, at=at)
    assert shut(case, "approve_in_principle", by=people.member, at=later(2)) == {}


def test_an_activity_without_terms_cannot_be_had(recommended, people, at):
    case = recommended("custody")
    path.vote(case, "approve_in_principle", people=people, at=at)
    type(case).objects.filter(pk=case.pk).update(opened_at=day(2025, 7, 8))
    said = ("Custody: no terms were in force on 8 July 2025.",)
    assert shut(case, "approve_in_principle", by=people.member, at=at) == {CAPITAL: said, CRITERIA: said}


# ── Criteria ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("move", APPROVALS)
def test_a_criterion_of_the_activity_must_be_largely_met(recommended, people, criterion, firm, at, move):
    """8.2 is neither mandatory nor a knock-out: it is asked of who runs a market, and of nobody else."""
    case = recommended("exchange")
    path.prepare(case, move, people=people, at=at)
    given = judging.rate(firm, criterion("8.2"), by=people.assessor, at=at, rating=2, rationale="Read again.")
    judging.moderate(given, by=people.moderator, at=at)
    said = "Exchange: 8.2 Listing and delisting standards counts 2; 3 is needed."
    assert shut(case, move, by=people.member, at=at) == {CRITERIA: (said,)}
    given = judging.rate(firm, criterion("8.2"), by=people.assessor, at=at, rating=3, rationale="Read again.")
    judging.moderate(given, by=people.moderator, at=at)
    assert shut(case, move, by=people.member, at=at) == {}


def test_nobody_is_asked_for_the_criteria_of_what_they_do_not_want(recommended, people, criterion, firm, at):
    case = recommended("custody")
    path.vote(case, "approve_in_principle", people=people, at=at)
    given = judging.rate(firm, criterion("8.2"), by=people.assessor, at=at, rating=2, rationale="Read again.")
    judging.moderate(given, by=people.moderator, at=at)
    assert shut(case, "approve_in_principle", by=people.member, at=at) == {}


# ── What it is called ────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_activity_may_be_asked_for_on_both_forms(recommended, people, at):
    case = path.decide(recommended(*Activity.values), "approve_in_principle", people=people, at=at)
    licence = path.decide(case, "grant_licence", people=people, at=at).issued_licence
    assert licence.activity_titles == Activity.labels
    assert answers.SAID["activities"] == ["exchange", "custody"]
