"""Casting a vote on a decision that a body takes together. What the votes amount to is counted in `models/votes.py`."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing.models import Motion, Vote
from licensing.models.votes import put_to_vote, tallies
from licensing.states import VoteChoice
from pvara.kernel import audit, roles
from pvara.kernel.machine import StaleVersion
from pvara.kernel.models import User


def cast_vote(
    case: Any, move: str, *, by: User, at: datetime, expected_version: int, choice: str, reasons: str = ""
) -> Vote:
    """Vote on one decision about a case as the member has read it; a later vote takes the place of an earlier one.

    Raises PermissionDenied, with every reason, for who is no member of the body or has an interest or a part in the
    case; StaleVersion when the case is no longer as the member saw it; ValidationError for what is not voted on now,
    and for a dissent without reasons.
    """
    if choice not in VoteChoice.values:
        raise ValidationError({"choice": "Choose how you vote."})
    if choice == VoteChoice.AGAINST and not reasons.strip():
        raise ValidationError(
            {"reasons": "Say why you are against it: a dissent goes into the record with its reasons."}
        )
    with transaction.atomic():
        # In turn with whoever makes the decision: no vote slips in after it.
        case = type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        if move not in {row.name for row in put_to_vote(case)}:
            raise ValidationError({"move": "This is not voted on now."})
        tally = tallies(case, [move], at)[move]
        if tally.body.role not in roles.of(by):
            raise PermissionDenied(f"{tally.body.title}: its members alone vote on this.")
        if by in tally.barred:
            raise PermissionDenied(" ".join(["You have no vote on this case.", *tally.barred[by]]))
        if case.version != expected_version:
            raise StaleVersion(case, expected_version)
        motion, _ = Motion.objects.get_or_create(
            subject_type=case._meta.label_lower,
            subject_id=case.pk,
            subject_version=case.version,
            move=move,
            defaults={
                "firm": case.firm,
                "body": tally.body.code,
                "terms": list(tally.terms),
                "opened_at": at,
            },
        )
        vote = Vote.objects.create(
            motion=motion,
            member=by,
            choice=choice,
            reasons=reasons.strip(),
            cast_at=at,
            supersedes=Vote.objects.filter(motion=motion, member=by, superseded_by__isnull=True).first(),
        )
        audit.record(
            case,
            event="voted",
            by=by,
            at=at,
            note=vote.reasons,
            data={"move": move, "choice": choice, "terms": motion.terms, "again": vote.supersedes_id is not None},
        )
        return vote
