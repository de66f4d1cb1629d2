"""Gates of the completeness check: the checklist, what is returned, its answers, and the rounds that there are."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.states import NocState
from pvara.kernel import figures
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


@gate("Not every item of the completeness checklist is in order.")
def checklist_is_complete(case: Any, at: datetime) -> bool | Shut:
    wanting = case.checklist_wanting(at)
    return Shut(*wanting) if wanting else True


@gate("Nothing is drafted that the applicant is to complete.")
def deficiencies_are_drafted(case: Any) -> bool | Open:
    drafted = case.drafters_of_deficiencies()
    return Open({"deficiencies": len(drafted)}) if drafted else False


@gate("Whoever drafted a deficiency does not return the case for it.")
def returner_did_not_draft(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in case.drafters_of_deficiencies()


def _most_rounds(case: Any) -> int:
    return int(figures.value("returned.rounds", on=case.began_on))


@gate("The case was returned as often as it may be: it can only be found complete or rejected.")
def rounds_are_left(case: Any) -> bool | Shut:
    made, most = case.rounds_made(), _most_rounds(case)
    return made < most or Shut(f"It was returned {made} times; {most} is the most.")


@gate("Not every deficiency is answered.")
def deficiencies_are_answered(case: Any) -> bool | Shut:
    waiting = case.deficiencies_unanswered()
    return Shut(*waiting) if waiting else True


@gate("An application is rejected as incomplete when the time for its answers is over, or its rounds are used up.")
def time_or_rounds_are_used_up(case: Any, at: datetime) -> bool | Shut:
    if case.state == NocState.RETURNED:
        due_on = case.answer_due_on()
        over = due_on is not None and timezone.localdate(at) > due_on
        return over or Shut("" if due_on is None else f"The applicant has until {due_on:%-d %B %Y}.")
    made, most = case.rounds_made(), _most_rounds(case)
    if made < most:
        return Shut(f"It was returned {made} times of {most}: return it with a list of what is missing.")
    return bool(case.found_wanting(at)) or Shut("No item of the checklist is found wanting.")
