"""Gates of the set-up of the local subsidiary and of its milestones."""

from decimal import Decimal
from typing import Any

from licensing import questions
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


@gate("The particulars of the milestone are not complete.")
def particulars_are_given(milestone: Any) -> bool | Shut:
    missing = [
        question.label
        for question in questions.MILESTONE_PARTICULARS[milestone.code]
        if not questions.is_answered(question, milestone.particulars.get(question.key))
    ]
    return Shut(*(f"“{label}” has no answer." for label in missing)) if missing else True


@gate("Milestones are not all verified.")
def milestones_are_verified(setup: Any) -> bool | Shut:
    waiting = [str(milestone) for milestone in setup.unverified_milestones()]
    return Shut(*(f"{each}." for each in waiting)) if waiting else True


@gate("The NOC holder does not own enough of the subsidiary.")
def subsidiary_is_held(setup: Any, at: Any) -> Open | Shut:
    least = setup.minimum_share(at)
    share = setup.share
    if share is not None and Decimal(share) >= least:
        return Open({"share": str(share), "minimum": str(least)})
    held = "an unknown share" if share is None else f"{share}%"
    return Shut(f"It holds {held}; at least {least}% is required.")


@gate("Whoever submitted a milestone does not verify it.")
def verifier_is_not_submitter(milestone: Any, by: User | None) -> bool:
    return by is None or milestone.submitted_by_id != by.pk


@gate("Whoever verified a milestone does not confirm the set-up.")
def confirmer_did_not_verify(setup: Any, by: User | None) -> bool:
    return by is None or by.pk not in {milestone.verified_by_id for milestone in setup.milestones.all()}
