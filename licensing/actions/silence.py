"""Applications that wait for their applicant: warned after a long silence, lapsed after a longer one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from licensing.actions.applications import locked
from licensing.actions.notices import tell_firm
from licensing.actions.timers import each_row, timer
from licensing.models import LicenceApplication, NocApplication
from licensing.states import NocState
from pvara.kernel import audit, figures
from pvara.kernel.machine import perform

# With the applicant; nothing goes on until they do something.
WITH_THE_APPLICANT = (NocState.DRAFT, NocState.RETURNED, NocState.RFI)


def _each(change: Callable[[Any, datetime], object], at: datetime) -> int:
    return sum(
        each_row(model.objects.filter(state__in=WITH_THE_APPLICANT).select_related("firm").order_by("pk"), change, at)
        for model in (NocApplication, LicenceApplication)
    )


def _warning(case: Any) -> timedelta:
    """How long there is between the warning and the lapse, by the rules of the day on which the case was opened."""
    return timedelta(days=figures.limit("silence.warning", on=case.began_on).length)


@timer
def warn_the_silent(at: datetime) -> int:
    """Tell a firm some days before its application lapses."""
    today = timezone.localdate(at)

    def warn(case: Any, at: datetime) -> bool:
        # In turn with what the applicant may be doing at this moment, and with another scheduler.
        case = locked(case)
        lapses_on = case.lapses_on()
        ahead = _warning(case)
        if case.state not in WITH_THE_APPLICANT or today < lapses_on - ahead or case.warned_at() is not None:
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
        if case.warned_at() is None or timezone.localdate(at) <= case.lapses_on():
            return False
        if timezone.localdate(at) <= timezone.localdate(case.warned_at()) + _warning(case):
            return False
        note = f"We heard nothing from you since {timezone.localdate(case.silent_since()):%-d %B %Y}."
        perform(case, "lapse", by=None, at=at, expected_version=case.version, note=note)
        return True

    return _each(lapse, at)
