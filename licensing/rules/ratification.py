"""Gates of an urgent suspension after it was made: the board's votes for it, in time, or its end."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User

RATIFY = "ratify_suspension"


@gate("No urgent suspension waits to be ratified.", premise=True)
def suspension_waits_for_ratification(case: Any) -> Open | Shut:
    found = case.to_be_ratified()
    return Open({"suspension": found.reference, "by": str(found.last_day)}) if found else Shut()


@gate("The urgent suspension is not ratified yet: nothing is built on it.")
def suspension_is_ratified(case: Any) -> bool | Shut:
    found = case.to_be_ratified()
    return Shut(f"The board has until {found.last_day:%-d %B %Y}.") if found else True


@gate("Whoever proposed or made an urgent suspension does not ratify it.")
def ratifier_did_not_suspend(case: Any, by: User | None) -> bool:
    found = case.to_be_ratified()
    return by is None or found is None or by.pk not in found.made_by


@gate("The time to ratify the urgent suspension has passed.")
def time_to_ratify_has_not_passed(case: Any, at: datetime) -> bool | Shut:
    found = case.to_be_ratified()
    if found is None or timezone.localdate(at) <= found.last_day:
        return True
    return Shut(f"The last day was {found.last_day:%-d %B %Y}: it is lifted.")


@gate("The board may still ratify the urgent suspension.")
def ratification_has_failed(case: Any, at: datetime) -> bool | Open | Shut:
    found = case.to_be_ratified()
    if found is None:
        return True  # that nothing waits is another gate's
    if timezone.localdate(at) > found.last_day:
        return Open({"not ratified by": str(found.last_day)})
    tally = case.tally(RATIFY, at)
    return Open(tally.facts) if tally.is_voted_down else Shut(f"It has until {found.last_day:%-d %B %Y}.")
