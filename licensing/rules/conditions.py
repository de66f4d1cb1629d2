"""Gates of conditions: of drafting and imposing them, of meeting one, and of a licence that waits for them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from pvara.kernel import figures
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


# ── Of a case ────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("No condition is drafted.")
def conditions_are_drafted(case: Any) -> bool:
    return bool(case.drafted_conditions())


@gate("Conditions are drafted: grant with conditions, or take them back.")
def no_condition_is_drafted(case: Any) -> bool:
    return not case.drafted_conditions()


@gate("A drafted condition falls due on a day that cannot be.")
def drafted_conditions_can_be_met(case: Any, at: datetime) -> bool | Shut:
    wrong = [sentence for each in case.drafted_conditions() if (sentence := each.due_day_fault(at))]
    return Shut(*wrong) if wrong else True


@gate("Conditions precedent are neither satisfied nor waived.")
def conditions_precedent_are_met(case: Any) -> bool | Open | Shut:
    rows = case.conditions_precedent()
    waiting = [each for each in rows if not each.is_settled]
    if waiting:
        return Shut(*(f"{each}: {each.get_state_display().lower()}." for each in waiting))
    return Open({"met": [f"{each}: {each.get_state_display().lower()}" for each in rows]}) if rows else True


@gate("Every condition precedent is met: the grant waits for the board.")
def a_condition_precedent_is_unmet(case: Any) -> bool:
    return any(not each.is_settled for each in case.conditions_precedent())


@gate("The time for the conditions precedent is not over.")
def time_for_the_conditions_is_over(case: Any, at: datetime) -> bool | Shut:
    today, last, warned = timezone.localdate(at), case.lapses_on(), case.warned_at()
    if today <= last:
        return Shut(f"It lapses after {last:%-d %B %Y}.")
    if warned is None:
        return Shut("The applicant was not warned.")
    until = timezone.localdate(warned) + timedelta(days=figures.limit("silence.warning", on=case.began_on).length)
    return today > until or Shut(f"The applicant was warned and has until {until:%-d %B %Y}.")


# ── Of a condition ───────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The decision on the case does not impose it.")
def decision_imposes_conditions(condition: Any) -> bool:
    return bool(condition.is_to_be_imposed)


@gate("No document is attached that proves it.")
def condition_is_proved(condition: Any) -> bool:
    return bool(condition.has_new_document())


@gate("Whoever submitted the evidence does not verify it.")
def verifier_did_not_submit(condition: Any, by: User | None) -> bool:
    return by is None or condition.submitted_by_id != by.pk


@gate("Its day has not passed, or it has none.")
def due_day_has_passed(condition: Any, at: datetime) -> bool | Shut:
    if condition.due_on is None:
        return False
    return bool(timezone.localdate(at) > condition.due_on) or Shut(f"It is due by {condition.due_on:%-d %B %Y}.")
