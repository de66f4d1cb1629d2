"""Statements of ownership as rows, and changes of control: what takes effect when, and who decides."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from licensing.actions import ownership as actions
from licensing.models import ChangeOfControl, Holding, Owner, OwnershipStatement
from licensing.models.ownership import statement_in_effect
from licensing.models.scores import criteria_outstanding
from licensing.ownership import Kind, Row, owners
from pvara.demo import answers, path
from pvara.kernel import audit, roles
from pvara.kernel.models import Job
from tests.licensing.rules import shut


def sold(firm, percent=55):
    """Second Owner buys from First Owner until that one has `percent` of the holding company."""
    return answers.owners_of(firm.legal_name, first_owner=percent)


@pytest.fixture
def granted(firm, people, at):
    return path.noc_case(firm, people=people, at=at)


@pytest.fixture
def notified(granted, firm, people, at):
    return path.notify_change(firm, people=people, at=at, rows=sold(firm))


@pytest.fixture
def assessed(notified, people, at):
    return path.step(notified, "assess", by=people.officer, at=at, note="The buyer is known and sound.")


# ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_statement_is_kept_as_it_was_written_and_worked_out(firm, people, at):
    kept = path.state_ownership(firm, people=people, at=at)
    again = OwnershipStatement.objects.get(pk=kept.pk)
    behind = owners(again.stated(), firm.legal_name, disclosed_from=D(10))
    assert [(each.name, each.share, each.controls) for each in behind] == [
        ("First Owner", 60, True),
        ("Second Owner", 40, False),
    ]
    assert again.faults(at) == []
    entry = audit.history(firm).filter(event="ownership_stated").get()
    assert entry.data == {"statement": kept.reference, "as_at": "2026-03-04", "holdings": 3}


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        (OwnershipStatement, {"as_at": date(2026, 1, 1)}),
        (Owner, {"country": "Malta"}),
        (Holding, {"percentage": D(50)}),
    ],
)
def test_the_database_lets_nobody_edit_a_statement(firm, people, at, table, changed):
    path.state_ownership(firm, people=people, at=at)
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        table.objects.update(**changed)


def test_a_statement_with_faults_is_refused_whole_with_every_sentence(firm, people, at):
    rows = [
        *sold(firm)[:2],
        Row("Third Owner", Kind.PERSON, "Somebody else", D(10)),
    ]
    with pytest.raises(ValidationError) as refusal:
        path.state_ownership(firm, people=people, at=at, rows=rows)
    assert refusal.value.messages == [
        f"The shares of {firm.legal_name} Holding come to 55%: name who holds the other 45%, "
        "or state them as dispersed holders.",
        "The shares of Somebody else come to 10%: name who holds the other 90%, or state them as dispersed holders.",
        "Somebody else leads to neither of the companies in question: check how its name is written.",
        "Third Owner leads to neither of the companies in question: check how its name is written.",
    ]
    assert OwnershipStatement.objects.count() == 0


def test_what_cannot_be_read_says_its_row(firm, people, at):
    rows = [Row("First Owner", Kind.PERSON, firm.legal_name, D(100)), Row("", Kind.PERSON, firm.legal_name, D(1))]
    with pytest.raises(ValidationError) as refusal:
        path.state_ownership(firm, people=people, at=at, rows=rows)
    assert refusal.value.messages == ["Row 2: Name both the holder and the company that is held."]


@pytest.mark.parametrize(("rows", "said"), [(0, "State at least one holding."), (201, "State at most 200 holdings.")])
def test_a_statement_has_rows_and_not_too_many(firm, people, at, rows, said):
    with pytest.raises(ValidationError) as refusal:
        path.state_ownership(firm, people=people, at=at, rows=sold(firm)[:1] * rows)
    assert refusal.value.messages == [said]


def test_a_statement_is_not_as_at_a_day_that_is_yet_to_come(firm, people, at):
    with pytest.raises(ValidationError) as refusal:
        actions.submit_statement(
            firm, answers.owners_of(firm.legal_name), by=people.applicant, at=at, as_at=date(2026, 3, 5)
        )
    assert refusal.value.message_dict == {"as_at": ["This day is yet to come."]}


def test_only_who_acts_for_the_firm_states_and_only_who_signs_notifies(firm, people, at, stranger):
    rows = answers.owners_of(firm.legal_name)
    for person in (stranger, people.officer, people.member):
        with pytest.raises(PermissionDenied):
            actions.submit_statement(firm, rows, by=person, at=at, as_at=date(2026, 3, 4))
        with pytest.raises(PermissionDenied):
            actions.notify_change(firm, rows, by=person, at=at, as_at=date(2026, 3, 4), reason="Sold.")


# ── What a case asks ─────────────────────────────────────────────────────────────────────────────────────────────────
GATE = "ownership_is_disclosed_to_natural_persons"


def test_a_case_without_a_statement_is_not_recommended(firm, people, at):
    for role in ("chief_executive", "compliance_officer", "mlro"):
        path.approved(firm, role, people=people, at=at)
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at)
    assert shut(case, "recommend", at=at) == {GATE: ("No statement of ownership was submitted.",)}
    path.state_ownership(firm, people=people, at=at)
    assert shut(case, "recommend", at=at) == {}


def test_a_statement_that_the_figures_no_longer_allow_is_not_enough(firm, people, at):
    from pvara.kernel import figures

    rows = [
        Row("First Owner", Kind.PERSON, firm.legal_name, D(80)),
        Row("", Kind.DISPERSED, firm.legal_name, D(20)),
    ]
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at)
    path.state_ownership(firm, people=people, at=at, rows=rows)
    assert shut(case, "recommend", at=at) == {}
    strict = {"key": "ownership.dispersed_at_most", "value": 10, "unit": "percent", "mark": "I", "source": "A test."}
    figures.load([{**strict, "effective_from": "2026-03-04"}])
    assert shut(case, "recommend", at=at) == {
        GATE: (f"20% of the shares of {firm.legal_name} are stated as dispersed; at most 10% may be.",)
    }


# ── Before and after the decision ────────────────────────────────────────────────────────────────────────────────────
def test_before_the_recommendation_a_statement_replaces_another_at_once(firm, people, at):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    second = path.state_ownership(firm, people=people, at=at, rows=sold(firm))
    assert statement_in_effect(firm, at) == second


def test_from_the_recommendation_on_a_change_needs_prior_approval(firm, people, at):
    path.noc_case(firm, people=people, at=at, until="recommended")
    first = statement_in_effect(firm, at)
    with pytest.raises(ValidationError) as refusal:
        path.state_ownership(firm, people=people, at=at, rows=sold(firm))
    assert refusal.value.messages == [
        f"This differs from {first.reference}, on which a decision rests: a change of ownership or control "
        "needs our prior approval. Notify it as a change of control."
    ]
    # To say the same again, a year later, changes nothing and is no change of control.
    again = path.state_ownership(firm, people=people, at=at)
    assert statement_in_effect(firm, at) == again


def test_after_a_refusal_the_firm_is_held_to_nothing(firm, people, at):
    path.noc_case(firm, people=people, at=at, until="refused", rating=2)
    second = path.state_ownership(firm, people=people, at=at, rows=sold(firm))
    assert statement_in_effect(firm, at) == second


# ── Changes of control ───────────────────────────────────────────────────────────────────────────────────────────────
def test_the_new_statement_takes_effect_with_no_objection_and_not_before(assessed, firm, people, at, later):
    before = assessed.replaces
    assert statement_in_effect(firm, at) == before
    done = path.decide(assessed, "raise_no_objection", people=people, at=later(3))
    assert (done.state, done.decided_at, done.decided_by) == ("no_objection", later(3), people.member)
    assert statement_in_effect(firm, later(3)) == done.statement
    # What was in effect on an earlier day stays known.
    assert statement_in_effect(firm, later(2)) == before


@pytest.mark.parametrize(("move", "state"), [("object_to", "objected"), ("withdraw", "withdrawn")])
def test_what_is_objected_to_or_withdrawn_never_takes_effect(assessed, firm, people, later, move, state):
    if move == "object_to":
        path.vote(assessed, move, people=people, at=later(3))
    who = people.member if move == "object_to" else people.applicant
    done = path.step(assessed, move, by=who, at=later(3), note="The money's source is not shown.")
    assert done.state == state
    assert statement_in_effect(firm, later(30)) == done.replaces


def test_the_finding_is_kept_and_the_firm_is_told_of_the_decision(assessed, people, at):
    assert (assessed.finding, assessed.assessed_by) == ("The buyer is known and sound.", people.officer)
    Job.objects.filter(kind="notice").delete()
    path.decide(assessed, "object_to", people=people, at=at, note="The money's source is not shown.")
    (told,) = Job.objects.filter(kind="notice")
    assert (told.payload["to"], told.payload["subject"]) == (
        people.applicant.pk,
        f"{assessed.reference}: objected to",
    )
    assert "money" not in told.payload["body"]


def test_a_change_that_took_effect_asks_for_a_new_rating_of_the_owners(assessed, firm, people, at):
    assert criteria_outstanding(firm, "NOC", at) == []
    path.decide(assessed, "raise_no_objection", people=people, at=at)
    assert criteria_outstanding(firm, "NOC", at) == [
        "3.1 Beneficial owners disclosed down to natural persons is not rated."
    ]


def test_whoever_assessed_a_change_does_not_decide_on_it(assessed, people, at):
    roles.grant(people.officer, "committee_member", by=None, at=at)
    for move in ("raise_no_objection", "object_to"):
        assert list(shut(assessed, move, by=people.member, at=at)) == ["votes_carry_the_decision"]
        assert assessed.tally(move, at).barred[people.officer] == ("Assessed the change.",)
        path.vote(assessed, move, people=people, at=at)
        assert shut(assessed, move, by=people.officer, at=at) == {
            "decider_is_not_assessor": (),
            "decider_is_not_case_officer": (),
        }
        assert shut(assessed, move, by=people.member, at=at) == {}
    with pytest.raises(IntegrityError, match="control_decider_is_not_assessor"), transaction.atomic():
        ChangeOfControl.objects.filter(pk=assessed.pk).update(assessed_by=people.member, decided_by=people.member)


def test_who_had_a_case_of_the_firm_or_assessed_it_decides_on_no_change_of_its_control(assessed, people, at):
    # Somebody else assessed the change.
    row = ChangeOfControl.objects.filter(pk=assessed.pk)
    row.update(assessed_by=None)
    for part, code, why in (
        (people.officer, "decider_is_not_case_officer", "Is or was its case officer."),
        (people.assessor, "decider_did_not_assess", "Assessed or moderated the criteria."),
    ):
        roles.grant(part, "committee_member", by=None, at=at)
        for move in ("raise_no_objection", "object_to"):
            assert code in shut(assessed, move, by=part, at=at)
            assert code not in shut(assessed, move, by=people.member, at=at)
            assert ChangeOfControl.objects.get(pk=assessed.pk).tally(move, at).barred[part] == (why,)
    with pytest.raises(IntegrityError, match="had a case of this firm in hand"), transaction.atomic():
        row.update(decided_by=people.officer)
    with pytest.raises(IntegrityError, match="assessed or moderated this firm"), transaction.atomic():
        row.update(decided_by=people.assessor)


def test_a_new_statement_is_held_against_the_figures_of_the_day_of_the_decision(granted, firm, people, at):
    from pvara.kernel import figures

    rows = [
        Row("First Owner", Kind.PERSON, firm.legal_name, D(80)),
        Row("", Kind.DISPERSED, firm.legal_name, D(20)),
    ]
    change = path.notify_change(firm, people=people, at=at, rows=rows)
    change = path.step(change, "assess", by=people.officer, at=at, note="Known.")
    for move in ("raise_no_objection", "object_to"):
        path.vote(change, move, people=people, at=at)
    assert shut(change, "raise_no_objection", by=people.member, at=at) == {}
    strict = {"key": "ownership.dispersed_at_most", "value": 10, "unit": "percent", "mark": "I", "source": "A test."}
    figures.load([{**strict, "effective_from": "2026-03-04"}])
    assert shut(change, "raise_no_objection", by=people.member, at=at) == {
        "new_ownership_is_disclosed": (
            f"20% of the shares of {firm.legal_name} are stated as dispersed; at most 10% may be.",
        )
    }
    assert shut(change, "object_to", by=people.member, at=at) == {}


def test_one_change_at_a_time(notified, firm, people, at):
    with pytest.raises(ValidationError, match=f"{notified.reference} is not decided yet; withdraw it first"):
        path.notify_change(firm, people=people, at=at, rows=sold(firm, 51))
    path.step(notified, "withdraw", by=people.applicant, at=at, note="The sale fell through.")
    assert path.notify_change(firm, people=people, at=at, rows=sold(firm, 51)).state == "notified"


def test_the_database_keeps_one_change_open(notified, firm, people, at):
    again = {"firm": firm, "replaces": notified.replaces, "notified_by": people.applicant, "notified_at": at}
    with pytest.raises(IntegrityError, match="one_open_change_a_firm"), transaction.atomic():
        ChangeOfControl.objects.create(statement=notified.replaces, reason="Again.", **again)


def test_a_notification_changes_something_and_says_why(granted, firm, people, at):
    with pytest.raises(ValidationError, match="Nothing in this differs from"):
        path.notify_change(firm, people=people, at=at, rows=answers.owners_of(firm.legal_name))
    with pytest.raises(ValidationError) as refusal:
        path.notify_change(firm, people=people, at=at, rows=sold(firm), reason="  ")
    assert refusal.value.message_dict == {"reason": ["Say what changes and why."]}


def test_who_never_stated_anything_has_nothing_to_change(firm, people, at):
    with pytest.raises(ValidationError, match="has not stated its ownership yet"):
        path.notify_change(firm, people=people, at=at, rows=sold(firm))


def test_a_change_may_be_intended_for_a_day_to_come(granted, firm, people, at):
    change = actions.notify_change(
        firm, sold(firm), by=people.applicant, at=at, as_at=date(2026, 12, 31), reason="Sale at the year's end."
    )
    assert change.statement.as_at == date(2026, 12, 31)
