"""What becomes of an application whose applicant says nothing: a warning, time after it, and the end."""

import pytest
from django.utils import timezone

from licensing.actions import applications, requests, timers
from licensing.models import InformationRequest, Letter
from pvara.demo import answers, path
from pvara.kernel import audit, outbox
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job


def warn(at):
    return timers.SWEEPS["silence.warn_the_silent"](at)


def lapse(at):
    return timers.SWEEPS["silence.lapse_the_silent"](at)


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


@pytest.fixture
def draft(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="draft")


@pytest.fixture
def asked(firm, people, at):
    """A case that waits for its applicant's answers."""
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    requests.draft_question(case, by=people.officer, at=at, question="Why?")
    return path.step(case, "raise_rfi", by=people.officer, at=at)


def test_a_draft_is_warned_a_fortnight_before_and_lapses_after_ninety_days(draft, at, later):
    assert (warn(later(75)), warn(later(76)), warn(later(77))) == (0, 1, 0)
    assert audit.history(draft).last().data == {"last_day": "2026-06-02"}
    assert (lapse(later(90)), lapse(later(91)), lapse(later(92))) == (0, 1, 0)
    draft = fresh(draft)
    entry = audit.history(draft).last()
    assert (draft.state, entry.event, entry.actor) == ("lapsed", "lapse", None)
    assert entry.note == "We heard nothing from you since 4 March 2026."
    outbox.drain()
    assert Letter.objects.get(code="L14").content["reasons"] == entry.note


def test_whoever_goes_on_starts_the_time_anew(draft, people, at, later):
    warn(later(80))
    section = answers.to(draft.form)["aml"]
    applications.save_answers(draft, "aml", section, by=people.applicant, at=later(85))
    assert (lapse(later(100)), warn(later(160)), warn(later(161))) == (0, 0, 1)
    assert (lapse(later(175)), lapse(later(176))) == (0, 1)


def test_a_warning_that_comes_late_is_followed_by_its_own_time(draft, at, later):
    assert (warn(later(200)), lapse(later(200)), lapse(later(214)), lapse(later(215))) == (1, 0, 0, 1)


def test_the_move_itself_asks_for_the_silence_and_the_warning(draft, at, later):
    def shut(days):
        return [(each.code, each.details) for each in unmet(fresh(draft), "lapse", by=None, at=later(days))]

    assert shut(90) == [("applicant_was_silent", ("It lapses after 2 June 2026.",))]
    assert shut(91) == [("applicant_was_silent", ("The applicant was not warned.",))]
    warn(later(91))
    assert shut(105) == [("applicant_was_silent", ("The applicant was warned and has until 17 June 2026.",))]
    assert shut(106) == []
    with pytest.raises(MoveRefused):
        path.step(draft, "lapse", by=None, at=later(105), note="Silence.")


def test_unanswered_questions_are_overdue_then_warned_of_then_lapse(asked, people, at, later):
    request = InformationRequest.objects.get()
    assert timers.SWEEPS["requests.remind_of_answers"](later(60)) == 1
    assert (warn(later(76)), lapse(later(91))) == (1, 1)
    assert (fresh(asked).state, fresh(request).state) == ("lapsed", "ended")
    told = Job.objects.filter(kind="notice").exclude(payload__subject__startswith="KEY").order_by("pk")
    assert list(told.values_list("payload__subject", flat=True)) == [
        f"{asked.reference}: we ask you for information",
        f"{request.reference}: your answers are overdue",
        f"{asked.reference}: your application lapses soon",
    ]


@pytest.mark.parametrize("act", ["answer", "remark", "more_time"])
def test_an_applicant_at_work_is_not_silent(asked, people, at, later, act):
    item = InformationRequest.objects.get().items.get()
    if act == "answer":
        requests.answer_question(item, by=people.applicant, at=later(10), answer="Because.")
    elif act == "remark":
        requests.remark(item, by=people.applicant, at=later(10), words="What do you mean?")
    else:
        path.step(item.request, "ask_for_more_time", by=people.applicant, at=later(10), note="Our auditor is away.")
    assert timezone.localdate(fresh(asked).silent_since()) == timezone.localdate(later(10))


def test_words_alone_do_not_keep_a_case_whose_answers_are_overdue(asked, people, at, later):
    """A remark every few weeks is no silence; the answers are owed all the same."""
    request = InformationRequest.objects.get()
    due = (request.due_on - timezone.localdate(at)).days
    timers.SWEEPS["requests.remind_of_answers"](later(due + 1))
    say = {"by": people.applicant, "words": "We are at it."}
    for day in (due + 10, due + 40, due + 55):
        requests.remark(request.items.get(), at=later(day), **say)
    assert (fresh(asked).lapses_on() - timezone.localdate(at)).days == due + 60
    assert [warn(later(due + day)) for day in (45, 46, 47)] == [0, 1, 0]
    requests.remark(request.items.get(), at=later(due + 58), **say)
    assert [lapse(later(due + day)) for day in (60, 61)] == [0, 1]
    assert (
        audit.history(asked).last().note
        == f"Questions that were to be answered by {request.due_on:%-d %B %Y} have no answer."
    )


def test_more_time_is_more_time(asked, people, at, later):
    request = InformationRequest.objects.get()
    due = (request.due_on - timezone.localdate(at)).days
    path.step(request, "ask_for_more_time", by=people.applicant, at=later(due), note="Our auditor is away.")
    path.step(request, "grant_more_time", by=people.officer, at=later(due))
    timers.SWEEPS["requests.remind_of_answers"](later(due + 1))
    assert fresh(asked).answers_overdue_since() is None
    until = fresh(request).due_on
    timers.SWEEPS["requests.remind_of_answers"](later(due + 40))
    assert fresh(asked).answers_overdue_since() == until


def test_what_the_regulator_does_is_no_sign_of_life(asked, people, at, later):
    item = InformationRequest.objects.get().items.get()
    requests.remark(item, by=people.officer, at=later(10), words="We wait.")
    assert fresh(asked).silent_since() == at
    warn(later(76))
    assert fresh(asked).silent_since() == at


def test_a_case_that_waits_for_us_never_lapses(firm, people, at, later):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    assert (warn(later(300)), lapse(later(400)), fresh(case).state) == (0, 0, "submitted")
