"""The bars of the score: at each, just below it, and by the passing of time alone."""

import pytest

from licensing.models import Evidence
from pvara.demo import path
from pvara.kernel import audit
from tests.licensing import judging
from tests.licensing.rules import day, shut


# ── Rated and moderated ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_is_recommended_when_everything_is_rated_and_moderated(firm, people, at, criterion):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    assert len(shut(case, "recommend", at=at)["criteria_are_rated_and_moderated"]) == 15
    path.rate_everything(firm, "NOC", people=people, at=at)
    assert shut(case, "recommend", at=at) == {}
    given = judging.rate(firm, criterion("9.3"), by=people.assessor, at=at, rating=4, rationale="Read again.")
    assert shut(case, "recommend", at=at) == {
        "criteria_are_rated_and_moderated": ("9.3 Marketing controls is not moderated.",)
    }
    judging.moderate(given, by=people.moderator, at=at)
    assert shut(case, "recommend", at=at) == {}


def test_the_full_licence_asks_for_more_criteria_than_the_noc(confirmed, people, at):
    case = path.full_case(confirmed, people=people, at=at, until="under_assessment")
    assert len(shut(case, "recommend", at=at)["criteria_are_rated_and_moderated"]) == 27


def test_a_set_up_is_confirmed_when_its_criteria_are_rated_and_moderated(opened, people, at, rated):
    for milestone in opened.milestones.all():
        given = path.submit_milestone(milestone, people=people, at=at)
        path.step(given, "verify", by=people.officer, at=at)
    firm, by = opened.firm, people.supervisor
    waiting = (
        "1.6 goAML registration and STR/CTR process is not rated.",
        "3.5 Local management and substance is not rated.",
        "7.1 Paid-up capital at or above the category minimum is not rated.",
    )
    assert shut(opened, "confirm_setup", by=by, at=at)["criteria_are_rated_and_moderated"] == waiting
    path.supply(firm, "SETUP", people=people, at=at)
    for piece in Evidence.objects.filter(firm=firm, state="uploaded").order_by("pk"):
        path.step(piece, "accept", by=people.officer, at=at)
    given = [rated(code, 4) for code in ("1.6", "3.5", "7.1")]
    # By the assessor's word alone the score clears gate G2, and nothing is confirmed.
    assert shut(opened, "confirm_setup", by=by, at=at) == {
        "criteria_are_rated_and_moderated": tuple(each.replace("not rated", "not moderated") for each in waiting)
    }
    for each in given:
        judging.moderate(each, by=people.moderator, at=at)
    assert shut(opened, "confirm_setup", by=by, at=at) == {}


# ── The bars ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_g1_open_keeps_the_score_in_the_record(recommended, people, at):
    path.vote(recommended, "grant_noc", people=people, at=at)
    assert shut(recommended, "grant_noc", by=people.member, at=at) == {}
    granted = path.step(recommended, "grant_noc", by=people.member, at=at)
    kept = audit.history(granted).last().data["gates"]["score_clears_g1"]
    assert (kept["framework"], kept["phase"], kept["total"]) == ("1.0", "NOC", "100")
    assert kept == granted.score_facts(at)


def test_g1_shut_names_every_bar_and_the_case_may_be_refused(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=2)
    case = path.step(case, "recommend", by=people.supervisor, at=at, note="Not met.")
    path.prepare(case, "notify_refusal", people=people, at=at)
    path.vote(case, "grant_noc", people=people, at=at)
    assert shut(case, "grant_noc", by=people.member, at=at) == {
        "score_clears_g1": (
            "The total is 50.00%; the bar is 60.00%.",
            "D1 AML/CFT/CPF stands at 50.00%; the floor is 60.00%.",
            "D3 Governance and fit and proper stands at 50.00%; the floor is 60.00%.",
            "1.5 In-house MLRO, not outsourced is a knock-out: it counts 2, at least 3 is needed.",
            "2.1 UNSC, NACTA and domestic list screening and freezing is a knock-out: it counts 2, "
            "at least 3 is needed.",
            "3.1 Beneficial owners disclosed down to natural persons is a knock-out: it counts 2, "
            "at least 3 is needed.",
            "3.2 Key individuals fit and proper is a knock-out: it counts 2, at least 3 is needed.",
        )
    }
    assert shut(case, "notify_refusal", by=people.member, at=at) == {}


def test_g2_asks_for_more_in_aml_than_g1_did(confirmed_but_for_the_score, people, at, rerate):
    done = confirmed_but_for_the_score
    # D1 has 14 points at set-up. 1.2 weighs 2: at 0 it leaves 36 of 56 quarter points, at 1 it leaves 38.
    rerate("1.2", 0, at=at)
    assert shut(done, "confirm_setup", by=people.supervisor, at=at) == {
        "score_clears_g2": ("D1 AML/CFT/CPF stands at 64.29%; the floor is 65.00%.",)
    }
    rerate("1.2", 1, at=at)
    assert shut(done, "confirm_setup", by=people.supervisor, at=at) == {}


def test_whoever_verified_a_milestone_does_not_confirm_the_set_up(confirmed_but_for_the_score, people, at, also):
    done = confirmed_but_for_the_score
    assert shut(done, "confirm_setup", by=also(people.officer, "supervisor"), at=at) == {
        "confirmer_did_not_verify": (),
        # The officer verifies milestones because the case is theirs.
        "decider_is_not_case_officer": (),
    }
    assert shut(done, "confirm_setup", by=people.supervisor, at=at) == {}


@pytest.fixture
def confirmed_but_for_the_score(opened, people, at):
    for milestone in opened.milestones.all():
        milestone = path.submit_milestone(milestone, people=people, at=at)
        path.step(milestone, "verify", by=people.officer, at=at)
    path.rate_everything(opened.firm, "SETUP", people=people, at=at, rating=3)
    return opened


def test_g3_at_its_bar_and_just_below_on_both_of_its_days(full_recommended, people, at, later, rerate):
    case = full_recommended
    path.prepare(case, "approve_with_conditions", people=people, at=at)
    assert shut(case, "approve_with_conditions", by=people.member, at=at) == {}
    # One point of a hundred, from largely to partial: a quarter of a point.
    rerate("1.8", 2, at=at)
    missed = {"score_clears_g3": ("The total is 74.75%; the bar is 75.00%.",)}
    assert shut(case, "approve_with_conditions", by=people.member, at=at) == missed
    rerate("1.8", 3, at=at)
    case = path.step(case, "approve_with_conditions", by=people.member, at=at)
    # And again on the day of the grant.
    path.vote(case, "grant_licence", people=people, at=at)
    assert shut(case, "grant_licence", by=people.board, at=at) == {}
    rerate("1.8", 2, at=later(1))
    assert shut(case, "grant_licence", by=people.board, at=later(1)) == missed


def test_in_the_band_of_g3_a_licence_is_approved_with_conditions_only(full_recommended, people, at):
    case = full_recommended
    path.vote(case, "approve_in_principle", people=people, at=at)
    assert shut(case, "approve_in_principle", by=people.member, at=at) == {"score_is_clear_of_g3_conditions": ()}
    path.draft(case, "Close the finding on keys.", people=people, at=at)
    case = path.decide(case, "approve_with_conditions", people=people, at=at)
    assert [each.text for each in case.imposed_conditions] == ["Close the finding on keys."]
    granted = path.decide(case, "grant_licence", people=people, at=at)
    assert granted.issued_licence.imposed_conditions == case.imposed_conditions


def test_a_licence_that_fell_into_the_band_after_its_approval_is_not_granted(
    full_recommended, people, at, later, rerate
):
    case = full_recommended
    # From 75: 41 points raised from largely to fully met are a quarter of 41 more, 85.25.
    for code in ("2.1", "3.1", "3.2", "4.1", "5.1", "1.4", "2.2", "5.2", "5.3", "6.1", "6.4", "7.1"):
        rerate(code, 4, at=at)
    case = path.decide(case, "approve_in_principle", people=people, at=at)
    path.vote(case, "grant_licence", people=people, at=at)
    assert shut(case, "grant_licence", by=people.board, at=at) == {}
    # One point of four less: 84.25.
    rerate("2.1", 3, at=later(1))
    assert shut(case, "grant_licence", by=people.board, at=later(1)) == {
        "conditions_are_imposed_where_compulsory": ("The score clears gate G3 with conditions only.",)
    }


def test_in_the_band_of_g1_a_noc_is_granted_with_conditions_only(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    # 26 points at 3 and 10 at 1 are 88 of 144: 61.11%.
    partly = dict.fromkeys(("4.1", "4.2", "6.6", "7.3", "9.3"), 1)
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3, but=partly)
    case = path.step(case, "recommend", by=people.supervisor, at=at, note="Met, with conditions.")
    path.vote(case, "grant_noc", people=people, at=at)
    assert shut(case, "grant_noc", by=people.member, at=at) == {"score_is_clear_of_g1_conditions": ()}
    path.draft(case, "File audited accounts.", people=people, at=at)
    case = path.decide(case, "grant_with_conditions", people=people, at=at)
    assert (case.state, case.public_conditions) == ("granted", ["File audited accounts."])
    assert case.setup.state == "open"


def test_g3_falls_by_time_alone(full_recommended, people, at):
    case = path.decide(full_recommended, "approve_with_conditions", people=people, at=at)
    path.vote(case, "grant_licence", people=people, at=at)
    # Two criteria have evidence of one month; it expired on 4 April and its grace of 30 days ends on 4 May.
    # The score lets the grace pass; the grant itself does not.
    expired = {
        "evidence_is_unexpired": (
            "5.3 One-to-one reserves, reconciled daily: upload what proves it today.",
            "7.2 Net liquid assets of at least 1.2 times monthly costs: upload what proves it today.",
        )
    }
    assert shut(case, "grant_licence", by=people.board, at=day(2026, 4, 4, 23, 59)) == {}
    for moment in (day(2026, 4, 5), day(2026, 5, 4, 23, 59)):
        assert shut(case, "grant_licence", by=people.board, at=moment) == expired
    assert shut(case, "grant_licence", by=people.board, at=day(2026, 5, 5)) == expired | {
        "score_clears_g3": (
            "The total is 71.25%; the bar is 75.00%.",
            "D5 Custody, segregation and proof of reserves stands at 58.93%; the floor is 70.00%.",
            "5.3 One-to-one reserves, reconciled daily is mandatory: it counts 0, at least 3 is needed.",
            "7.2 Net liquid assets of at least 1.2 times monthly costs is mandatory: it counts 0, "
            "at least 3 is needed.",
        ),
        "criteria_of_the_activities_are_met": (
            "Custody: 5.3 One-to-one reserves, reconciled daily counts 0; 3 is needed.",
        ),
    }
