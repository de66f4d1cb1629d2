"""Gates of a No Objection Certificate that was granted: its term, its one extension, its loss."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.states import SetUpState
from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


def _has_ended(noc: Any, at: datetime) -> bool:
    return bool(timezone.localdate(at) > noc.valid_to)


@gate("The term of the NOC has ended.")
def noc_is_in_term(noc: Any, at: datetime) -> bool | Shut:
    return Shut(f"It ended on {noc.valid_to:%-d %B %Y}.") if _has_ended(noc, at) else True


@gate("Neither the term of the NOC nor the time of its set-up has ended.")
def noc_term_or_set_up_has_ended(noc: Any, at: datetime) -> bool | Shut:
    # A NOC is given for setting up: when that lapses, it has nothing left to serve.
    if _has_ended(noc, at) or noc.setup.state == SetUpState.LAPSED:
        return True
    return Shut(f"It ends on {noc.valid_to:%-d %B %Y}.")


@gate("A NOC is extended once only.")
def noc_was_not_extended(noc: Any) -> bool:
    return noc.extended_at is None


@gate("An extension has been asked for already; it waits for the committee.")
def no_extension_waits(noc: Any) -> bool:
    return noc.extension_asked_at is None


@gate("The firm has not asked for an extension.")
def extension_was_asked_for(noc: Any) -> bool:
    return noc.extension_asked_at is not None


@gate("A notice waits already for the firm's answer and the committee.")
def no_notice_waits(noc: Any) -> bool:
    return noc.notice_that_waits() is None


@gate("No notice was given, or it is settled.")
def a_notice_waits(noc: Any) -> bool:
    return noc.notice_that_waits() is not None


@gate("Whoever gave the notice does not decide on what follows.")
def decider_did_not_give_the_notice(noc: Any, by: User | None) -> bool:
    notice = noc.notice_that_waits()
    return by is None or notice is None or notice.given_by_id != by.pk


@gate("No hearing is outstanding.")
def hearing_is_outstanding(noc: Any) -> bool:
    return noc.hear_by is not None


@gate("Whoever suspended a NOC does not reinstate it.")
def reinstater_is_not_suspender(noc: Any, by: User | None) -> bool:
    return by is None or noc.suspended_by_id != by.pk


@gate("Whoever suspended a NOC does not revoke it.")
def revoker_is_not_suspender(noc: Any, by: User | None) -> bool:
    return by is None or noc.suspended_by_id != by.pk
