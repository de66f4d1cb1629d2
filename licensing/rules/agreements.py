"""Gates of agreements and of what was promised under them."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.states import MouState
from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("The day of the signing is not given, or is yet to come.")
def signing_day_is_given(mou: Any, at: datetime) -> bool:
    return mou.signed_on is not None and mou.signed_on <= timezone.localdate(at)


@gate("The term of the agreement has not ended.")
def term_has_ended(mou: Any, at: datetime) -> bool:
    return mou.in_force_to is not None and mou.in_force_to < timezone.localdate(at)


@gate("The agreement is not signed, or has ended.")
def agreement_is_signed(deliverable: Any) -> bool | Shut:
    mou = deliverable.mou
    return mou.state == MouState.SIGNED or Shut(f"It is {mou.get_state_display().lower()}.")


@gate("No document shows what was delivered.")
def delivery_is_documented(deliverable: Any) -> bool:
    return bool(deliverable.has_document())


@gate("Whoever recorded a delivery does not accept it.")
def accepter_did_not_record_the_delivery(deliverable: Any, by: User | None) -> bool:
    return by is None or deliverable.delivery_recorded_by_id != by.pk
