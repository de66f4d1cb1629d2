"""Gates of the licence's own life."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("The term of the licence has ended.")
def licence_is_in_term(licence: Any, at: datetime) -> bool | Shut:
    return licence.is_in_term(at) or Shut(f"It ended on {licence.valid_to:%-d %B %Y}.")


@gate("Whoever suspended a licence does not reinstate it.")
def reinstater_is_not_suspender(licence: Any, by: User | None) -> bool:
    return by is None or licence.suspended_by_id != by.pk
