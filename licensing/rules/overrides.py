"""Gates of overriding a moderated rating and of waiving a criterion: what may be, and by whom."""

from datetime import datetime
from typing import Any

from licensing.scoring import Mark
from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("A knock-out is never overridden.")
def criterion_is_no_knock_out(override: Any) -> bool | Shut:
    criterion = override.rating.criterion
    return criterion.mark != Mark.KNOCK_OUT or Shut(f"{criterion} is a knock-out.")


@gate("The rating does not stand any more.")
def rating_still_stands(override: Any) -> bool | Shut:
    rating = override.rating
    if rating.current and rating.is_moderated:
        return True
    return Shut("The criterion was rated anew or reopened: propose the override of what stands now.")


@gate("Whoever proposed an override does not decide on it.")
def decider_did_not_propose_the_override(override: Any, by: User | None) -> bool:
    return by is None or bool(override.proposed_by_id != by.pk)


@gate("It is proposed to waive the criterion: the committee decides that as a waiver.")
def another_rating_is_proposed(override: Any) -> bool:
    return not override.waives


@gate("It is proposed that the rating counts as another, and not to waive the criterion.")
def a_waiver_is_proposed(override: Any) -> bool:
    return bool(override.waives)


@gate("The framework does not let the committee waive this criterion.")
def criterion_is_waivable(override: Any, at: datetime) -> bool | Shut:
    closed = override.closed_to_waivers(at)
    return Shut(*(f"{each} asks {override.rating.criterion} of everybody." for each in closed)) if closed else True
