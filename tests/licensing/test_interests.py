"""Interests: what removes a person from a firm's cases, for how long, and who may say that it no longer does."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing.actions import agreements, firms, interests
from licensing.actions.firms import register_firm
from licensing.models import (
    Interest,
    InterestLifting,
    Recusal,
)
from licensing.models.conflicts import grounds
from pvara.demo import path
from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused, moves, unmet
from tests.conftest import person
from tests.licensing import judging

NATURE = Interest.Nature


def said(firm, who, at):
    return firm.conflicts_of(who, at)


@pytest.fixture
def declared(firm, dania, at):
    return interests.declare(firm, by=dania, at=at, nature="family", explanation="My brother keeps their books.")


@pytest.fixture
def mou(firm, sana, at):
    return agreements.record_mou(
        firm,
        by=sana,
        at=at,
        title="Study of tokenisation",
        state_party="Ministry of Finance",
        signed_on=date(2025, 12, 12),
        scope="Advice and training.",
    )


@pytest.fixture
def other(stranger, at):
    return register_firm("Another Exchange", by=stranger, at=at, country="Malta", website="https://another.example/")


# ── Declared ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_has_nothing_to_do_with_a_firm_is_not_removed(firm, dania, at):
    assert said(firm, dania, at) == []


def test_a_declared_interest_removes_its_person_from_that_firm_alone(firm, other, declared, dania, danish, at):
    assert said(firm, dania, at) == ["Declared: family or household. My brother keeps their books."]
    assert (said(other, dania, at), said(firm, danish, at)) == ([], [])


def test_a_declaration_stands_in_the_firms_history(firm, declared, dania, at):
    entry = audit.history(firm).get(event="interest_declared")
    assert (entry.actor, entry.note, entry.data) == (
        dania,
        "My brother keeps their books.",
        {"person": dania.email, "nature": "family", "since": "", "until": ""},
    )


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("nature", {"nature": "envy"}),
        ("nature", {"nature": "address"}),
        ("explanation", {"explanation": "  "}),
        ("until", {"since": date(2026, 2, 2), "until": date(2026, 2, 1)}),
        ("until", {"until": date(2026, 3, 5)}),
    ],
)
def test_a_declaration_that_says_nothing_sensible_is_sent_back(firm, dania, at, field, given):
    sensible = {"nature": "other", "explanation": "A friend."}
    with pytest.raises(ValidationError) as refusal:
        interests.declare(firm, by=dania, at=at, **{**sensible, **given})
    assert list(refusal.value.message_dict) == [field]
    assert Interest.objects.count() == 0


def test_only_the_regulators_people_declare(firm, amina, at):
    with pytest.raises(PermissionDenied):
        interests.declare(firm, by=amina, at=at, nature="other", explanation="I own it.")


# ── The time it lasts ────────────────────────────────────────────────────────────────────────────────────────────────
def morning(*day):
    return timezone.make_aware(datetime(*day, 0, 1))


@pytest.mark.parametrize(
    ("last", "still", "free"),
    [
        (date(2025, 3, 4), (2026, 3, 4), (2026, 3, 5)),
        # A year after a leap day is the last of February.
        (date(2028, 2, 29), (2029, 2, 28), (2029, 3, 1)),
        (date(2025, 12, 31), (2026, 12, 31), (2027, 1, 1)),
    ],
)
def test_having_worked_for_a_firm_casts_a_shadow_of_a_year(firm, dania, last, still, free):
    then = timezone.make_aware(datetime(2028, 3, 1))
    interests.declare(firm, by=dania, at=then, nature="worked_for", until=last, explanation="As its counsel.")
    assert len(said(firm, dania, morning(*still))) == 1
    assert said(firm, dania, morning(*free)) == []


def test_shares_that_were_sold_count_until_that_day(firm, dania, at):
    interests.declare(firm, by=dania, at=at, nature=NATURE.HOLDS, until=date(2026, 3, 4), explanation="Sold.")
    assert len(said(firm, dania, timezone.make_aware(datetime(2026, 3, 4, 23, 59)))) == 1
    assert said(firm, dania, morning(2026, 3, 5)) == []


# ── Detected ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_acts_for_a_firm_takes_no_part_and_neither_does_who_did(firm, dania, at, later):
    firms.let_act(firm, dania, by=None, at=at, signs=False)
    assert said(firm, dania, at) == ["Detected: acts for the firm."]
    firms.stop_acting(firm, dania, by=None, at=at)
    expected = "Detected: works or worked for the firm, until 4 March 2026. Acted for the firm in this system."
    assert said(firm, dania, later(365)) == [expected]
    assert said(firm, dania, later(366)) == []


def test_the_states_team_of_an_agreement_takes_no_part_in_its_counterpartys_cases(firm, mou, dania, sana, at, later):
    member = agreements.join_team(mou, dania, by=sana, at=at)
    assert said(firm, dania, at) == ["Detected: works on “Study of tokenisation” for the state."]
    agreements.leave_team(member, by=sana, at=later(10))
    gone = "Detected: worked on “Study of tokenisation” for the state, until 14 March 2026."
    assert said(firm, dania, later(375)) == [gone]
    assert said(firm, dania, later(376)) == []


def test_an_address_at_the_firms_own_domain_removes_its_person(firm, regime, at, stranger):
    first = register_firm("Ravi", by=stranger, at=at, country="Malta", website="https://www.Ravi.example/about")
    spy = person("Spy", "committee_member")
    spy.email = "spy@ravi.example"
    spy.save()
    expected = ["Detected: has an e-mail address at ravi.example, the firm's own domain."]
    assert (said(first, spy, at), said(firm, spy, at)) == (expected, [])
    assert [each.person_id for each in grounds(at, firm=first) if each.nature == NATURE.ADDRESS] == [spy.pk]


def test_a_domain_that_only_ends_alike_is_another_one(regime, at, stranger):
    firm = register_firm("Ravi", by=stranger, at=at, country="Malta", website="https://ravi.example")
    other = person("Other", "committee_member")
    other.email = "other@notravi.example"
    other.save()
    assert said(firm, other, at) == []
    assert grounds(at, firm=firm, person=other) == []


def test_all_that_removes_somebody_is_told_from_the_firm_the_person_and_both(firm, other, mou, declared, dania, at):
    agreements.join_team(mou, dania, by=None, at=at)
    interests.declare(other, by=dania, at=at, nature="other", explanation="A friend.")
    both = {each.sentence for each in grounds(at, firm=firm, person=dania)}
    assert len(both) == 2
    assert {each.sentence for each in grounds(at, firm=firm) if each.person_id == dania.pk} == both
    assert {each.sentence for each in grounds(at, person=dania) if each.firm_id == firm.pk} == both


# ── Lifting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_somebody_else_lifts_an_interest_and_the_record_keeps_both(firm, declared, dania, sana, at):
    (lifting,) = interests.lift(firm, dania, by=sana, at=at, nature="family", reasons="The brother has left.")
    assert said(firm, dania, at) == []
    assert (lifting.interest, lifting.lifted_by, Interest.objects.count()) == (declared, sana, 1)
    assert audit.history(firm).get(event="interest_lifted").data == {
        "person": dania.email,
        "nature": "family",
        "interests": [declared.pk],
    }


def test_an_interest_declared_again_after_it_was_lifted_stands(firm, declared, dania, sana, at):
    interests.lift(firm, dania, by=sana, at=at, nature="family", reasons="The brother has left.")
    interests.declare(firm, by=dania, at=at, nature="family", explanation="He is back.")
    assert said(firm, dania, at) == ["Declared: family or household. He is back."]


def test_nobody_lifts_an_interest_of_their_own(firm, dania, at):
    roles.grant(dania, "supervisor", by=None, at=at)
    interests.declare(firm, by=dania, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied, match="Nobody lifts an interest of their own"):
        interests.lift(firm, dania, by=dania, at=at, nature="other", reasons="Not so close.")


def test_the_database_keeps_a_lifting_to_somebody_else(firm, declared, dania, danish, at):
    with pytest.raises(IntegrityError, match="nobody_lifts_their_own_interest"), transaction.atomic():
        InterestLifting.objects.create(interest=declared, person=dania, reasons="x", lifted_by=dania, lifted_at=at)
    # Nor does it help to call it the interest of another.
    with pytest.raises(IntegrityError, match="lifting_is_of_the_interests_person"), transaction.atomic():
        InterestLifting.objects.create(interest=declared, person=danish, reasons="x", lifted_by=dania, lifted_at=at)


def test_who_is_removed_themselves_lifts_nothing(firm, declared, dania, sana, at):
    interests.declare(firm, by=sana, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied, match="You have an interest in this firm"):
        interests.lift(firm, dania, by=sana, at=at, nature="family", reasons="Never mind.")


def test_who_may_not_lift_is_told(firm, declared, dania, omar, at):
    with pytest.raises(PermissionDenied, match="not among those who may lift"):
        interests.lift(firm, dania, by=omar, at=at, nature="family", reasons="Never mind.")


def test_a_lifting_needs_reasons_and_something_to_lift(firm, declared, dania, sana, at):
    with pytest.raises(ValidationError) as refusal:
        interests.lift(firm, dania, by=sana, at=at, nature="family", reasons=" ")
    assert list(refusal.value.message_dict) == ["reasons"]
    with pytest.raises(ValidationError) as refusal:
        interests.lift(firm, dania, by=sana, at=at, nature="other", reasons="Why not.")
    assert list(refusal.value.message_dict) == ["nature"]


def test_what_follows_from_another_row_ends_there(firm, mou, dania, sana, at):
    agreements.join_team(mou, dania, by=sana, at=at)
    with pytest.raises(ValidationError, match="ends only where it comes from"):
        interests.lift(firm, dania, by=sana, at=at, nature="mou_team", reasons="Only for a week.")


def test_an_address_that_proves_nothing_is_lifted_for_good(regime, sana, at, stranger):
    firm = register_firm("Ravi", by=stranger, at=at, country="Malta", website="https://example.org")
    who = person("Dilawar", "committee_member")
    assert len(said(firm, who, at)) == 1
    # The firm has written the regulator's own domain into its file, so whoever lifts it needs another address.
    sana.email = "sana@regulator.example"
    sana.save()
    interests.lift(firm, who, by=sana, at=at, nature="address", reasons="It is our own domain.")
    assert said(firm, who, at) == []


@pytest.mark.parametrize("sql", ["UPDATE {} SET {}={}", "DELETE FROM {}"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("licensing_interest", "explanation"),
        ("licensing_interestlifting", "reasons"),
        ("licensing_recusal", "reasons"),
    ],
)
def test_the_record_only_grows(firm, declared, dania, sana, at, sql, table, column):
    interests.lift(firm, dania, by=sana, at=at, nature="family", reasons="The brother has left.")
    Recusal.objects.create(
        firm=firm, subject_type="licensing.firm", subject_id=1, person=dania, reasons="x", recorded_at=at
    )
    with pytest.raises(DatabaseError, match="its rows are added and never changed"), transaction.atomic():
        transaction.get_connection().cursor().execute(sql.format(table, column, column))


# ── What it keeps people from ────────────────────────────────────────────────────────────────────────────────────────
def test_an_assessor_with_an_interest_does_not_rate(firm, asif, rated, at):
    interests.declare(firm, by=asif, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied) as refusal:
        rated("1.1", 3)
    assert str(refusal.value) == (
        "You have an interest in this firm, so you take no part in its cases. Declared: other. A friend."
    )


def test_a_moderator_with_an_interest_does_not_moderate(firm, saira, rated, at):
    given = rated("1.1", 3)
    interests.declare(firm, by=saira, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied, match="You have an interest in this firm"):
        judging.moderate(given, by=saira, at=at)


# ── The team of an agreement ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_team_is_made_of_the_states_people_once_each(mou, dania, sana, amina, omar, at):
    agreements.join_team(mou, dania, by=sana, at=at)
    for who in (amina, dania):
        with pytest.raises(ValidationError):
            agreements.join_team(mou, who, by=sana, at=at)
    with pytest.raises(PermissionDenied):
        agreements.join_team(mou, omar, by=omar, at=at)


def test_nobody_takes_themselves_off_a_team_and_nobody_leaves_twice(mou, sana, dania, at, also_supervisor):
    member = agreements.join_team(mou, also_supervisor, by=sana, at=at)
    with pytest.raises(PermissionDenied):
        agreements.leave_team(member, by=also_supervisor, at=at)
    agreements.leave_team(member, by=sana, at=at)
    with pytest.raises(ValidationError):
        agreements.leave_team(member, by=sana, at=at)


@pytest.fixture
def also_supervisor(db):
    return person("Shirin", "supervisor")


def stood_in_the_way(case, name, who, at):
    fresh = type(case)._base_manager.get(pk=case.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=who, at=at)}.get("person_has_no_interest")


def test_who_has_an_interest_makes_no_move_on_any_row_of_the_firm(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    assert stood_in_the_way(case, "accept_intake", people.officer, at) is None
    interests.declare(firm, by=people.officer, at=at, nature="other", explanation="A friend.")
    assert stood_in_the_way(case, "accept_intake", people.officer, at) == ("Declared: other. A friend.",)
    with pytest.raises(MoveRefused):
        path.step(case, "accept_intake", by=people.officer, at=at)
    (offer,) = [each for each in moves(case, by=people.officer, at=at) if each.name == "accept_intake"]
    assert [each.code for each in offer.unmet] == ["person_has_no_interest"]


def test_evidence_is_not_accepted_by_who_has_an_interest(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    interests.declare(firm, by=people.officer, at=at, nature="other", explanation="A friend.")
    with pytest.raises(MoveRefused):
        path.rate_everything(firm, "NOC", people=people, at=at)
    assert case.score(at).total == 0


def test_the_firms_own_people_are_not_kept_from_their_own_case(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="draft")
    path.step(path.fill_in(case, people=people, at=at), "submit", by=people.applicant, at=at)


def test_an_applicant_who_joins_the_regulator_no_longer_acts_on_the_firms_case(firm, people, at):
    case = path.fill_in(path.noc_case(firm, people=people, at=at, until="draft"), people=people, at=at)
    roles.grant(people.applicant, "case_officer", by=None, at=at)
    assert stood_in_the_way(case, "submit", people.applicant, at) == ("Detected: acts for the firm.",)
