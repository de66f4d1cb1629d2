"""Gates of ownership: the statement behind a case, and a change of control."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("The ownership is not disclosed down to natural persons.")
def ownership_is_disclosed_to_natural_persons(case: Any, at: datetime) -> bool | Shut:
    wanting = case.ownership_faults(at)
    return Shut(*wanting) if wanting else True


@gate("The new statement of ownership has faults.")
def new_ownership_is_disclosed(change: Any, at: datetime) -> bool | Shut:
    wanting = change.statement.faults(at)
    return Shut(*wanting) if wanting else True


@gate("Whoever assessed a change of control does not decide on it.")
def decider_is_not_assessor(change: Any, by: User | None) -> bool:
    return by is None or change.assessed_by_id != by.pk
