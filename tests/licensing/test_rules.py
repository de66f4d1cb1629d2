"""Every gate of licensing, open and shut, asked through the moves that it guards; and maker and checker in the rows."""

from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing import rules
from licensing.actions import applications, evidence, full, measures, noc, ratings, setup
from licensing.models import Deliverable, LicenceApplication, Milestone, Mou, NocApplication, SettingChange
from licensing.rules.interests import person_has_no_interest
from pvara.demo import answers, life, path
from pvara.kernel import audit, roles
from pvara.kernel.gates import Gate
from pvara.kernel.machine import machines, moves_of, unmet


def shut(subject, name, *, by=None, at):
    """The gates in the way of a move, each with its particulars, as the row now is in the database."""
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def day(*said: int) -> datetime:
    return timezone.make_aware(datetime(*said))


@pytest.fixture
def also(at):
    """`also(sana, "committee_member")`: the person takes on a second role."""

    def grant(person, code):
        roles.grant(person, code, by=None, at=at)
        return person

    return grant


@pytest.fixture
def rerate(firm, people, criterion):
    """`rerate("1.8", 2, at=at)`: given anew by the assessor and confirmed by the moderator."""

    def give(code, rating, *, at):
        given = ratings.rate(firm, criterion(code), by=people.assessor, at=at, rating=rating, rationale="Read again.")
        return ratings.moderate(given, by=people.moderator, at=at)

    return give


@pytest.fixture
def draft(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="draft")


@pytest.fixture
def recommended(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


@pytest.fixture
def opened(firm, people, at):
    """A set-up on its first day."""
    return path.noc_case(firm, people=people, at=at, rating=3).setup


@pytest.fixture
def confirmed(opened, people, at):
    return path.confirmed_setup(opened.noc, people=people, at=at, rating=3)


@pytest.fixture
def full_recommended(confirmed, people, at):
    """Largely met throughout: 75%, the very bar of gate G3."""
    return path.full_case(confirmed, people=people, at=at, until="recommended", rating=3)


def test_every_gate_that_is_written_guards_a_move():
    modules = [import_module(each.name) for each in iter_modules(rules.__path__, "licensing.rules.")]
    written = {name for module in modules for name, each in vars(module).items() if isinstance(each, Gate)}
    used = {
        each.code
        for model in machines()
        if model._meta.app_label == "licensing"
        for gates in (model.standing_gates, *(row.gates for row in moves_of(model).values()))
        for each in gates
    }
    assert written == used


def test_no_machine_of_a_firm_is_moved_by_who_has_an_interest_in_it():
    here = [model for model in machines() if model._meta.app_label == "licensing"]
    # An agreement is the state's own, with whomever; being on its team is itself an interest in the firm.
    assert [model for model in here if person_has_no_interest not in model.standing_gates] == [
        Mou,
        Deliverable,
        SettingChange,  # about no firm
    ]


# ── The form ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_untouched_form_is_told_everything_that_it_lacks(draft, at):
    said = shut(draft, "submit", at=at)
    assert list(said) == ["sections_are_complete", "declaration_is_signed"]
    required = [each for section in draft.form for each in section.questions if each.required]
    assert len(said["sections_are_complete"]) == len(required)
    assert said["sections_are_complete"][0] == "The applicant: “Name of the contact person” has no answer."


def test_a_form_that_is_filled_in_signed_and_paid_may_go(draft, people, at):
    assert shut(path.fill_in(draft, people=people, at=at), "submit", at=at) == {}


@pytest.mark.parametrize("nothing", ["", "   ", None])
def test_one_answer_that_is_missing_is_named(draft, people, at, nothing):
    case = path.fill_in(draft, people=people, at=at, mlro=nothing)
    assert shut(case, "submit", at=at) == {
        "sections_are_complete": ("Key individuals: “Money-laundering reporting officer (MLRO)” has no answer.",)
    }


def test_what_is_optional_may_stay_open(draft, people, at):
    assert shut(path.fill_in(draft, people=people, at=at, launch="", employees=""), "submit", at=at) == {}


def test_a_change_after_the_signature_asks_for_a_new_one(draft, people, at):
    case = path.fill_in(draft, people=people, at=at)
    case = applications.save_answers(case, "aml", answers.to(case.form)["aml"], by=people.applicant, at=at)
    assert shut(case, "submit", at=at) == {"declaration_is_signed": ()}
    assert shut(applications.sign_declaration(case, by=people.applicant, at=at), "submit", at=at) == {}


# ── One case, one licence ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_firm_has_one_case_open_and_a_draft_is_not_one(firm, draft, people, at):
    first = path.noc_case(firm, people=people, at=at, until="submitted")
    second = path.fill_in(draft, people=people, at=at)
    assert shut(second, "submit", at=at) == {"no_other_case_is_open": (f"See {first.reference}.",)}


def test_a_decided_case_makes_room_for_another(firm, draft, people, at):
    path.noc_case(firm, people=people, at=at, until="refused", rating=2)
    assert shut(path.fill_in(draft, people=people, at=at), "submit", at=at) == {}


def test_the_database_keeps_one_case_open(firm, draft, people, at):
    path.noc_case(firm, people=people, at=at, until="submitted")
    audit.record(draft, event="submit", by=None, at=at, from_state="draft", to_state="submitted")
    with pytest.raises(IntegrityError, match="noc_one_open_case_a_firm"), transaction.atomic():
        NocApplication.objects.filter(pk=draft.pk).update(state="submitted")


def test_a_firm_with_a_licence_does_not_apply_for_another(firm, people, basma, at, later):
    licence = path.licensed(firm, people=people, at=at)
    done = licence.application.setup
    again = full.open_licence_application(done, by=people.applicant, at=later(3))
    again = path.fill_in(again, people=people, at=later(3))
    for suspended in (False, True):
        if suspended:
            life.suspend(licence, people=people, at=later(3))
        assert shut(again, "submit", at=later(3)) == {"no_licence_is_live": (f"See {licence.reference}.",)}
    life.revoke(licence, people=people, at=later(4), by=basma)
    assert shut(again, "submit", at=later(4)) == {}


# ── Rated and moderated ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_is_recommended_when_everything_is_rated_and_moderated(firm, people, at, criterion):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    assert len(shut(case, "recommend", at=at)["criteria_are_rated_and_moderated"]) == 15
    path.rate_everything(firm, "NOC", people=people, at=at)
    assert shut(case, "recommend", at=at) == {}
    given = ratings.rate(firm, criterion("9.3"), by=people.assessor, at=at, rating=4, rationale="Read again.")
    assert shut(case, "recommend", at=at) == {
        "criteria_are_rated_and_moderated": ("9.3 Marketing controls is not moderated.",)
    }
    ratings.moderate(given, by=people.moderator, at=at)
    assert shut(case, "recommend", at=at) == {}


def test_the_full_licence_asks_for_more_criteria_than_the_noc(confirmed, people, at):
    case = path.full_case(confirmed, people=people, at=at, until="under_assessment")
    assert len(shut(case, "recommend", at=at)["criteria_are_rated_and_moderated"]) == 27


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
    assert shut(case, "grant_licence", by=people.board, at=day(2026, 5, 4, 23, 59)) == {}
    assert shut(case, "grant_licence", by=people.board, at=day(2026, 5, 5)) == {
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


# ── Set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_milestone_is_submitted_when_each_particular_is_given(opened, people, at):
    first = opened.milestones.get(code="M1")
    setup.describe_milestone(first, {"subsidiary_name": "Indus", "cuin": " "}, by=people.applicant, at=at)
    assert shut(first, "submit", at=at) == {
        "particulars_are_given": (
            "“SECP CUIN” has no answer.",
            "“Share held by the NOC holder, in per cent” has no answer.",
        ),
        "evidence_is_attached": (),
    }
    setup.describe_milestone(first, answers.MILESTONES["M1"], by=people.applicant, at=at)
    assert shut(first, "submit", at=at) == {"evidence_is_attached": ()}
    proof = SimpleUploadedFile("proof.txt", b"The certificate.")
    setup.prove_milestone(first, proof, title="Certificate", by=people.applicant, at=at)
    assert shut(first, "submit", at=at) == {}


def test_unverified_milestones_are_named(opened, people, at):
    for milestone in opened.milestones.all():
        submitted = path.submit_milestone(milestone, people=people, at=at)
        if milestone.code not in ("M3", "M8"):
            path.step(submitted, "verify", by=people.officer, at=at)
    path.step(opened.milestones.get(code="M8"), "find_deficient", by=people.officer, at=at, note="Closed.")
    assert shut(opened, "confirm_setup", by=people.supervisor, at=at)["milestones_are_verified"] == (
        "M3 goAML registration (FMU).",
        "M8 Limited-purpose bank account.",
    )


@pytest.mark.parametrize(
    ("share", "said"),
    [
        ("51", None),
        ("51.00", None),
        ("50.99", "It holds 50.99%; at least 51% is required."),
        ("50.9999999999999999999", "It holds 50.9999999999999999999%; at least 51% is required."),
        (None, "It holds an unknown share; at least 51% is required."),
    ],
)
def test_the_noc_holder_owns_enough_of_the_subsidiary(opened, people, at, share, said):
    setup.describe_milestone(
        opened.milestones.get(code="M1"), {**answers.MILESTONES["M1"], "share": share}, by=people.applicant, at=at
    )
    found = shut(opened, "confirm_setup", by=people.supervisor, at=at)
    assert found.get("subsidiary_is_held") == (None if said is None else (said,))


def test_the_share_and_its_minimum_are_kept_in_the_record(confirmed):
    kept = audit.history(confirmed).filter(event="confirm_setup").get().data["gates"]["subsidiary_is_held"]
    assert {key: Decimal(value) for key, value in kept.items()} == {"share": 100, "minimum": 51}


# ── In force ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_noc_is_in_force_through_its_last_day(confirmed, opened, people, at):
    case = path.fill_in(full.open_licence_application(confirmed, by=people.applicant, at=at), people=people, at=at)
    assert shut(case, "submit", at=day(2027, 3, 3, 23, 59)) == {}
    assert shut(case, "submit", at=day(2027, 3, 4)) == {
        "noc_is_in_force": (f"{opened.noc.reference} ended on 3 March 2027.",)
    }


def test_set_up_asks_for_the_noc_too(opened, people, at):
    found = {moment: shut(opened, "confirm_setup", at=moment) for moment in (day(2027, 3, 3, 23, 59), day(2027, 3, 4))}
    ended = (f"{opened.noc.reference} ended on 3 March 2027.",)
    assert [each.get("noc_is_in_force") for each in found.values()] == [None, ended]


def test_the_grant_asks_for_the_noc_too(full_recommended, people, at):
    case = path.decide(full_recommended, "approve_with_conditions", people=people, at=at)
    found = shut(case, "grant_licence", by=people.board, at=day(2027, 3, 4))
    assert found["noc_is_in_force"] == (f"{case.noc.reference} ended on 3 March 2027.",)


@pytest.fixture
def suspended(full_recommended, people, at):
    case = path.decide(full_recommended, "approve_with_conditions", people=people, at=at)
    licence = path.decide(case, "grant_licence", people=people, at=at).issued_licence
    licence = life.suspend(licence, people=people, at=at)
    measures.verify_remedy(licence, note="Nothing is missing.", by=people.supervisor, at=at)
    path.vote(licence, "reinstate", people=people, at=at)
    return licence


def test_a_licence_is_reinstated_within_its_term(suspended, danish, at):
    assert shut(suspended, "reinstate", by=danish, at=at) == {}
    assert "licence_is_in_term" not in shut(suspended, "reinstate", by=danish, at=day(2027, 3, 3, 23, 59))
    found = shut(suspended, "reinstate", by=danish, at=day(2027, 3, 4))
    assert found["licence_is_in_term"] == ("It ended on 3 March 2027.",)


def test_g4_at_its_bar_and_just_below(suspended, danish, at, rerate):
    assert suspended.score(at).total == 75
    assert shut(suspended, "reinstate", by=danish, at=at) == {}
    rerate("1.8", 2, at=at)
    assert shut(suspended, "reinstate", by=danish, at=at) == {
        "score_clears_g4": ("The total is 74.75%; the bar is 75.00%.",)
    }


# ── Maker and checker ────────────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_suspended_a_licence_does_not_reinstate_it(suspended, people, danish, at):
    assert shut(suspended, "reinstate", by=people.board, at=at) == {"reinstater_is_not_suspender": ()}
    assert shut(suspended, "reinstate", by=danish, at=at) == {}


@pytest.mark.parametrize("move", ["grant_noc", "notify_refusal"])
def test_whoever_recommended_a_noc_does_not_decide_it(recommended, people, at, also, move):
    both = also(people.supervisor, "committee_member")
    path.prepare(recommended, move, people=people, at=at)
    assert shut(recommended, move, by=both, at=at) == {"decider_is_not_recommender": ()}
    assert shut(recommended, move, by=people.member, at=at) == {}


@pytest.mark.parametrize("move", ["grant_noc", "notify_refusal"])
@pytest.mark.parametrize("part", ["assessor", "moderator"])
def test_whoever_assessed_or_moderated_does_not_decide(recommended, people, at, also, move, part):
    both = also(getattr(people, part), "committee_member")
    path.prepare(recommended, move, people=people, at=at)
    assert shut(recommended, move, by=both, at=at) == {"decider_did_not_assess": ()}


def test_an_assessor_whose_rating_still_counts_does_not_decide(firm, recommended, people, at, also, danish, criterion):
    """A colleague rates everything anew; until that is moderated the former ratings count, and so do their givers."""
    for code in [line.criterion.code for line in recommended.score(at).lines]:
        ratings.rate(firm, criterion(code), by=also(danish, "assessor"), at=at, rating=3, rationale="Read again.")
    assert recommended.score(at).total == 100
    nobody_voted = {"votes_carry_the_decision": ("Licensing committee: 2 votes are a quorum; 0 count.",)}
    for part in (people.assessor, people.moderator, danish):
        by = also(part, "committee_member")
        assert shut(recommended, "grant_noc", by=by, at=at) == {"decider_did_not_assess": (), **nobody_voted}


@pytest.mark.parametrize("move", ["approve_with_conditions", "notify_refusal"])
def test_whoever_recommended_a_licence_or_assessed_does_not_decide_it(full_recommended, people, at, also, move):
    path.prepare(full_recommended, move, people=people, at=at)
    found = {
        part: shut(full_recommended, move, by=also(getattr(people, part), "committee_member"), at=at)
        for part in ("supervisor", "assessor", "moderator", "member")
    }
    assert found == {
        "supervisor": {"decider_is_not_recommender": ()},
        "assessor": {"decider_did_not_assess": ()},
        "moderator": {"decider_did_not_assess": ()},
        "member": {},
    }


def test_the_board_member_who_grants_had_no_part_in_the_case(full_recommended, people, at, also):
    case = path.decide(full_recommended, "approve_with_conditions", people=people, at=at)
    path.vote(case, "grant_licence", people=people, at=at)
    found = {
        part: shut(case, "grant_licence", by=also(getattr(people, part), "board_member"), at=at)
        for part in ("supervisor", "member", "assessor", "moderator", "board")
    }
    assert found == {
        "supervisor": {"granter_is_not_recommender_or_approver": ()},
        "member": {"granter_is_not_recommender_or_approver": ()},
        "assessor": {"decider_did_not_assess": ()},
        "moderator": {"decider_did_not_assess": ()},
        "board": {},
    }


def test_whoever_submitted_a_milestone_does_not_verify_it(opened, people, at, also):
    milestone = path.submit_milestone(opened.milestones.get(code="M2"), people=people, at=at)
    assert shut(milestone, "verify", by=also(people.applicant, "case_officer"), at=at) == {
        "person_has_no_interest": ("Detected: acts for the firm.",),
        "verifier_is_not_submitter": (),
    }
    assert shut(milestone, "verify", by=people.officer, at=at) == {}


def test_evidence_is_accepted_unless_infected_and_by_another(firm, people, at, also, criterion):
    file = SimpleUploadedFile("policy.txt", b"The policy.", "text/plain")
    piece = evidence.upload_evidence(
        firm, by=people.applicant, at=at, file=file, title="Policy", criteria=[criterion("1.1")]
    )
    assert shut(piece, "accept", by=people.officer, at=at) == {}
    type(piece).objects.filter(pk=piece.pk).update(scan="infected")
    assert shut(piece, "accept", by=also(people.applicant, "case_officer"), at=at) == {
        "person_has_no_interest": ("Detected: acts for the firm.",),
        "file_is_not_infected": (),
        "accepter_is_not_uploader": (),
    }


# ── The same in the database ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_the_decider_of_a_noc_from_recommending_it(recommended, people):
    with pytest.raises(IntegrityError, match="noc_decider_is_not_recommender"), transaction.atomic():
        NocApplication.objects.filter(pk=recommended.pk).update(decided_by=people.supervisor)


@pytest.mark.parametrize(
    ("parts", "constraint"),
    [
        ({"recommended_by", "decided_by"}, "full_decider_is_not_recommender"),
        ({"recommended_by", "granted_by"}, "full_granter_is_not_recommender"),
        ({"decided_by", "granted_by"}, "full_granter_is_not_approver"),
    ],
)
def test_the_database_keeps_the_three_signatures_of_a_licence_apart(confirmed, people, at, parts, constraint):
    case = path.full_case(confirmed, people=people, at=at, until="draft")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        LicenceApplication.objects.filter(pk=case.pk).update(**dict.fromkeys(parts, people.board))


def test_the_database_keeps_the_verifier_of_a_milestone_from_submitting_it(opened, people):
    with pytest.raises(IntegrityError, match="milestone_verifier_is_not_submitter"), transaction.atomic():
        Milestone.objects.filter(setup=opened, code="M1").update(
            submitted_by=people.officer, verified_by=people.officer
        )


def test_a_draft_is_opened_by_who_acts_for_the_firm_alone(firm, people, at, stranger):
    for person in (stranger, people.officer, people.member):
        with pytest.raises(noc.PermissionDenied):
            noc.open_noc_application(firm, by=person, at=at)
