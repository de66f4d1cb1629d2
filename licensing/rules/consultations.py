"""Gates of consultation: of one request, and of a case that waits for all of them."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Open, Shut, gate


@gate("The reply is not written down: use the form for replies.")
def reply_is_on_record(consultation: Any) -> bool:
    return consultation.reply_id is not None


@gate("The agency still has time to reply.")
def time_to_reply_is_over(consultation: Any, at: datetime) -> bool | Shut:
    clock = consultation.time_to_reply(at)
    return clock.breached or Shut(f"Its clock: {clock.sentence()}.")


@gate("No objection of this agency stands in the way of the case.")
def objection_blocks(consultation: Any) -> bool:
    return bool(consultation.blocks)


@gate("The board has decided on this objection already.")
def objection_is_not_overridden(consultation: Any) -> bool:
    return consultation.override is None


# ── Of a case ────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The consultation of other agencies is not closed.")
def consultations_are_closed(case: Any) -> bool | Shut:
    waiting = case.consultations_outstanding()
    return Shut(*waiting) if waiting else True


@gate("An agency objects, and the board has not decided to go on over its objection.")
def no_blocking_objection_stands(case: Any) -> Open | Shut:
    objections = case.blocking_objections()
    standing = [each.objection_sentence for each in objections if each.override is None]
    if standing:
        return Shut(*standing)
    # What the board decided goes into the audit entry of the decision that rests on it.
    return Open(
        {
            each.agency.code: {"by": str(each.override.overridden_by), "reasons": each.override.reasons}
            for each in objections
        }
    )
