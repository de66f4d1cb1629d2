"""Gates of a refusal, or of the loss of a NOC: its grounds, and the firm that is heard before it is decided."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pvara.kernel.gates import Open, Shut, gate


@gate("No ground is drafted: name a criterion or a section of the form, and what is wrong.")
def grounds_are_drafted(case: Any) -> bool:
    return bool(case.drafted_grounds())


@gate("The firm may still make representations.")
def firm_was_heard(case: Any, at: datetime) -> Open | Shut:
    notice = case.notice_that_waits()
    if notice is None:
        return Shut("No notice was given to it.")
    made = notice.representations.count()
    if made or notice.time_is_over(at):
        return Open({"notice": notice.number, "representations": made, "last_day": str(notice.last_day)})
    return Shut(f"It has until {notice.last_day:%-d %B %Y}, and has made none yet.")


@gate("Representations of the firm are not considered yet.")
def representations_are_considered(case: Any) -> bool | Open | Shut:
    notice = case.notice_that_waits()
    if notice is None:
        return True
    waiting = notice.representations.filter(consideration__isnull=True).select_related("made_by")
    if waiting:
        return Shut(*(f"Made on {timezone.localdate(each.made_at):%-d %B %Y} by {each.made_by}." for each in waiting))
    considered = notice.representations.select_related("consideration__considered_by")
    return Open(
        {
            "considered": [
                {
                    "representation": each.pk,
                    "by": str(each.consideration.considered_by),
                    "note": each.consideration.note,
                }
                for each in considered
            ]
        }
    )
