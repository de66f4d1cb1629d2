"""Gates of the set-up of the local subsidiary and of its milestones."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from licensing import questions
from licensing.states import SetUpState
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


@gate("The set-up is over: nothing of it is handed in or verified any more.")
def set_up_is_open(milestone: Any) -> bool:
    return bool(milestone.setup.state == SetUpState.OPEN)


@gate("The particulars of the milestone are not complete.")
def particulars_are_given(milestone: Any) -> bool | Shut:
    said = milestone.particulars
    missing = [
        question.label
        for question in questions.MILESTONE_PARTICULARS[milestone.code]
        if questions.is_asked(question, said) and not questions.is_answered(question, said.get(question.key))
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


@gate("The firm has stated two shares of the subsidiary that differ.")
def shares_are_stated_alike(setup: Any, at: Any) -> bool | Open | Shut:
    stated = setup.stated_share(at)
    if stated is None or setup.share is None:
        return True
    reference, share = stated
    if share == setup.share:
        return Open({"statement": reference, "share": str(share)})
    return Shut(f"Milestone M1 says {setup.share}%, {reference} says {share.normalize():f}%. One of them is wrong.")


@gate("Whoever submitted a milestone does not verify it.")
def verifier_is_not_submitter(milestone: Any, by: User | None) -> bool:
    return by is None or milestone.submitted_by_id != by.pk


@gate("Whoever verified a milestone does not confirm the set-up.")
def confirmer_did_not_verify(setup: Any, by: User | None) -> bool:
    return by is None or by.pk not in {milestone.verified_by_id for milestone in setup.milestones.all()}


@gate("No document is attached that proves the milestone.")
def evidence_is_attached(milestone: Any) -> bool:
    return bool(milestone.has_document())


@gate("Another firm has given the same number.")
def identifiers_are_nobody_elses(milestone: Any) -> bool | Shut:
    taken = milestone.taken_identifiers()
    return Shut(*(f"“{label}” {number} is that of {holder}." for label, number, holder in taken)) if taken else True


@gate("The owners are neither those of the NOC nor others to whom no objection was raised.")
def owners_are_known_since_the_noc(milestone: Any, at: datetime) -> bool | Open | Shut:
    since = milestone.owners_since_the_noc(at)
    if since is None:
        return True
    if since.unaccounted:
        return Shut(*since.unaccounted, *(each.sentence for each in since.owners))
    facts: dict[str, Any] = {"then": since.then.reference, "now": since.now.reference}
    if since.changes:
        facts |= {"changes": since.changes, "owners": [each.sentence for each in since.owners]}
    return Open(facts)


@gate("The set-up is extended once only.")
def setup_was_not_extended(setup: Any) -> bool:
    return setup.extended_at is None


@gate("There is time left for the set-up.")
def setup_time_or_noc_has_ended(setup: Any, at: datetime) -> bool | Shut:
    if not setup.noc.is_live:
        return True
    last_day = setup.last_day(at)
    return timezone.localdate(at) > last_day or Shut(f"It is to be finished by {last_day:%-d %B %Y}.")
