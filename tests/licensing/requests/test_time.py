"""More time, and what a request does to the decision clock."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from licensing.actions import requests, timers
from licensing.models import InformationRequest, Letter, NocApplication
from pvara.demo import path
from pvara.kernel import audit, clock, deadlines, figures, outbox
from pvara.kernel.clock import KARACHI, Limit
from pvara.kernel.machine import MoveRefused
from pvara.kernel.models import ClockInterval, Holiday, Job
from tests.licensing.requests import decision, fresh, notices, shut


# ── More time ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_more_time_is_asked_for_once_with_reasons_and_granted(ask, answer, case, people, at, later):
    request = ask(at, "Why?")
    due = request.due_on
    assert shut(request, "grant_more_time", by=people.officer, at=at) == {"more_time_waits_for_an_answer": ()}
    with pytest.raises(MoveRefused):
        path.step(request, "ask_for_more_time", by=people.applicant, at=later(1))
    path.step(request, "ask_for_more_time", by=people.applicant, at=later(1), note="Our auditor is away.")
    assert fresh(request).extension_reasons == "Our auditor is away."
    told = Job.objects.filter(kind="notice").latest("pk").payload
    assert (told["to"], told["subject"]) == (people.officer.pk, f"{request.reference}: more time is asked for")
    request = path.step(request, "grant_more_time", by=people.assessor, at=later(2))
    assert clock.working_days_between(due, request.due_on) == 10
    assert shut(request, "grant_more_time", by=people.officer, at=at) == {"more_time_waits_for_an_answer": ()}
    assert shut(request, "ask_for_more_time", by=people.applicant, at=later(3)) == {"more_time_was_not_asked_for": ()}
    assert notices()[-1] == f"{request.reference}: more time"
    # The next round has the usual time, and more of it was given already.
    request = answer(request, later(4))
    requests.follow_up(request.items.get(), by=people.officer, at=later(5), words="And?")
    path.step(case, "raise_rfi", by=people.officer, at=later(5))
    request = fresh(request)
    assert clock.working_days_between(timezone.localdate(later(5)), request.due_on) == 20
    assert shut(request, "ask_for_more_time", by=people.applicant, at=later(6)) == {"more_time_was_not_asked_for": ()}


def test_more_time_is_declined_with_reasons(ask, people, at, later):
    request = ask(at, "Why?")
    due = request.due_on
    path.step(request, "ask_for_more_time", by=people.applicant, at=later(1), note="Our auditor is away.")
    with pytest.raises(MoveRefused):
        path.step(request, "decline_more_time", by=people.officer, at=later(2))
    request = path.step(request, "decline_more_time", by=people.officer, at=later(2), note="You have a deputy.")
    assert (request.due_on, request.extended_by_days) == (due, 0)
    assert notices()[-1] == f"{request.reference}: no more time"
    assert "You have a deputy." not in Job.objects.filter(kind="notice").latest("pk").payload["body"]


def test_more_time_is_asked_for_on_the_last_day_and_not_after_it(ask, people, at):
    request = ask(at, "Why?")
    due = request.due_on
    last = timezone.make_aware(datetime.combine(due, time(23, 0)), KARACHI)
    assert shut(request, "ask_for_more_time", by=people.applicant, at=last) == {}
    after = last + timedelta(hours=2)
    assert shut(request, "ask_for_more_time", by=people.applicant, at=after) == {
        "time_is_not_over": (f"It ended on {due:%-d %B %Y}.",)
    }


def test_overdue_answers_are_asked_after_once_for_each_last_day(ask, people, at):
    request = ask(at, "Why?")
    due = timezone.make_aware(datetime.combine(request.due_on, time(10, 0)), KARACHI)
    remind = timers.SWEEPS["requests.remind_of_answers"]
    assert remind(due) == 0
    assert (remind(due + timedelta(days=1)), remind(due + timedelta(days=2))) == (1, 0)
    assert notices()[-1] == f"{request.reference}: your answers are overdue"
    assert audit.history(request).last().event == "overdue"


# ── The decision clock ────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_request_stops_the_clock_until_it_is_answered_and_later_ones_do_not(ask, answer, case, at, later):
    request = ask(later(2), "Why?")
    assert (decision(case, later(5)).status, decision(case, later(5)).elapsed) == ("paused", 2)
    answer(request, later(9))
    reading = decision(case, later(10))
    assert (reading.status, reading.elapsed, reading.paused) == ("running", 3, 7)
    request = ask(later(12), "And why?")
    assert decision(case, later(13)).status == "running"
    answer(request, later(15))
    assert (decision(case, later(16)).elapsed, decision(case, later(16)).paused) == (9, 7)


def test_a_second_round_of_the_first_request_does_not_stop_the_clock(ask, answer, case, people, at, later):
    request = answer(ask(at, "Why?"), later(2))
    requests.follow_up(request.items.get(), by=people.officer, at=later(3), words="And?")
    path.step(case, "raise_rfi", by=people.officer, at=later(3))
    assert decision(case, later(4)).status == "running"


def ends(request):
    """The end of the last working day for which the request stops the clock, and the day itself."""
    last = clock.add_working_days(timezone.localdate(request.raised_at), 20)
    return timezone.make_aware(datetime.combine(last, time.max), KARACHI), last


def test_the_clock_runs_on_after_twenty_working_days_whenever_the_timer_comes(ask, answer, case, at, later):
    request = ask(at, "Why?")
    end, last = ends(request)
    run_on = timers.SWEEPS["requests.run_decision_clocks_on"]
    assert run_on(end) == 0
    assert decision(case, end).status == "paused"
    late = end + timedelta(days=6)
    assert (run_on(late), run_on(late)) == (1, 0)
    reading = decision(case, late)
    paused = (last - timezone.localdate(at)).days
    assert (reading.status, reading.elapsed, reading.paused) == ("running", 6, paused)
    assert audit.history(case).last().event == "clock_ran_on"
    # The answer that comes in the end changes nothing for the clock.
    answer(request, late + timedelta(days=1))
    assert (decision(case, late + timedelta(days=1)).elapsed, fresh(case).state) == (7, "under_assessment")


def test_an_answer_that_comes_before_a_late_timer_sets_the_clock_right(ask, answer, case, at):
    request = ask(at, "Why?")
    end, last = ends(request)
    answer(request, end + timedelta(days=4))
    reading = decision(case, end + timedelta(days=4))
    assert (reading.elapsed, reading.paused) == (4, (last - timezone.localdate(at)).days)


def test_an_answer_on_the_last_day_stops_it_no_longer(ask, answer, case, at):
    request = ask(at, "Why?")
    end, last = ends(request)
    answer(request, end - timedelta(hours=5))
    reading = decision(case, end + timedelta(days=1))
    assert (reading.elapsed, reading.paused) == (1, (last - timezone.localdate(at)).days)


def test_a_holiday_that_is_announced_meanwhile_counts(ask, case, people, at):
    request = ask(at, "Why?")
    end, last = ends(request)
    # The next working day after the start becomes a holiday.
    holiday = clock.add_working_days(timezone.localdate(at), 1)
    said = {"announced_by": "Cabinet Division", "by": people.supervisor, "at": at}
    deadlines.announce_holiday(holiday, "A day of mourning", **said)
    run_on = timers.SWEEPS["requests.run_decision_clocks_on"]
    assert run_on(end + timedelta(hours=1)) == 0
    assert Holiday.objects.filter(date=holiday).exists()
    again, later_day = ends(request)
    assert later_day > last
    assert run_on(again + timedelta(seconds=1)) == 1


def test_the_authority_may_switch_it_off(ask, case, at):
    row = {"key": "noc.request_stops_clock", "value": False, "unit": "switch", "mark": "I", "source": "By decision."}
    figures.load([{**row, "effective_from": str(timezone.localdate(at))}])
    ask(at, "Why?")
    assert decision(case, at + timedelta(days=3)).status == "running"


def test_a_licence_application_stops_its_own_clock(firm, people, at, later):
    granted = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(granted, people=people, at=at)
    case = path.full_case(done, people=people, at=at, until="under_assessment")
    requests.draft_question(case, by=people.assessor, at=at, question="Which vault?")
    path.step(case, "raise_rfi", by=people.assessor, at=at)
    limit = Limit(40, "working_days")
    assert clock.reading(case, "decision", limit=limit, at=later(3)).status == "paused"
    item = InformationRequest.objects.get().items.get()
    requests.answer_question(item, by=people.applicant, at=later(5), answer="A vault.")
    path.step(case, "answer_rfi", by=people.applicant, at=later(5))
    assert clock.reading(case, "decision", limit=limit, at=later(5)).status == "running"
    outbox.drain()
    assert Letter.objects.get(code="L33").content["items"] == ["Which vault?"]
    assert NocApplication.objects.get().state == "granted"
    assert ClockInterval.objects.filter(clock="decision", running=False).count() == 1
