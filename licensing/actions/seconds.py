"""Rating a criterion twice, blindly: the first rating is sealed, the second opens it, and only then a rating exists."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from licensing import scoring, standing
from licensing.actions.ratings import begun, rate, require_fit
from licensing.models import Criterion, Evidence, Firm, Rating, SealedRating
from pvara.kernel import audit
from pvara.kernel.models import User


def give_rating(
    firm: Firm,
    criterion: Criterion,
    *,
    by: User,
    at: datetime,
    rating: int | None,
    rationale: str,
    not_applicable: bool = False,
    evidence: Iterable[Evidence] = (),
    seen: str = "",
) -> Rating | SealedRating:
    """Rate a firm on a criterion as its version of the framework asks for: once, or as one of two.

    Of two, the first is sealed; it may be given anew by the same assessor until another one gives theirs, which opens
    both. Raises what `rate` does.
    """
    chosen = list(evidence)
    if not criterion.domain.framework.rated_twice:
        return rate(
            firm,
            criterion,
            by=by,
            at=at,
            rating=rating,
            rationale=rationale,
            not_applicable=not_applicable,
            evidence=chosen,
            seen=seen,
        )
    require_fit(firm, criterion, by=by, at=at, rating=rating, rationale=rationale, not_applicable=not_applicable)
    mark = None if not_applicable else rating
    with transaction.atomic():
        former, pieces = begun(firm, criterion, {each.pk for each in chosen}, mark, by=by, at=at, seen=seen)
        waiting = SealedRating.objects.filter(firm=firm, criterion__code=criterion.code, waits=True)
        first = waiting.select_related("criterion__domain__framework", "assessor").first()
        if first is None or first.assessor_id == by.pk:
            waiting.update(waits=False)
            return _seal(firm, criterion, pieces, mark, rationale, by=by, at=at)
        former.update(current=False)
        given = _open(first, criterion, pieces, mark, rationale, by=by, at=at)
        standing.refresh_firm(firm, by=by, at=at)
        return given


def _seal(
    firm: Firm,
    criterion: Criterion,
    pieces: list[Evidence],
    rating: int | None,
    rationale: str,
    *,
    by: User,
    at: datetime,
) -> SealedRating:
    """Keep the first rating to itself. The log has who gave it, and a hash that gives nothing away."""
    sealed = SealedRating.objects.create(
        firm=firm,
        criterion=criterion,
        rating=rating,
        not_applicable=rating is None,
        rationale=rationale,
        assessor=by,
        rated_at=at,
        salt=secrets.token_hex(32),
    )
    sealed.evidence.set(pieces)
    data = {"criterion": criterion.code, "sealed_id": sealed.pk, "fingerprint": sealed.fingerprint}
    audit.record(firm, event="rated_and_sealed", by=by, at=at, data=data)
    return sealed


def _open(
    first: SealedRating,
    criterion: Criterion,
    pieces: list[Evidence],
    rating: int | None,
    rationale: str,
    *,
    by: User,
    at: datetime,
) -> Rating:
    """Put both ratings beside each other: from now on everybody reads them, the moderator first."""
    given = Rating.objects.create(
        firm=first.firm,
        criterion=criterion,
        rating=first.rating,
        not_applicable=first.not_applicable,
        rationale=first.rationale,
        assessor=first.assessor,
        rated_at=first.rated_at,
        second_rating=rating,
        second_not_applicable=rating is None,
        second_rationale=rationale,
        second_assessor=by,
        second_at=at,
    )
    given.evidence.set(first.evidence.all())
    given.second_evidence.set(pieces)
    SealedRating.objects.filter(pk=first.pk).update(waits=False, opened_as=given)
    audit.record(
        first.firm,
        event="rated",
        by=by,
        at=at,
        note=rationale,
        data={
            "rating_id": given.pk,
            "criterion": criterion.code,
            "rating": _said(first.rating),
            "rationale": first.rationale,
            "assessor": str(first.assessor),
            "fingerprint": first.fingerprint,
            "salt": first.salt,
            "second_rating": _said(rating),
            **({"evidence": [each.reference for each in pieces]} if pieces else {}),
        },
    )
    return given


def _said(rating: int | None) -> scoring.Rating:
    return scoring.NOT_APPLICABLE if rating is None else rating
