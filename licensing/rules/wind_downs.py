"""Gates of a wind-down."""

from typing import Any

from pvara.kernel.gates import Shut, gate


@gate("The plan is not written.")
def plan_is_written(winding: Any) -> bool | Shut:
    return bool(winding.plan) or Shut("Say how clients get their assets back, by when, and who sees to it.")


@gate("The licence is not in force.")
def licence_was_given_back(winding: Any) -> bool:
    return winding.licence.state not in winding.licence.closed_states
