"""The gate of interests: it holds for every move that the regulator's people make on a firm's rows."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("You have an interest in this firm, so you take no part in its cases.")
def person_has_no_interest(case: Any, by: User | None, at: datetime) -> bool | Shut:
    if by is None:
        return True
    said = case.access_anchor.conflicts_of(by, at, case=case)
    return Shut(*said) if said else True
