"""The completeness checklist, and what is returned: item by item, answered item by item, a limited number of times."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from licensing.actions import applications, checklists, deficiencies, evidence, interests, timers
from licensing.actions.documents import documents_of
from licensing.models import ChecklistTick, Criterion, Deficiency, Document, Letter, NocApplication, TariffRow
from licensing.models.checklists import checklist_of
from pvara.demo import answers, path
from pvara.kernel import audit, clock, outbox, roles
from pvara.kernel.clock import Limit
from pvara.kernel.machine import MoveRefused, StaleVersion, unmet

DAYS30 = Limit(30)


def shut(subject, name, *, by=None, at):
    """The gates in the way of a move, each with its particulars, as the row now is in the database."""
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def day(*said: int) -> datetime:
    return timezone.make_aware(datetime(*said))


@pytest.fixture
def case(firm, people, at):
    """A NOC application whose completeness is checked."""
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


@pytest.fixture
def full(firm, people, at):
    """A licence application whose completeness is checked."""
    granted = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(granted, people=people, at=at)
    return path.full_case(done, people=people, at=at, until="completeness_check")


def returned(case, people, at, *said):
    """The case, returned for some deficiencies."""
    for missing in said or ("The board's minute is missing.",):
        deficiencies.draft_deficiency(case, by=people.officer, at=at, missing=missing)
    return path.step(case, "return_incomplete", by=people.supervisor, at=at, note="Please complete it.")


def answered(case, people, at):
    """Every item answered, the form signed again and submitted."""
    for each in Deficiency.objects.about(case).asked():
        deficiencies.answer_deficiency(each, by=people.applicant, at=at, answer="The minute is attached.")
    applications.sign_declaration(case, by=people.applicant, at=at)
    return path.step(case, "resubmit", by=people.applicant, at=at)


def find_wanting(case, people, at, item="section:aml"):
    checklists.check_items(case, {item: ("wanting", "The tool is not named.")}, by=people.officer, at=at)


# ── The checklist ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_checklist_of_a_noc_is_the_form_and_what_is_mandatory(case, at):
    assert [each.key for each in checklist_of(case, at)] == [
        *(f"section:{each.key}" for each in case.form),
        *(f"criterion:{code}" for code in ("1.1", "1.3", "1.5", "2.1", "3.1", "3.2", "4.3")),
    ]


def test_the_checklist_of_a_licence_asks_for_everything_that_is_mandatory_by_then(full, at):
    marked = set(Criterion.objects.filter(domain__framework__status="published").exclude(mark="").values_list("code"))
    items = [each.key for each in checklist_of(full, at)]
    assert {(key.removeprefix("criterion:"),) for key in items if key.startswith("criterion:")} == marked
    assert items[: len(full.form)] == [f"section:{each.key}" for each in full.form]


def test_a_case_is_complete_when_every_item_is_in_order(case, people, at):
    assert len(shut(case, "declare_complete", at=at)["checklist_is_complete"]) == len(checklist_of(case, at)) == 14
    found = {each.key: ("in_order", "Seen.") for each in checklist_of(case, at)}
    found.pop("section:aml")
    checklists.check_items(case, found, by=people.officer, at=at)
    said = ("AML, sanctions and monitoring: not looked at.",)
    assert shut(case, "declare_complete", at=at) == {"checklist_is_complete": said}
    find_wanting(case, people, at)
    said = ("AML, sanctions and monitoring: found wanting.",)
    assert shut(case, "declare_complete", at=at) == {"checklist_is_complete": said}
    checklists.check_items(case, {"section:aml": ("in_order", "")}, by=people.officer, at=at)
    assert shut(case, "declare_complete", at=at) == {}


def test_a_tick_says_who_looked_and_is_never_changed(case, people, at):
    find_wanting(case, people, at)
    tick = ChecklistTick.objects.get()
    assert (tick.item, tick.verdict, tick.note, tick.recorded_by, tick.recorded_at) == (
        "section:aml",
        "wanting",
        "The tool is not named.",
        people.officer,
        at,
    )
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ChecklistTick.objects.update(verdict="in_order")
    find_wanting(case, people, at)
    assert ChecklistTick.objects.count() == 1


@pytest.mark.parametrize(
    ("item", "verdict", "note", "said"),
    [
        ("section:nowhere", "in_order", "", "The checklist has no such item."),
        ("section:aml", "perhaps", "", "Choose one of: in_order, wanting."),
        ("section:aml", "wanting", " ", "Say what is wanting: a deficiency starts from it."),
        ("criterion:1.1", "in_order", "", "No document is there for it. Say why it is in order all the same."),
    ],
)
def test_what_the_checklist_does_not_take(case, people, at, item, verdict, note, said):
    good = {"section:plan": ("in_order", ""), item: (verdict, note)} if item == "section:nowhere" else {}
    with pytest.raises(ValidationError) as refusal:
        checklists.check_items(case, {item: (verdict, note), **good}, by=people.officer, at=at)
    assert refusal.value.message_dict[item] == [said]
    assert ChecklistTick.objects.count() == 0


def test_only_a_case_officer_without_an_interest_keeps_the_checklist(case, people, at):
    for who in (people.applicant, people.supervisor, people.assessor):
        with pytest.raises(PermissionDenied):
            checklists.check_items(case, {}, by=who, at=at)
    interests.declare(case.firm, by=people.officer, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied, match="You have an interest in this firm"):
        find_wanting(case, people, at)


def test_the_checklist_is_kept_only_while_it_is_checked(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    with pytest.raises(ValidationError, match="while the application is checked"):
        find_wanting(case, people, at)


def test_a_document_that_is_rejected_puts_its_item_back(case, people, at):
    criterion = Criterion.objects.get(code="1.1", domain__framework__version="1.0")
    file = SimpleUploadedFile("policy.txt", b"A policy.\n", "text/plain")
    piece = evidence.upload_evidence(
        case.firm, by=people.applicant, at=at, file=file, title="Policy", criteria=[criterion]
    )
    path.tick_off(case, people=people, at=at)
    path.give_evidence(case.firm, [criterion], title="One more", people=people, at=at)
    assert shut(case, "declare_complete", at=at) == {}
    path.step(piece, "reject", by=people.officer, at=at, note="Not the policy.")
    assert shut(case, "declare_complete", at=at) == {
        "checklist_is_complete": ("1.1 Board-approved AML/CFT policy aligned with AMLA 2010: changed since.",)
    }


# ── Drafting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_deficiency_is_drafted_put_right_and_dropped(case, people, at, later):
    row = deficiencies.draft_deficiency(case, by=people.officer, at=at, missing=" No minute. ", item="criterion:1.1")
    assert str(row) == "1.1 Board-approved AML/CFT policy aligned with AMLA 2010: No minute."
    row = deficiencies.redraft_deficiency(row, by=people.officer, at=later(1), missing="No signed minute.")
    assert (str(row), row.item, row.drafted_at) == ("No signed minute.", "", later(1))
    deficiencies.drop_deficiency(row, by=people.officer, at=later(1))
    assert Deficiency.objects.count() == 0
    assert [each.event for each in audit.history(case)][-3:] == [
        "deficiency_drafted",
        "deficiency_redrafted",
        "deficiency_dropped",
    ]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"missing": "  "}, "missing"),
        ({"missing": "x" * 4001}, "missing"),
        ({"missing": "No minute.", "item": "section:nowhere"}, "item"),
    ],
)
def test_a_deficiency_that_says_nothing_is_refused(case, people, at, said, field):
    with pytest.raises(ValidationError) as refusal:
        deficiencies.draft_deficiency(case, by=people.officer, at=at, **said)
    assert list(refusal.value.message_dict) == [field]


def test_only_case_officers_draft_and_only_while_it_is_checked(case, people, at):
    for who in (people.applicant, people.supervisor, people.assessor):
        with pytest.raises(PermissionDenied):
            deficiencies.draft_deficiency(case, by=who, at=at, missing="No minute.")
    case = returned(case, people, at)
    with pytest.raises(ValidationError, match="while the application is checked"):
        deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")


def test_the_applicant_never_sees_a_draft(case, people, at):
    row = deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    seen = Deficiency.objects.visible_to
    assert (seen(people.applicant).count(), seen(people.officer).count()) == (0, 1)
    with pytest.raises(ValidationError):
        deficiencies.answer_deficiency(row, by=people.applicant, at=at, answer="Here.")
    returned(case, people, at)
    assert seen(people.applicant).count() == 2


def test_what_is_drafted_falls_when_the_case_is_complete_after_all(case, people, at):
    deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    path.tick_off(case, people=people, at=at)
    path.step(case, "declare_complete", by=people.officer, at=at)
    assert Deficiency.objects.count() == 0


# ── Returning ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_is_returned_only_with_something_to_complete(case, people, at):
    assert shut(case, "return_incomplete", by=people.supervisor, at=at) == {"deficiencies_are_drafted": ()}
    deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    assert shut(case, "return_incomplete", by=people.supervisor, at=at) == {}


def test_whoever_drafted_does_not_return(case, people, at):
    roles.grant(people.officer, "supervisor", by=None, at=at)
    officer = type(people.officer).objects.get(pk=people.officer.pk)
    deficiencies.draft_deficiency(case, by=officer, at=at, missing="No minute.")
    assert shut(case, "return_incomplete", by=officer, at=at) == {"returner_did_not_draft": ()}
    assert shut(case, "return_incomplete", by=people.supervisor, at=at) == {}
    with pytest.raises(IntegrityError, match="deficiency_returner_is_not_drafter"), transaction.atomic():
        Deficiency.objects.update(returned_at=at, returned_by=officer, round=1)


def test_a_return_fixes_the_list_stops_the_clocks_and_asks_for_a_new_signature(case, people, at, later):
    case = returned(case, people, at, "No minute.", "No owner below Holding.")
    rows = Deficiency.objects.about(case)
    assert [(each.round, each.returned_by, each.returned_at, each.is_open) for each in rows] == [
        (1, people.supervisor, at, True)
    ] * 2
    assert case.declaration_signed_at is None
    assert clock.reading(case, "decision", limit=Limit(60), at=later(10)).status == "paused"
    assert clock.reading(case, "answer", limit=DAYS30, at=later(10)).remaining == 20
    assert case.answer_due_on() == timezone.localdate(later(30))
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        rows.update(missing="Nothing.")
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        rows.all()[0].delete()


def test_the_letter_lists_what_is_missing_and_the_last_day(case, people, at, later):
    case = returned(case, people, at, "No minute.", "No owner below Holding.")
    # Written late, it says what was said then.
    case = returned(answered(case, people, later(1)), people, later(2), "The minute is not signed.")
    outbox.drain()
    first, second = Letter.objects.filter(code="L02").order_by("issued_at")
    assert first.content["items"] == ["No minute.", "No owner below Holding."]
    assert (first.content["items_title"], first.content["reasons"]) == ("What is missing", "Please complete it.")
    assert ["To be answered by", "3 April 2026"] in first.content["facts"]
    assert second.content["items"] == ["The minute is not signed."]


def test_a_licence_application_is_returned_by_a_letter_of_its_own(full, people, at, later):
    case = returned(full, people, at)
    case = answered(case, people, later(3))
    assert clock.reading(case, "completeness", limit=Limit(25, "working_days"), at=later(3)).status == "running"
    path.tick_off(case, people=people, at=later(4))
    path.step(case, "declare_complete", by=people.officer, at=later(4))
    outbox.drain()
    codes = Letter.objects.filter(subject_type="licensing.licenceapplication").order_by("issued_at")
    assert list(codes.values_list("code", flat=True)) == ["L30", "L31", "L32"]
    assert codes.last().content["facts"][-1][0] == "Decision due by"


# ── Answering ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_returned_case_is_resubmitted_when_every_item_is_answered(case, people, at, later):
    case = returned(case, people, at, "No minute.", "No owner below Holding.")
    assert shut(case, "resubmit", at=at) == {
        "deficiencies_are_answered": ("No minute.", "No owner below Holding."),
        "declaration_is_signed": (),
    }
    first, second = Deficiency.objects.about(case)
    file = SimpleUploadedFile("minute.txt", b"A minute.\n", "text/plain")
    deficiencies.answer_deficiency(
        first, by=people.applicant, at=later(2), answer="Attached.", file=file, title="Minute"
    )
    assert [each.title for each in documents_of(first)] == ["Minute"]
    assert shut(case, "resubmit", at=at)["deficiencies_are_answered"] == ("No owner below Holding.",)
    deficiencies.answer_deficiency(second, by=people.applicant, at=later(2), answer="Stated.")
    applications.sign_declaration(case, by=people.applicant, at=later(2))
    case = path.step(case, "resubmit", by=people.applicant, at=later(5))
    assert (case.state, case.answer_due_on()) == ("completeness_check", None)
    # Five days of the clock went to the applicant.
    reading = clock.reading(case, "decision", limit=Limit(60), at=later(6))
    assert (reading.elapsed, reading.paused, reading.status) == (1, 5, "running")
    with pytest.raises(ValidationError, match="can no longer be changed"):
        deficiencies.answer_deficiency(first, by=people.applicant, at=later(6), answer="Another one.")
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        Deficiency.objects.update(answer="Another one.")


def test_an_answer_says_something_and_is_the_firms(case, people, stranger, at):
    returned(case, people, at)
    row = Deficiency.objects.get()
    with pytest.raises(ValidationError) as refusal:
        deficiencies.answer_deficiency(row, by=people.applicant, at=at, answer=" ")
    assert list(refusal.value.message_dict) == ["answer"]
    for who in (people.officer, stranger):
        with pytest.raises(PermissionDenied):
            deficiencies.answer_deficiency(row, by=who, at=at, answer="Here.")


def test_a_file_that_is_not_taken_leaves_the_answer_as_it_was(case, people, at):
    returned(case, people, at)
    row = Deficiency.objects.get()
    with pytest.raises(ValidationError) as refusal:
        deficiencies.answer_deficiency(
            row, by=people.applicant, at=at, answer="Here.", file=SimpleUploadedFile("empty.txt", b"")
        )
    assert list(refusal.value.message_dict) == ["file"]
    assert (fresh(row).answer, Document.objects.about(row).count()) == ("", 0)


def test_the_form_is_open_again_and_a_change_puts_its_item_back(case, people, at, later):
    path.tick_off(case, people=people, at=at)
    case = returned(case, people, at)
    changed = {**answers.to(case.form)["aml"], "monitoring_tool": "Another tool"}
    case = applications.save_answers(case, "aml", changed, by=people.applicant, at=later(1))
    assert case.answers["aml"]["monitoring_tool"] == "Another tool"
    case = answered(case, people, later(1))
    assert shut(case, "declare_complete", at=later(1)) == {
        "checklist_is_complete": ("AML, sanctions and monitoring: changed since.",)
    }
    with pytest.raises(ValidationError, match="can no longer be changed"):
        applications.save_answers(case, "aml", changed, by=people.applicant, at=later(1))


def test_the_activities_that_were_charged_for_stay(case, people, at, later):
    TariffRow.objects.create(
        kind="noc_application",
        activity="derivatives",
        amount_pkr=1000,
        effective_from=timezone.localdate(at),
        entered_at=at,
    )
    case = returned(case, people, at)
    more = {**case.answers["activities"], "activities": ["exchange", "custody", "derivatives"]}
    with pytest.raises(ValidationError) as refusal:
        applications.save_answers(case, "activities", more, by=people.applicant, at=later(1))
    assert list(refusal.value.message_dict) == ["activities"]
    with pytest.raises(ValidationError, match="matched by the invoice"):
        applications.give_fee_reference(case, "FEE-2", by=people.applicant, at=later(1))


# ── Rounds, time, rejection ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_is_returned_twice_and_then_only_rejected(case, people, at, later):
    find_wanting(case, people, at)
    said = ("It was returned 0 times of 2: return it with a list of what is missing.",)
    assert shut(case, "reject_incomplete", by=people.supervisor, at=at) == {"time_or_rounds_are_used_up": said}
    case = answered(returned(case, people, later(1)), people, later(2))
    said = ("It was returned 1 times of 2: return it with a list of what is missing.",)
    assert shut(case, "reject_incomplete", by=people.supervisor, at=later(2)) == {"time_or_rounds_are_used_up": said}
    case = answered(returned(case, people, later(3)), people, later(4))
    assert [each.round for each in Deficiency.objects.about(case)] == [1, 2]
    deficiencies.draft_deficiency(case, by=people.officer, at=later(4), missing="Still no minute.")
    assert shut(case, "return_incomplete", by=people.supervisor, at=later(4)) == {
        "rounds_are_left": ("It was returned 2 times; 2 is the most.",)
    }
    assert shut(case, "reject_incomplete", by=people.supervisor, at=later(4)) == {}
    checklists.check_items(case, {"section:aml": ("in_order", "")}, by=people.officer, at=later(4))
    assert shut(case, "reject_incomplete", by=people.supervisor, at=later(4)) == {
        "time_or_rounds_are_used_up": ("No item of the checklist is found wanting.",)
    }
    find_wanting(case, people, later(4))
    case = path.step(case, "reject_incomplete", by=people.supervisor, at=later(4), note="Still no minute.")
    assert (case.state, case.rejected_by) == ("rejected_incomplete", people.supervisor)
    outbox.drain()
    assert Letter.objects.get(code="L03").content["reasons"] == "Still no minute."


def test_a_returned_case_is_rejected_when_its_time_is_over_and_not_before(case, people, at, later):
    case = returned(case, people, at)
    said = ("The applicant has until 3 April 2026.",)
    assert shut(case, "reject_incomplete", by=people.supervisor, at=later(30)) == {"time_or_rounds_are_used_up": said}
    assert timers.SWEEPS["deficiencies.reject_unanswered"](later(30)) == 0
    assert shut(case, "reject_incomplete", by=people.supervisor, at=later(31)) == {}
    assert timers.SWEEPS["deficiencies.reject_unanswered"](later(31)) == 1
    assert timers.SWEEPS["deficiencies.reject_unanswered"](later(31)) == 0
    case = fresh(case)
    entry = audit.history(case).last()
    assert (case.state, entry.event, entry.actor, case.rejected_by) == (
        "rejected_incomplete",
        "reject_incomplete",
        None,
        None,
    )
    assert entry.note == "The answers were to reach us by 3 April 2026; the application was not submitted again."


def test_an_answer_that_is_late_but_in_before_anybody_rejects_counts(case, people, at, later):
    case = answered(returned(case, people, at), people, later(35))
    assert timers.SWEEPS["deficiencies.reject_unanswered"](later(36)) == 0
    assert case.state == "completeness_check"


def test_nobody_but_the_scheduler_and_a_supervisor_rejects(case, people, at, later):
    case = returned(case, people, at)
    with pytest.raises(PermissionDenied):
        path.step(case, "reject_incomplete", by=people.officer, at=later(31), note="Late.")
    with pytest.raises(MoveRefused):
        path.step(case, "reject_incomplete", by=None, at=later(30), note="Late.")


def test_outcomes_are_told_apart_by_state_and_entry(firm, people, at, later):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    case = path.step(returned(case, people, at), "withdraw", by=people.applicant, at=later(1), note="We wait.")
    assert (case.state, audit.history(case).last().event) == ("withdrawn", "withdraw")
    outbox.drain()
    letter = Letter.objects.get(code="L13")
    assert (letter.content["reasons"], ["Received on", "4 March 2026"] in letter.content["facts"]) == ("", True)


def test_a_draft_that_is_withdrawn_was_never_received(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="draft")
    path.step(case, "withdraw", by=people.applicant, at=at, note="We wait.")
    outbox.drain()
    facts = dict(Letter.objects.get(code="L13").content["facts"])
    assert "Received on" not in facts
    assert NocApplication.objects.get().state == "withdrawn"


# ── At once ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_late_answer_and_the_timer_at_once_leave_one_outcome(firm, people, at, later):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    returned(case, people, at)
    deficiencies.answer_deficiency(
        Deficiency.objects.get(), by=people.applicant, at=later(31), answer="The minute is attached."
    )
    applications.sign_declaration(case, by=people.applicant, at=later(31))
    together = Barrier(2)

    def resubmit() -> str:
        together.wait()
        return path.step(case, "resubmit", by=people.applicant, at=later(31)).state

    def sweep() -> int:
        together.wait()
        return timers.SWEEPS["deficiencies.reject_unanswered"](later(31))

    def closing(act):
        try:
            return act()
        except (MoveRefused, StaleVersion) as lost:
            return type(lost).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        firms, clocks = threads.map(closing, (resubmit, sweep))
    state = fresh(case).state
    assert (state, firms, clocks) in (
        ("completeness_check", "completeness_check", 0),
        ("rejected_incomplete", "MoveRefused", 1),
        ("rejected_incomplete", "StaleVersion", 1),
    )
    assert (Deficiency.objects.get().settled_at is not None) == (state == "completeness_check")
