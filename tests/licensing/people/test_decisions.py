"""What a decision on a person asks, also of the database, and what follows from it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from licensing.actions import people as actions
from licensing.actions.handovers import hand_over
from licensing.models import KeyIndividual
from pvara.demo import path
from pvara.kernel import roles
from pvara.kernel.machine import MoveRefused
from pvara.kernel.models import Job
from tests.licensing.people import check, day
from tests.licensing.rules import shut


# ── Gates of a decision ───────────────────────────────────────────────────────────────────────────────────────────────
def test_who_is_checked_and_clear_may_be_approved(vetted, people, at):
    assert shut(vetted, "approve", by=people.supervisor, at=at) == {}
    assert shut(vetted, "approve", by=people.member, at=at) == {}


def test_every_check_that_is_missing_is_named(nominated, people, at):
    taken_up = path.step(nominated, "take_up", by=people.officer, at=at)
    check(taken_up, people, at, kind="references")
    missing = (
        "Police record: not checked.",
        "Insolvency: not checked.",
        "Regulatory record: not checked.",
        "Qualification and experience: not checked.",
    )
    assert shut(taken_up, "approve", by=people.supervisor, at=at) == {"checks_are_clear": missing}
    assert shut(taken_up, "approve_with_conditions", by=people.supervisor, at=at) == {"no_check_is_adverse": missing}
    assert shut(taken_up, "object_to", by=people.supervisor, at=at) == {}


def test_a_matter_to_weigh_asks_for_conditions_and_an_adverse_one_for_an_objection(nominated, people, at):
    weighed = path.vet(nominated, people=people, at=at, insolvency="concern")
    assert shut(weighed, "approve", by=people.supervisor, at=at) == {
        "checks_are_clear": ("Insolvency: a matter to weigh.",)
    }
    assert shut(weighed, "approve_with_conditions", by=people.supervisor, at=at) == {}
    check(weighed, people, at, kind="insolvency", result="adverse", note="Declared bankrupt.")
    assert shut(weighed, "approve_with_conditions", by=people.supervisor, at=at) == {
        "no_check_is_adverse": ("Insolvency: adverse.",)
    }
    check(weighed, people, at, kind="insolvency", result="clear", note="It was somebody else.")
    assert shut(weighed, "approve", by=people.supervisor, at=at) == {}


def test_a_police_check_is_good_through_its_last_day(vetted, people):
    assert shut(vetted, "approve", by=people.supervisor, at=day(2026, 9, 4, 23, 59)) == {}
    assert shut(vetted, "approve", by=people.supervisor, at=day(2026, 9, 5)) == {
        "checks_are_clear": ("Police record: the check was good until 4 September 2026.",)
    }


def test_whoever_took_up_or_checked_does_not_decide(vetted, people, danish, at):
    roles.grant(people.officer, "supervisor", by=None, at=at)
    roles.grant(danish, "case_officer", by=None, at=at)
    check(vetted, people, at, by=danish)
    for person in (people.officer, danish):
        for move in ("approve", "approve_with_conditions", "object_to"):
            assert shut(vetted, move, by=person, at=at) == {"decider_made_no_check": ()}
    assert shut(vetted, "approve", by=people.member, at=at) == {}


def test_who_had_a_case_of_the_firm_or_assessed_it_decides_on_none_of_its_people(firm, vetted, people, ozair, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    to = {"by": people.supervisor, "at": at, "reasons": "Leave.", "expected_version": case.version}
    hand_over(case, ozair, **to)
    path.rate_everything(firm, "NOC", people=people, at=at)
    row = KeyIndividual.objects.filter(pk=vetted.pk)
    for person, code, said in (
        (ozair, "decider_is_not_case_officer", "has or had a case of this firm in hand"),
        (people.assessor, "decider_did_not_assess", "assessed or moderated this firm"),
        (people.moderator, "decider_did_not_assess", "assessed or moderated this firm"),
    ):
        roles.grant(person, "committee_member", by=None, at=at)
        for move in ("approve", "approve_with_conditions", "object_to"):
            assert shut(vetted, move, by=person, at=at) == {code: ()}
        with pytest.raises(IntegrityError, match=said), transaction.atomic():
            row.update(decided_by=person)
    for move in ("approve", "approve_with_conditions", "object_to"):
        assert shut(vetted, move, by=people.supervisor, at=at) == {}
    row.update(decided_by=people.member)


def test_an_mlro_who_is_not_employed_in_house_is_not_approved(vetted, people, at):
    KeyIndividual.objects.filter(pk=vetted.pk).update(in_house=False, employer="An outsourcer")
    for move in ("approve", "approve_with_conditions"):
        assert shut(vetted, move, by=people.supervisor, at=at) == {"mlro_is_employed_in_house": ()}
    KeyIndividual.objects.filter(pk=vetted.pk).update(roles=["director"])
    assert shut(vetted, "approve", by=people.supervisor, at=at) == {}


def test_a_successor_waits_until_the_departure_is_reported(firm, vetted, people, at):
    first = path.step(vetted, "approve", by=people.supervisor, at=at)
    second = path.vet(path.nominate(firm, "mlro", "director", people=people, at=at), people=people, at=at)
    assert shut(second, "approve", by=people.supervisor, at=at) == {
        "role_is_vacant": (
            f"M. Reporting ({first.reference}) is Money-laundering reporting officer (MLRO); "
            "their departure is not reported.",
        )
    }
    path.step(first, "report_departure", by=people.applicant, at=at, note="Retired.")
    assert shut(second, "approve", by=people.supervisor, at=at) == {}


def test_a_role_that_several_may_hold_is_never_taken(firm, people, at):
    path.approved(firm, "director", people=people, at=at)
    assert path.approved(firm, "director", people=people, at=at).state == "approved"


# ── The same in the database ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_who_vetted_from_deciding(nominated, people, at):
    vetted = path.step(nominated, "take_up", by=people.officer, at=at)
    with pytest.raises(IntegrityError, match="individual_decider_is_not_vetter"), transaction.atomic():
        KeyIndividual.objects.filter(pk=vetted.pk).update(decided_by=people.officer)


def test_the_database_keeps_who_checked_from_deciding_and_who_decided_from_checking(vetted, people, danish, at):
    roles.grant(danish, "case_officer", by=None, at=at)
    made = check(vetted, people, at, by=danish)
    with pytest.raises(DatabaseError, match="Whoever checks a key individual does not decide"), transaction.atomic():
        KeyIndividual.objects.filter(pk=vetted.pk).update(decided_by=danish)
    path.step(vetted, "approve", by=people.supervisor, at=at)
    made.pk, made.recorded_by = None, people.supervisor
    with pytest.raises(DatabaseError, match="Whoever checks a key individual does not decide"), transaction.atomic():
        made.save(force_insert=True)


def test_the_database_keeps_the_mlro_in_house(vetted, people, at):
    done = path.step(vetted, "approve", by=people.supervisor, at=at)
    with pytest.raises(IntegrityError, match="mlro_is_employed_in_house"), transaction.atomic():
        KeyIndividual.objects.filter(pk=done.pk).update(in_house=False, employer="An outsourcer")


@pytest.mark.parametrize("role", ["chief_executive", "compliance_officer", "mlro"])
def test_the_database_keeps_one_of_each_sole_role(firm, people, at, role):
    path.approved(firm, role, people=people, at=at)
    second = path.approved(firm, "director", people=people, at=at)
    with pytest.raises(IntegrityError, match=f"one_{role}_a_firm"), transaction.atomic():
        KeyIndividual.objects.filter(pk=second.pk).update(roles=["director", role])


# ── Decisions and departures ──────────────────────────────────────────────────────────────────────────────────────────
def test_conditions_are_kept_and_the_firm_is_told(nominated, people, at):
    weighed = path.vet(nominated, people=people, at=at, references="concern")
    done = path.step(weighed, "approve_with_conditions", by=people.member, at=at, note="A course by June.\n\nA mentor.")
    assert (done.conditions, done.decided_at, done.decided_by) == (
        ["A course by June.", "A mentor."],
        at,
        people.member,
    )
    (told,) = Job.objects.filter(kind="notice")
    assert told.payload["to"] == people.applicant.pk
    assert told.payload["subject"] == f"{done.reference}: approved with conditions"
    assert "M. Reporting" not in told.payload["body"]


def test_a_departure_is_dated_by_the_day_of_its_report_or_as_the_firm_says(firm, people, at):
    today = path.step(path.nominate(firm, "director", people=people, at=at), "report_departure", by=people.applicant,
                      at=at, note="Changed their mind.")  # fmt: skip
    assert (today.state, today.departed_on) == ("departed", date(2026, 3, 4))
    other = path.nominate(firm, "director", people=people, at=at)
    left = actions.report_departure(
        other, by=people.applicant, at=at, expected_version=0, departed_on=date(2026, 3, 1), reason="Resigned."
    )
    assert (left.state, left.departed_on) == ("departed", date(2026, 3, 1))


@pytest.mark.parametrize(
    ("departed_on", "said"),
    [
        (date(2026, 3, 5), "This day is yet to come: report the departure when it has happened."),
        (date(2025, 6, 30), "This is before the day of the appointment."),
    ],
)
def test_a_departure_has_happened_and_not_before_the_appointment(nominated, people, at, departed_on, said):
    with pytest.raises(ValidationError) as refusal:
        actions.report_departure(
            nominated, by=people.applicant, at=at, expected_version=0, departed_on=departed_on, reason="Left."
        )
    assert refusal.value.message_dict == {"departed_on": [said]}


def test_a_departure_needs_a_reason_and_changes_nothing_without(nominated, people, at):
    with pytest.raises(MoveRefused):
        actions.report_departure(
            nominated, by=people.applicant, at=at, expected_version=0, departed_on=date(2026, 3, 4), reason=" "
        )
    nominated.refresh_from_db()
    assert (nominated.state, nominated.departed_on) == ("nominated", None)
