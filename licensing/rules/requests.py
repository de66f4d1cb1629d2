"""Gates of requests for information, of a case that waits for answers, and of one that waits for too long."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from pvara.kernel import figures
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


# ── Of a case ────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("No question is drafted.")
def questions_are_drafted(case: Any) -> bool | Open:
    prepared = [each.reference for each in case.requests().prepared()]
    return Open({"requests": prepared}) if prepared else False


@gate("Not every question is answered.")
def questions_are_answered(case: Any) -> bool | Shut:
    waiting = case.questions_unanswered()
    return Shut(*waiting) if waiting else True


@gate("A request for information is not closed.")
def requests_are_closed(case: Any) -> bool | Shut:
    going = case.requests_not_closed()
    return Shut(*going) if going else True


@gate("The applicant has not been silent for long enough.")
def applicant_was_silent(case: Any, at: datetime) -> bool | Shut:
    today = timezone.localdate(at)
    lapses_on = case.lapses_on()
    if today <= lapses_on:
        return Shut(f"It lapses after {lapses_on:%-d %B %Y}.")
    warned = case.warned_at()
    days = figures.limit("silence.warning", on=case.began_on).length
    if warned is None:
        return Shut("The applicant was not warned.")
    until = timezone.localdate(warned) + timedelta(days=days)
    return today > until or Shut(f"The applicant was warned and has until {until:%-d %B %Y}.")


# ── Of a request ─────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("You stepped back from the case.")
def person_is_not_recused(request: Any, by: User | None) -> bool:
    return by is None or by.pk not in request.recused_ids()


@gate("A question is to be put again.")
def nothing_is_left_to_ask(request: Any) -> bool | Shut:
    again = request.to_follow_up()
    return Shut(*again) if again else True


@gate("More time is asked for once only.")
def more_time_was_not_asked_for(request: Any) -> bool:
    return request.extension_asked_at is None


@gate("The time for the answers is over.")
def time_is_not_over(request: Any, at: datetime) -> bool | Shut:
    due_on = request.due_on
    return due_on is None or timezone.localdate(at) <= due_on or Shut(f"It ended on {due_on:%-d %B %Y}.")


@gate("Nobody asks for more time.")
def more_time_waits_for_an_answer(request: Any) -> bool:
    return request.extension_asked_at is not None and request.extension_decided_at is None
