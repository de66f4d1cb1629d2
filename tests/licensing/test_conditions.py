"""Conditions: drafted, imposed by the decision and numbered, met or waived, overdue by time; and those precedent."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing.actions import conditions, interests, timers
from licensing.models import Condition, Letter
from licensing.models.conditions import default_due
from pvara.demo import path
from pvara.kernel import audit, outbox, roles
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


@pytest.fixture
def full(firm, people, at):
    """A licence application in the band in which conditions are compulsory, before the decision."""
    noc = path.noc_case(firm, people=people, at=at, rating=3)
    done = path.confirmed_setup(noc, people=people, at=at, rating=3)
    return path.full_case(done, people=people, at=at, until="recommended", rating=3)


@pytest.fixture
def granted(case, people, at):
    """A NOC with one condition, due in ninety days."""
    path.draft(case, "File audited accounts.", people=people, at=at)
    return path.decide(case, "grant_with_conditions", people=people, at=at)


@pytest.fixture
def condition(granted):
    return Condition.objects.get()


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def shut(subject, name, *, by=None, at):
    return {each.code: each.details for each in unmet(again(subject), name, by=by, at=at)}


def draft(case, *, by, at, **changed):
    said = {"kind": "continuing", "text": "Report.", "due_on": None, **changed}
    return conditions.draft_condition(case, by=by, at=at, **said)


def proof(name="proof.txt"):
    return SimpleUploadedFile(name, b"What proves it.\n", "text/plain")


# ── Drafting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_supervisor_or_a_member_drafts_and_nobody_else(case, people, at):
    for outsider in (people.officer, people.board, people.applicant, people.assessor):
        with pytest.raises(PermissionDenied):
            draft(case, by=outsider, at=at)
    for insider in (people.supervisor, people.member):
        draft(case, by=insider, at=at)
    assert [each.drafted_by for each in case.drafted_conditions()] == [people.supervisor, people.member]


def test_who_has_an_interest_drafts_nothing(case, people, at):
    interests.declare(case.firm, by=people.member, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied, match="A friend"):
        draft(case, by=people.member, at=at)


def test_a_condition_is_drafted_while_the_case_waits_for_its_decision(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    with pytest.raises(ValidationError, match="under assessment: it is not being decided"):
        draft(case, by=people.member, at=at)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": "  "}, "text"),
        ({"kind": "eternal"}, "kind"),
        ({"kind": "precedent", "due_on": date(2026, 6, 1)}, "kind"),
        ({"due_on": date(2026, 3, 4)}, "due_on"),
    ],
)
def test_a_draft_of_a_noc_that_cannot_be_right_says_what_to_do(case, people, at, wrong, field):
    with pytest.raises(ValidationError) as refused:
        draft(case, by=people.member, at=at, **wrong)
    assert list(refused.value.message_dict) == [field]
    assert Condition.objects.count() == 0


def test_a_condition_precedent_falls_due_within_its_time(full, people, at):
    last = default_due("precedent", at)
    assert last == timezone.localdate(at) + timedelta(days=180)
    for due in (None, last + timedelta(days=1)):
        with pytest.raises(ValidationError) as refused:
            draft(full, by=people.member, at=at, kind="precedent", due_on=due)
        assert list(refused.value.message_dict) == ["due_on"]
    assert draft(full, by=people.member, at=at, kind="precedent", due_on=last).due_on == last


def test_a_draft_that_grew_old_keeps_the_decision_back(case, people, at, later):
    draft(case, by=people.member, at=at, due_on=date(2026, 3, 10))
    assert "drafted_conditions_can_be_met" not in shut(case, "grant_with_conditions", by=people.member, at=later(5))
    said = "“Report.” falls due on 10 March 2026, which is not a day to come."
    found = shut(case, "grant_with_conditions", by=people.member, at=later(6))
    assert found["drafted_conditions_can_be_met"] == (said,)


def test_a_grant_with_conditions_has_some_and_one_without_has_none(case, people, at):
    assert shut(case, "grant_with_conditions", by=people.member, at=at)["conditions_are_drafted"] == ()
    drafted = path.draft(case, people=people, at=at)
    assert "conditions_are_drafted" not in shut(case, "grant_with_conditions", by=people.member, at=at)
    assert shut(case, "grant_noc", by=people.member, at=at)["no_condition_is_drafted"] == ()
    conditions.take_back(drafted, by=people.member, at=at)
    assert "no_condition_is_drafted" not in shut(case, "grant_noc", by=people.member, at=at)
    assert audit.history(case).last().note == "Report every month."


# ── Imposing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_decision_numbers_and_imposes_what_was_drafted(case, people, at):
    for text in ("File audited accounts.", "Appoint a second officer."):
        path.draft(case, text, people=people, at=at)
    done = path.decide(case, "grant_with_conditions", people=people, at=at)
    found = [(each.number, each.text, each.state, each.imposed_at) for each in done.imposed_conditions]
    assert found == [(1, "File audited accounts.", "open", at), (2, "Appoint a second officer.", "open", at)]
    assert done.public_conditions == ["File audited accounts.", "Appoint a second officer."]
    history = audit.history(done.imposed_conditions[0])
    assert [(each.event, each.note) for each in history] == [
        ("drafted", ""),
        ("impose", f"{done.reference}, decided by Dania."),
    ]


def test_what_was_imposed_is_neither_reworded_nor_taken_back(condition, people, at):
    with pytest.raises(ValidationError, match="it is not being decided"):
        conditions.take_back(condition, by=people.member, at=at)
    for change in ({"text": "Nothing."}, {"due_on": None}, {"number": 7}, {"is_public": False}):
        with pytest.raises(DatabaseError, match="what it says never changes"), transaction.atomic():
            Condition.objects.filter(pk=condition.pk).update(**change)
    with pytest.raises(DatabaseError, match="can no longer be deleted"), transaction.atomic():
        Condition.objects.filter(pk=condition.pk).delete()


def test_nobody_imposes_a_draft_but_the_decision(case, people, at):
    drafted = path.draft(case, people=people, at=at)
    with pytest.raises(PermissionDenied):
        path.step(drafted, "impose", by=people.member, at=at, note="At once.")
    with pytest.raises(MoveRefused) as refused:
        path.step(drafted, "impose", by=None, at=at, note="At once.")
    assert [each.code for each in refused.value.unmet] == ["decision_imposes_conditions"]


def test_the_database_keeps_a_condition_to_one_case_and_a_day(granted, people, at):
    said = {"firm": granted.firm, "text": "Report.", "drafted_at": at}
    with pytest.raises(IntegrityError, match="condition_is_of_one_case"), transaction.atomic():
        Condition.objects.create(**said, kind="continuing")
    with pytest.raises(IntegrityError, match="condition_precedent_has_a_day"), transaction.atomic():
        Condition.objects.create(**said, kind="precedent", noc=granted)
    with pytest.raises(IntegrityError, match="condition_verifier_is_not_submitter"), transaction.atomic():
        Condition.objects.filter(noc=granted).update(submitted_by=people.officer, verified_by=people.officer)


def test_the_letters_print_the_number_and_the_day(full, people, at):
    path.draft(full, "Pass the audit.", people=people, at=at, kind="precedent")
    path.draft(full, "Report every month.", people=people, at=at)
    draft(full, by=people.member, at=at, text="Keep no client money abroad.")
    case = path.decide(full, "approve_with_conditions", people=people, at=at)
    path.met(case.conditions_precedent()[0], people=people, at=at)
    path.decide(case, "grant_licence", people=people, at=at)
    outbox.drain()
    assert Letter.objects.get(code="L35").content["conditions"] == [
        [1, "Pass the audit.", "31 August 2026"],
        [2, "Report every month.", "2 June 2026"],
        [3, "Keep no client money abroad.", ""],
    ]
    # Under the numbers that they have.
    assert Letter.objects.get(code="L40").content["conditions"] == [
        [2, "Report every month.", "2 June 2026"],
        [3, "Keep no client money abroad.", ""],
    ]


# ── Precedent and continuing ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_licence_waits_for_the_conditions_precedent(full, people, danish, at):
    for text in ("Pass the audit.", "Pay in the capital."):
        path.draft(full, text, people=people, at=at, kind="precedent")
    path.draft(full, "Report every month.", people=people, at=at)
    case = path.decide(full, "approve_with_conditions", people=people, at=at)
    path.vote(case, "grant_licence", people=people, at=at)
    first, second = case.conditions_precedent()
    assert shut(case, "grant_licence", by=people.board, at=at) == {
        "conditions_precedent_are_met": (
            "Condition 1, Pass the audit.: open.",
            "Condition 2, Pay in the capital.: open.",
        )
    }
    path.met(first, people=people, at=at)
    said = ("Condition 2, Pay in the capital.: open.",)
    assert shut(case, "grant_licence", by=people.board, at=at) == {"conditions_precedent_are_met": said}
    path.decide(second, "waive", people=people, at=at, note="The tariff has changed.")
    licence = path.step(case, "grant_licence", by=people.board, at=at).issued_licence
    assert audit.history(case).get(event="grant_licence").data["gates"]["conditions_precedent_are_met"] == {
        "met": ["Condition 1, Pass the audit.: satisfied", "Condition 2, Pay in the capital.: waived"]
    }
    assert [(each.number, each.text) for each in licence.imposed_conditions] == [(3, "Report every month.")]
    assert licence.public_conditions == ["Report every month."]


# ── Meeting one ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_condition_is_proved_submitted_and_found_satisfied(condition, people, at):
    assert shut(condition, "submit_evidence", by=people.applicant, at=at) == {"condition_is_proved": ()}
    conditions.prove_condition(condition, proof(), title="Accounts", by=people.applicant, at=at)
    submitted = path.step(condition, "submit_evidence", by=people.applicant, at=at)
    with pytest.raises(ValidationError, match="nothing can be added to it now"):
        conditions.prove_condition(submitted, proof(), title="More", by=people.applicant, at=at)
    done = path.step(submitted, "find_satisfied", by=people.officer, at=at)
    assert (done.state, done.submitted_by, done.verified_by) == ("satisfied", people.applicant, people.officer)
    assert again(done.noc).public_conditions == []


def test_evidence_that_is_sent_back_asks_for_more(condition, people, at, later):
    conditions.prove_condition(condition, proof(), title="Accounts", by=people.applicant, at=at)
    path.step(condition, "submit_evidence", by=people.applicant, at=at)
    path.step(condition, "send_back", by=people.officer, at=later(1), note="The notes are missing.")
    assert shut(condition, "submit_evidence", by=people.applicant, at=later(2)) == {"condition_is_proved": ()}
    conditions.prove_condition(condition, proof(), title="Notes", by=people.applicant, at=later(2))
    assert shut(condition, "submit_evidence", by=people.applicant, at=later(2)) == {}


def test_whoever_submitted_the_evidence_does_not_verify_it(condition, people, at):
    conditions.prove_condition(condition, proof(), title="Accounts", by=people.applicant, at=at)
    path.step(condition, "submit_evidence", by=people.applicant, at=at)
    roles.grant(people.applicant, "case_officer", by=None, at=at)
    assert "verifier_did_not_submit" in shut(condition, "find_satisfied", by=people.applicant, at=at)
    assert shut(condition, "find_satisfied", by=people.officer, at=at) == {}


def test_another_firm_proves_nothing_here(condition, stranger, at):
    with pytest.raises(PermissionDenied):
        conditions.prove_condition(condition, proof(), title="Mine", by=stranger, at=at)


def test_the_committee_waives_with_reasons_and_the_officer_of_the_case_does_not(condition, people, danish, at):
    assert list(shut(condition, "waive", by=danish, at=at)) == ["votes_carry_the_decision"]
    path.vote(condition, "waive", people=people, at=at)
    with pytest.raises(MoveRefused):
        path.step(condition, "waive", by=people.member, at=at)
    roles.grant(people.officer, "committee_member", by=None, at=at)
    assert list(shut(condition, "waive", by=people.officer, at=at)) == ["decider_is_not_case_officer"]
    done = path.step(condition, "waive", by=people.member, at=at, note="The law has changed.")
    assert (done.state, done.waived_by) == ("waived", people.member)
    told = Job.objects.get(kind="notice", payload__subject=f"{done.reference}: waived")
    assert told.payload["to"] == people.applicant.pk


def test_a_waiver_waits_for_nobody_until_a_member_puts_it(condition, people, at):
    tally = condition.tally("waive", at)
    assert (condition.waits_for("waive"), list(tally.terms)) == (False, [condition.terms])
    assert list(Condition.objects.filter(Condition.waiting_for([tally.move]))) == []
    roles.grant(people.officer, "committee_member", by=None, at=at)
    assert condition.tally("waive", at).barred[people.officer] == ("Is or was its case officer.",)


# ── Overdue ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_condition_is_overdue_the_day_after_its_day_and_both_sides_are_told(condition, people, later):
    last = condition.due_on
    assert last == date(2026, 6, 2)
    timers.run(at=later(90))
    assert again(condition).state == "open"
    timers.run(at=later(91))
    timers.run(at=later(92))
    late = again(condition)
    assert (late.state, late.version) == ("overdue", 2)
    told = Job.objects.filter(kind="notice", payload__subject=f"{late.reference}: overdue")
    assert {job.payload["to"] for job in told} == {people.applicant.pk, people.supervisor.pk}
    assert again(late.noc).public_conditions == ["File audited accounts."]


def test_what_is_overdue_may_still_be_met_and_what_was_submitted_in_time_is_not_overdue(condition, people, at, later):
    conditions.prove_condition(condition, proof(), title="Accounts", by=people.applicant, at=at)
    path.step(condition, "submit_evidence", by=people.applicant, at=at)
    timers.run(at=later(91))
    assert again(condition).state == "evidence_submitted"
    path.step(condition, "send_back", by=people.officer, at=later(92), note="Not signed.")
    timers.run(at=later(92))
    assert again(condition).state == "overdue"
    assert path.met(again(condition), people=people, at=later(93)).state == "satisfied"


def test_a_condition_of_what_is_no_more_is_nobodys_duty(granted, condition, people, at, later):
    path.decide(granted, "revoke_noc", people=people, at=at, note="False statements.")
    timers.run(at=later(91))
    assert again(condition).state == "open"


def test_a_standing_condition_is_never_overdue(case, people, at, later):
    draft(case, by=people.member, at=at)
    path.decide(case, "grant_with_conditions", people=people, at=at)
    timers.run(at=later(100))
    assert Condition.objects.get().state == "open"
