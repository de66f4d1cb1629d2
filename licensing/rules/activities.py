"""Gates of what is asked for: each activity has its own minimum of paid-up capital and its own criteria."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.scoring import MANDATORY_BAR
from licensing.states import Activity
from pvara.kernel.gates import Open, Shut, gate


def _without_terms(case: Any, terms: dict[str, Any]) -> list[str]:
    """A sentence for each activity that could not be applied for when the case was opened."""
    missing = [code for code in case.requested_activities if code not in terms]
    on = timezone.localdate(case.opened_at)
    return [f"{Activity(code).label}: no terms were in force on {on:%-d %B %Y}." for code in missing]


@gate("The paid-up capital does not reach the minimum of the activities asked for.")
def capital_is_paid_up(case: Any) -> Open | Shut:
    terms = case.activity_terms()
    if faults := _without_terms(case, terms):
        return Shut(*faults)
    if not terms:
        return Shut("No activity is asked for.")
    highest = max(terms.values(), key=lambda each: each.minimum_capital_pkr)
    least, capital = highest.minimum_capital_pkr, case.paid_up_capital
    if capital is None:
        return Shut(f"No paid-up capital is verified; {highest.title} asks for PKR {least:,.2f}.")
    if capital < least:
        return Shut(f"PKR {capital:,f} is verified; {highest.title} asks for PKR {least:,.2f}.")
    return Open({"capital_pkr": str(capital), "minimum_pkr": str(least), "activity": highest.code})


@gate("The criteria of the activities asked for are not all largely met.")
def criteria_of_the_activities_are_met(case: Any, at: datetime) -> Open | Shut:
    terms = case.activity_terms()
    bar = MANDATORY_BAR["FULL"]
    lines = {line.criterion.code: line for line in case.score(at).lines}
    faults = _without_terms(case, terms)
    for each in terms.values():
        for code in each.criteria:
            line = lines.get(code)
            # A criterion that a later framework dropped asks for nothing; one that does not apply, neither.
            if line is not None and line.counts and line.effective < bar:
                faults.append(f"{each.title}: {code} {line.criterion.title} counts {line.effective}; {bar} is needed.")
    return Shut(*faults) if faults else Open({code: list(each.criteria) for code, each in terms.items()})
