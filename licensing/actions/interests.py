"""Conflicts of interest: declaring one, stepping back from a case, and lifting an interest that no longer matters.

Moves ask the gate `person_has_no_interest`; what is done without a move asks `require_no_interest` here.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from licensing.access import LIFT_INTERESTS, READ_CASES
from licensing.models import Firm, Interest, InterestLifting, Recusal
from licensing.models.conflicts import grounds, recused_from
from licensing.rules.interests import person_has_no_interest
from pvara.kernel import audit
from pvara.kernel.models import User

# What a person can say of themselves; an address is found, not declared.
DECLARABLE = tuple((value, label) for value, label in Interest.Nature.choices if value != Interest.Nature.ADDRESS)


def require_no_interest(by: User, firm: Firm, *, at: datetime, case: Any = None) -> None:
    """Raise PermissionDenied, with every reason, for a person who is removed from the firm's cases or from this one."""
    if said := firm.conflicts_of(by, at, case=case):
        raise PermissionDenied(" ".join([person_has_no_interest.reason, *said]))


def declare(
    firm: Firm,
    *,
    by: User,
    at: datetime,
    nature: str,
    explanation: str,
    since: date | None = None,
    until: date | None = None,
) -> Interest:
    """Declare an interest of one's own in a firm; from this moment on it removes the person from the firm's cases."""
    if not by.has_perm(READ_CASES):
        raise PermissionDenied("Only the regulator's people declare interests.")
    if nature not in dict(DECLARABLE):
        raise ValidationError({"nature": f"Choose one of: {', '.join(value for value, _ in DECLARABLE)}."})
    if not explanation.strip():
        raise ValidationError({"explanation": "Say what ties you to the firm: it is part of the record."})
    if since is not None and until is not None and since > until:
        raise ValidationError({"until": "The last day lies before the first."})
    if until is not None and until > timezone.localdate(at):
        raise ValidationError({"until": "The last day is still to come: leave it empty until the tie has ended."})
    with transaction.atomic():
        interest = Interest.objects.create(
            firm=firm,
            person=by,
            kind=Interest.Kind.DECLARED,
            nature=nature,
            since=since,
            until=until,
            explanation=explanation.strip(),
            recorded_by=by,
            recorded_at=at,
        )
        audit.record(
            firm,
            event="interest_declared",
            by=by,
            at=at,
            note=interest.explanation,
            data={"person": by.email, "nature": nature, "since": str(since or ""), "until": str(until or "")},
        )
        return interest


def recuse(case: Any, *, by: User, at: datetime, reasons: str) -> Recusal:
    """Step back from one case for good; whoever does it twice has done it once."""
    if not by.has_perm(READ_CASES):
        raise PermissionDenied("Only the regulator's people step back from a case.")
    if not reasons.strip():
        raise ValidationError({"reasons": "Say why: the recusal is part of the record."})
    with transaction.atomic():
        # In turn with those who vote or decide on it.
        type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        if there := recused_from(case, person=by).first():
            return there
        recusal = Recusal.objects.create(
            firm=case.access_anchor,
            subject_type=case._meta.label_lower,
            subject_id=case.pk,
            person=by,
            reasons=reasons.strip(),
            recorded_at=at,
        )
        audit.record(case, event="recused", by=by, at=at, note=recusal.reasons, data={"person": by.email})
        return recusal


def lift(firm: Firm, person: User, *, by: User, at: datetime, nature: str, reasons: str) -> list[InterestLifting]:
    """Lift what removes a person from a firm's cases for one nature of interest; somebody else does it, with reasons.

    Raises ValidationError when nothing of that nature stands, or when it follows from another row and ends there.
    """
    if not by.has_perm(LIFT_INTERESTS):
        raise PermissionDenied("You are not among those who may lift an interest.")
    if by.pk == person.pk:
        raise PermissionDenied("Nobody lifts an interest of their own.")
    require_no_interest(by, firm, at=at)
    if not reasons.strip():
        raise ValidationError({"reasons": "Say why: the lifting is part of the record."})
    with transaction.atomic():
        Firm.objects.select_for_update(no_key=True).get(pk=firm.pk)
        standing = [each for each in grounds(at, firm=firm, person=person) if each.nature == nature]
        if not standing:
            raise ValidationError({"nature": f"No interest of this kind removes {person} from the firm's cases."})
        if fixed := [each.sentence for each in standing if not each.can_be_lifted]:
            raise ValidationError({"nature": ["This ends only where it comes from.", *fixed]})
        rows = [each.interest or _written_down(firm, person, each.sentence, by=by, at=at) for each in standing]
        lifted = [
            InterestLifting.objects.create(
                interest=row, person=person, reasons=reasons.strip(), lifted_by=by, lifted_at=at
            )
            for row in rows
        ]
        audit.record(
            firm,
            event="interest_lifted",
            by=by,
            at=at,
            note=reasons.strip(),
            data={"person": person.email, "nature": nature, "interests": [row.pk for row in rows]},
        )
        return lifted


def _written_down(firm: Firm, person: User, sentence: str, *, by: User, at: datetime) -> Interest:
    """The row of an address that the system found: it is read from the firm's file until somebody lifts it."""
    return Interest.objects.create(
        firm=firm,
        person=person,
        kind=Interest.Kind.DETECTED,
        nature=Interest.Nature.ADDRESS,
        explanation=sentence,
        recorded_by=by,
        recorded_at=at,
    )
