"""Rounds, time and rejection; an answer and the timer at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from licensing.actions import applications, deficiencies, timers
from licensing.models import Deficiency, Letter, NocApplication
from pvara.demo import path
from pvara.kernel import audit, outbox
from pvara.kernel.machine import MoveRefused, StaleVersion
from pvara.kernel.seen import mark
from tests.licensing.deficiencies import answered, check, find_wanting, fresh, returned, shut


# ── Rounds, time, rejection ───────────────────────────────────────────────────────────────────────────────────────────
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
    check(case, {"section:aml": ("in_order", "")}, by=people.officer, at=later(4))
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


# ── At once ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_late_answer_and_the_timer_at_once_leave_one_outcome(firm, people, at, later):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    returned(case, people, at)
    deficiencies.answer_deficiency(
        Deficiency.objects.get(), by=people.applicant, at=later(31), answer="The minute is attached."
    )
    applications.sign_declaration(case, by=people.applicant, at=later(31), seen=mark(case.answers))
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
