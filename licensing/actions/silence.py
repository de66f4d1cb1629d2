"""Applications that wait for their applicant: warned after a long silence, lapsed after a longer one.

So with an approval in principle whose conditions are not met in their time.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from licensing.actions.applications import locked
from licensing.actions.notices import tell_firm
from licensing.actions.timers import each_row, timer
from licensing.models import LicenceApplication, NocApplication
from licensing.states import FullState, NocState
from pvara.kernel import audit, figures
from pvara.kernel.machine import perform

# With the applicant; nothing goes on until they do something.
WITH_THE_APPLICANT = (NocState.DRAFT, NocState.RETURNED, NocState.RFI)
WAITING = (*WITH_THE_APPLICANT, FullState.IN_PRINCIPLE)


def _each(change: Callable[[Any, datetime], object], at: datetime) -> int:
    return sum(
        each_row(model.objects.filter(state__in=WAITING).select_related("firm").order_by("pk"), change, at)
        for model in (NocApplication, LicenceApplication)
    )


def _warning(case: Any) -> timedelta:
    """How long there is between the warning and the lapse, by the rules of the day on which the case was opened."""
    return timedelta(days=figures.limit("silence.warning", on=case.began_on).length)


def _waits_for_the_board(case: Any) -> bool:
    """Who has met every condition precedent has nothing left to do."""
    return case.state == FullState.IN_PRINCIPLE and all(each.is_settled for each in case.conditions_precedent())


@timer
def warn_the_silent(at: datetime) -> int:
    """Tell a firm some days before its application lapses."""
    today = timezone.localdate(at)

    def warn(case: Any, at: datetime) -> bool:
        # In turn with what the applicant may be doing at this moment, and with another scheduler.
        case = locked(case)
        lapses_on = case.lapses_on()
        ahead = _warning(case)
        if (
            case.state not in WAITING
            or _waits_for_the_board(case)
            or today < lapses_on - ahead
            or case.warned_at() is not None
        ):
            return False
        # A warning that comes late moves the day: there is always as much time after it.
        last_day = max(lapses_on, today + ahead)
        audit.record(case, event="lapse_warned", by=None, at=at, data={"last_day": last_day})
        tell_firm(
            case.firm,
            subject=f"{case.reference}: your application lapses soon",
            template="lapse_warned",
            context={"case": case, "last_day": last_day},
            key=f"lapse-warned:{case._meta.label_lower}:{case.pk}:{last_day}",
            at=at,
        )
        return True

    return _each(warn, at)


@timer
def lapse_the_silent(at: datetime) -> int:
    """An application lapses when its applicant was silent for too long, and was warned."""

    def lapse(case: Any, at: datetime) -> bool:
        if case.warned_at() is None or timezone.localdate(at) <= case.lapses_on() or _waits_for_the_board(case):
            return False
        if timezone.localdate(at) <= timezone.localdate(case.warned_at()) + _warning(case):
            return False
        since = f"{timezone.localdate(case.silent_since()):%-d %B %Y}"
        if case.state == FullState.IN_PRINCIPLE:
            move, note = "let_approval_lapse", f"The conditions precedent of the approval of {since} are not all met."
        elif overdue := case.answers_overdue_since():
            move, note = "lapse", f"Questions that were to be answered by {overdue:%-d %B %Y} have no answer."
        else:
            move, note = "lapse", f"We heard nothing from you since {since}."
        perform(case, move, by=None, at=at, expected_version=case.version, note=note)
        return True

    return _each(lapse, at)
