"""Rating and moderation. Each change of a score changes the firm's standing in the same transaction."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing import scoring, standing
from licensing.access import MODERATE, RATE
from licensing.actions.interests import require_no_interest
from licensing.models import Criterion, Firm, Framework, LicenceApplication, NocApplication, Rating
from pvara.kernel import audit
from pvara.kernel.models import User


def rate(
    firm: Firm,
    criterion: Criterion,
    *,
    by: User,
    at: datetime,
    rating: int | None,
    rationale: str,
    not_applicable: bool = False,
) -> Rating:
    """Rate a firm on a criterion, 0 to 4 or not applicable, with the reasons. The former rating stays on record.

    Raises PermissionDenied for who is no assessor; ValidationError for a rating off the scale or without reasons, and
    for a criterion of a framework that nobody has published.
    """
    if not by.has_perm(RATE):
        raise PermissionDenied("Only assessors rate.")
    require_no_interest(by, firm, at=at)
    _check(rating, not_applicable)
    if not rationale.strip():
        raise ValidationError({"rationale": "Say why: the rationale is part of the record."})
    if not_applicable and criterion.mark:
        raise ValidationError(
            {"not_applicable": f"{criterion.code} is {criterion.get_mark_display().lower()}: it always applies."}
        )
    if criterion.domain.framework.status == Framework.Status.DRAFT:
        raise ValidationError({"criterion": f"{criterion.domain.framework} is a draft: nothing is rated by it yet."})
    with transaction.atomic():
        # Two assessors at once: the second waits here and takes the place of the first.
        standing.lock_firm(firm.pk)
        _require_no_recommendation(firm, by)
        # By code: the new rating also replaces what was given under an older version of the framework.
        Rating.objects.filter(firm=firm, criterion__code=criterion.code, current=True).update(current=False)
        given = Rating.objects.create(
            firm=firm,
            criterion=criterion,
            rating=None if not_applicable else rating,
            not_applicable=not_applicable,
            rationale=rationale,
            assessor=by,
            rated_at=at,
        )
        audit.record(
            firm,
            event="rated",
            by=by,
            at=at,
            note=rationale,
            data={
                "rating_id": given.pk,
                "criterion": criterion.code,
                "rating": scoring.NOT_APPLICABLE if not_applicable else rating,
            },
        )
        standing.refresh_firm(firm, by=by, at=at)
        return given


def moderate(given: Rating, *, by: User, at: datetime, rating: int | None = None, note: str = "") -> Rating:
    """Confirm a rating, or change it to `rating`; both are kept. A difference of more than one step needs a note."""
    if not by.has_perm(MODERATE):
        raise PermissionDenied("Only moderators moderate.")
    require_no_interest(by, given.firm, at=at)
    if rating is not None:
        _check(rating, False)
    with transaction.atomic():
        # The firm before its rating, as whoever rates anew takes them.
        standing.lock_firm(given.firm_id)
        _require_no_recommendation(given.firm, by)
        given = Rating.objects.select_for_update(of=("self",)).select_related("firm", "criterion").get(pk=given.pk)
        if not given.current:
            raise ValidationError("This rating has been replaced by a newer one; moderate that one.")
        if given.assessor_id == by.pk:
            raise PermissionDenied("Whoever gave a rating does not moderate it.")
        if given.not_applicable and rating is not None:
            raise ValidationError({"rating": "This criterion was found not applicable; have it rated first."})
        if rating is not None and given.rating is not None and abs(rating - given.rating) > 1 and not note.strip():
            raise ValidationError({"note": "A change of more than one step needs a note."})
        given.moderated_rating = given.rating if rating is None else rating
        given.moderator = by
        given.moderated_at = at
        given.moderation_note = note
        given.save(update_fields=["moderated_rating", "moderator", "moderated_at", "moderation_note"])
        audit.record(
            given.firm,
            event="moderated",
            by=by,
            at=at,
            note=note,
            data={
                "rating_id": given.pk,
                "criterion": given.criterion.code,
                "from": given.rating,
                "to": given.moderated_rating,
            },
        )
        standing.refresh_firm(given.firm, by=by, at=at)
        return given


def _require_no_recommendation(firm: Firm, by: User) -> None:
    """Whoever recommended a case that is still open neither rates nor moderates what it is decided by."""
    for model in (NocApplication, LicenceApplication):
        cases = model.objects.filter(firm=firm, recommended_by=by).exclude(state__in=model.closed_states)
        if found := cases.first():
            raise PermissionDenied(f"You recommended {found.reference}, which is not decided yet.")


def reopen(firm: Firm, codes: Iterable[str], *, by: User | None, at: datetime, why: str) -> None:
    """Have criteria rated anew because what they were rated by has changed.

    The ratings are kept but are nobody's current word, so the criteria are outstanding; until a new rating is
    moderated, the last moderated one goes on counting, as it does whenever a criterion is rated anew.
    """
    with transaction.atomic():
        standing.lock_firm(firm.pk)
        current = Rating.objects.filter(firm=firm, criterion__code__in=list(codes), current=True)
        reopened = sorted(current.values_list("criterion__code", flat=True))
        if not reopened:
            return
        current.update(current=False)
        audit.record(firm, event="criteria_reopened", by=by, at=at, note=why, data={"criteria": reopened})
        standing.refresh_firm(firm, by=by, at=at)


def _check(rating: int | None, not_applicable: bool) -> None:
    if not_applicable:
        return
    if isinstance(rating, bool) or not isinstance(rating, int) or not 0 <= rating <= scoring.BEST:
        raise ValidationError({"rating": f"Give a rating from 0 (not met) to {scoring.BEST} (fully met)."})
