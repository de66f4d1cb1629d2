"""Handing a case to another officer: for leave, for an interest that was found, or to share the work."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing.access import HAND_OVER_CASES
from licensing.actions.applications import A, locked, new_version
from licensing.actions.interests import require_no_interest
from licensing.models import Handover
from pvara.kernel import audit, roles
from pvara.kernel.models import User
from pvara.kernel.refusals import StaleVersion

OFFICER = "case_officer"


def reasons_against(case: A, person: User, *, at: datetime) -> list[str]:
    """A sentence for everything that keeps a person from having the case in hand from now on; none for who may."""
    said: list[str] = []
    if not roles.holders(OFFICER).filter(pk=person.pk).exists():
        said.append(f"{person} is not a case officer.")
    if person.pk == case.case_officer_id:
        said.append(f"{person} has the case in hand already.")
    if person.pk in case.decider_ids():
        said.append(f"{person} recommended the case or decided on it.")
    if person.pk in case.payment_recorder_ids():
        said.append(f"{person} recorded a payment for the case, and its officer keeps away from its money.")
    return [*said, *case.access_anchor.conflicts_of(person, at, case=case)]


def may_take_over(case: A, *, at: datetime) -> list[User]:
    """The officers to whom the case may go."""
    officers = roles.holders(OFFICER).order_by("name", "pk")
    return [each for each in officers if not reasons_against(case, each, at=at)]


def hand_over(case: A, to: User, *, by: User, at: datetime, reasons: str, expected_version: int) -> Handover:
    """Give a case that is not over to another officer; whoever had it stays among those who do not decide on it.

    It makes a new version of the case, so that votes are cast with its new officer known. Raises PermissionDenied;
    StaleVersion when the case is no longer as the supervisor saw it; ValidationError with every reason against.
    """
    if not by.has_perm(HAND_OVER_CASES):
        raise PermissionDenied("You are not among those who hand cases over.")
    if not reasons.strip():
        raise ValidationError({"reasons": "Say why: the hand-over is part of the record."})
    with transaction.atomic():
        case = locked(case)
        require_no_interest(by, case.access_anchor, at=at, case=case)
        if case.version != expected_version:
            raise StaleVersion(case, expected_version)
        if not case.has_an_officer_at_work:
            raise ValidationError("Nobody has this case in hand: it is not taken up yet, or it is over.")
        if by.pk == to.pk:
            raise ValidationError({"to": "Nobody hands a case to themselves; a colleague does it."})
        if against := reasons_against(case, to, at=at):
            raise ValidationError({"to": against})
        handover = Handover.objects.create(
            firm=case.access_anchor,
            subject_type=case._meta.label_lower,
            subject_id=case.pk,
            handed_from=case.case_officer,
            handed_to=to,
            reasons=reasons.strip(),
            handed_by=by,
            handed_at=at,
        )
        case.case_officer = to
        case.save(update_fields=["case_officer"])
        new_version(case)
        audit.record(
            case,
            event="handed_over",
            by=by,
            at=at,
            note=handover.reasons,
            data={"from": handover.handed_from.email, "to": to.email},
        )
        return handover
