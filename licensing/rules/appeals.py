"""Gates of an appeal: its time, its panel, and what it gives back."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


@gate("The time to appeal has ended, and no leave is recorded.")
def appeal_is_in_time_or_has_leave(appeal: Any) -> bool | Open | Shut:
    last = appeal.last_day()
    if appeal.filed_on <= last:
        return True
    return Open({"leave": appeal.leave}) if appeal.leave else Shut(f"The last day was {last:%-d %B %Y}.")


@gate("The panel is not complete.")
def panel_is_complete(appeal: Any, at: datetime) -> Open | Shut:
    members = [str(each) for each in appeal.panel.all()]
    size = appeal.panel_size(at)
    if len(members) < size:
        return Shut(f"{len(members)} of {size} members are named.")
    return Open({"panel": members})


@gate("Somebody on the panel took part in the decision.")
def panel_took_no_part(appeal: Any) -> bool | Shut:
    took_part = appeal.participant_ids()
    found = [f"{each}." for each in appeal.panel.all() if each.pk in took_part]
    return Shut(*found) if found else True


@gate("Whoever took part in the decision keeps away from the appeal.")
def recorder_took_no_part(appeal: Any, by: User | None) -> bool:
    return by is None or by.pk not in appeal.participant_ids()


@gate("No appeal against this refusal succeeded.")
def appeal_took_the_refusal_away(case: Any) -> Open | Shut:
    found = case.appeal_to_follow()
    return Open({"appeal": found.reference}) if found else Shut()


@gate("After an appeal others decide than those whose decision it took away.")
def decider_is_new_after_an_appeal(case: Any, by: User | None) -> bool:
    return by is None or case.remitted_at is None or by.pk not in case.former_decider_ids()
