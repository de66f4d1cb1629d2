"""perform(): who may, from where, past which gates; and that a refusal changes nothing."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from licensing.models import NocApplication
from pvara.demo import path
from pvara.kernel import machine
from pvara.kernel.gates import gate
from pvara.kernel.machine import MoveRefused, StaleVersion, UnknownMove, perform
from pvara.kernel.models import AuditEntry, ClockInterval, Job


@pytest.fixture
def draft(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="draft")


@pytest.fixture
def ready(draft, people, at):
    return path.fill_in(draft, people=people, at=at)


def entries_of(subject):
    return AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


def test_a_move_leaves_state_version_person_audit_clock_and_job(ready, people, at):
    moved = perform(ready, "submit", by=people.applicant, at=at, expected_version=0)
    assert (moved.state, moved.version, moved.submitted_by) == ("submitted", 1, people.applicant)
    kept = NocApplication.objects.get(pk=ready.pk)
    assert (kept.state, kept.version, kept.submitted_by) == ("submitted", 1, people.applicant)
    entry = entries_of(ready).latest("seq")
    assert (entry.event, entry.from_state, entry.to_state) == ("submit", "draft", "submitted")
    assert (entry.actor, entry.at) == (people.applicant, at)
    clock = ClockInterval.objects.get(subject_type="licensing.nocapplication", subject_id=ready.pk)
    assert (clock.clock, clock.started_at, clock.ended_at) == ("decision", at, None)
    job = Job.objects.get(key=f"letter:licensing.nocapplication:{ready.pk}:1:L01")
    assert (job.kind, job.payload["entry_id"]) == ("letter", entry.pk)


def test_every_shut_gate_is_named_not_only_the_first(draft, people, at):
    with pytest.raises(MoveRefused) as refused:
        perform(draft, "submit", by=people.applicant, at=at, expected_version=0)
    codes = [each.code for each in refused.value.unmet]
    assert codes == ["sections_are_complete", "documents_are_present", "declaration_is_signed"]
    assert "Ownership and control: “The chain of ownership up to those persons” has no answer." in (
        refused.value.unmet[0].details
    )


def test_a_refusal_changes_nothing(draft, people, at):
    before = (entries_of(draft).count(), ClockInterval.objects.count(), Job.objects.count())
    with pytest.raises(MoveRefused):
        perform(draft, "submit", by=people.applicant, at=at, expected_version=0)
    assert (entries_of(draft).count(), ClockInterval.objects.count(), Job.objects.count()) == before
    assert NocApplication.objects.get(pk=draft.pk).state == "draft"


def test_who_lacks_the_permission_is_refused(ready, stranger, omar, aisha, adil, at):
    for person in (stranger, omar, aisha, adil, None):
        with pytest.raises(PermissionDenied):
            perform(ready, "submit", by=person, at=at, expected_version=0)


def test_an_applicant_of_another_firm_is_refused(ready, stranger, at):
    from licensing.actions.firms import register_firm

    register_firm("Another Firm", by=stranger, at=at)
    with pytest.raises(PermissionDenied):
        perform(ready, "submit", by=stranger, at=at, expected_version=0)


def test_a_person_who_left_is_refused(ready, people, at):
    people.applicant.is_active = False
    with pytest.raises(PermissionDenied):
        perform(ready, "submit", by=people.applicant, at=at, expected_version=0)


def test_an_old_version_is_refused(ready, people, at):
    with pytest.raises(StaleVersion) as stale:
        perform(ready, "submit", by=people.applicant, at=at, expected_version=7)
    assert (stale.value.expected, stale.value.actual) == (7, 0)


def test_a_move_starts_from_its_source_only(ready, people, at):
    with pytest.raises(MoveRefused) as refused:
        perform(ready, "accept_intake", by=people.officer, at=at, expected_version=0)
    assert [each.code for each in refused.value.unmet] == ["wrong_state"]
    assert refused.value.unmet[0].reason == "“Accept intake” starts from submitted; this is draft."


def test_an_unknown_move_is_named(ready, people, at):
    with pytest.raises(UnknownMove, match="has no move “approve”"):
        perform(ready, "approve", by=people.officer, at=at, expected_version=0)


def test_reasons_are_asked_for_where_the_record_needs_them(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    path.prepare(case, "notify_refusal", people=people, at=at)
    case.refresh_from_db()
    with pytest.raises(MoveRefused) as refused:
        perform(case, "notify_refusal", by=people.member, at=at, expected_version=case.version, note="  ")
    assert [each.code for each in refused.value.unmet] == ["note_is_given"]


def test_offers_say_what_may_be_done_next_and_what_stands_in_the_way(draft, people, omar, at):
    offer, withdrawal = machine.moves(draft, by=people.applicant, at=at)
    assert (withdrawal.name, withdrawal.possible) == ("withdraw", True)
    assert (offer.name, offer.permitted, offer.possible) == ("submit", True, False)
    assert [each.code for each in offer.unmet] == [
        "sections_are_complete",
        "documents_are_present",
        "declaration_is_signed",
    ]
    offer, _ = machine.moves(draft, by=omar, at=at)
    assert (offer.name, offer.permitted) == ("submit", False)


def test_a_move_with_followers_is_all_or_nothing(firm, people, at, monkeypatch):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    path.vote(case, "grant_noc", people=people, at=at)

    def breaks(subject, **act):
        raise RuntimeError("the follower failed")

    key = ("licensing.nocapplication", "grant_noc")
    monkeypatch.setitem(machine._followers, key, [*machine._followers[key], breaks])
    with pytest.raises(RuntimeError, match="the follower failed"):
        perform(case, "grant_noc", by=people.member, at=at, expected_version=case.version)
    kept = NocApplication.objects.get(pk=case.pk)
    assert (kept.state, hasattr(kept, "setup")) == ("recommended", False)


def test_the_state_cannot_be_assigned(draft):
    with pytest.raises(AttributeError, match="Direct state modification is not allowed"):
        draft.state = "granted"


def test_the_database_refuses_a_state_that_no_entry_announces(draft):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE licensing_nocapplication SET state = 'granted' WHERE id = %s", [draft.pk])
    with pytest.raises(DatabaseError), transaction.atomic():
        NocApplication.objects.filter(pk=draft.pk).update(state="granted")


def test_the_database_refuses_a_row_that_starts_in_the_middle(firm, at):
    with pytest.raises(DatabaseError), transaction.atomic():
        NocApplication.objects.create(firm=firm, opened_at=at, state="granted")


def test_refreshing_a_row_that_is_gone_leaves_the_state_protected(draft):
    with pytest.raises(NocApplication.DoesNotExist):
        draft.refresh_from_db(from_queryset=NocApplication.objects.none())
    with pytest.raises(AttributeError, match="Direct state modification is not allowed"):
        draft.state = "granted"


def test_refreshing_reads_the_state_again(ready, people, at):
    perform(ready, "submit", by=people.applicant, at=at, expected_version=0)
    ready.refresh_from_db()
    assert (ready.state, ready.version) == ("submitted", 1)


def test_a_gate_is_told_which_move_is_asked_for(draft, people, at, monkeypatch):
    """Asked alone, offered and made: each time it hears the same name."""
    heard = []

    @gate("Never.")
    def listens(case, move):
        heard.append(move)
        return True

    row = machine.moves_of(NocApplication)["submit"]
    monkeypatch.setitem(machine.moves_of(NocApplication), "submit", replace(row, gates=(*row.gates, listens)))
    machine.unmet(draft, "submit", by=people.applicant, at=at)
    machine.moves(draft, by=people.applicant, at=at)
    path.step(path.fill_in(draft, people=people, at=at), "submit", by=people.applicant, at=at)
    assert heard == ["submit", "submit", "submit"]


def test_a_gate_may_ask_for_the_person_the_moment_and_the_move_only():
    with pytest.raises(TypeError, match="may ask for `by`, `at` and `move` only"):

        @gate("Never.")
        def asks_too_much(case, request):
            return True
