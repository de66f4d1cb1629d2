"""Rating a criterion twice, blindly: the first rating is sealed, the second opens it, and only then a rating exists."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from licensing import scoring, standing
from licensing.actions.ratings import Judgement, begun, require_fit, written
from licensing.models import Criterion, Evidence, Firm, Rating, SealedRating
from pvara.kernel import audit
from pvara.kernel.models import User


def give_rating(firm: Firm, criterion: Criterion, *, by: User, at: datetime, **said: Any) -> Rating | SealedRating:
    """Rate a firm on a criterion as its version of the framework asks for: once, or as one of two.

    `said` is the rest of a `Judgement`. Raises what `rate` does.
    """
    with transaction.atomic():
        given = written_or_sealed(firm, Judgement(criterion, **said), by=by, at=at)
        # What is sealed counts nothing, so it refreshes nothing.
        if isinstance(given, Rating):
            standing.refresh_firm(firm, by=by, at=at)
        return given


def written_or_sealed(firm: Firm, judgement: Judgement, *, by: User, at: datetime) -> Rating | SealedRating:
    """Check a rating and write it, in a transaction that refreshes the firm before it ends if there is a rating then.

    Of two, the first is sealed; it may be given anew by the same assessor until another one gives theirs, which opens
    both. Raises what `rate` does.
    """
    criterion = judgement.criterion
    if not criterion.domain.framework.rated_twice:
        return written(firm, judgement, by=by, at=at)
    require_fit(firm, judgement, by=by, at=at)
    former, pieces = begun(firm, judgement, by=by, at=at)
    waiting = SealedRating.objects.filter(firm=firm, criterion__code=criterion.code, waits=True)
    first = waiting.select_related("criterion__domain__framework", "assessor").first()
    if first is None or first.assessor_id == by.pk:
        waiting.update(waits=False)
        return _seal(firm, judgement, pieces, by=by, at=at)
    former.update(current=False)
    return _open(first, judgement, pieces, by=by, at=at)


def _seal(firm: Firm, judgement: Judgement, pieces: list[Evidence], *, by: User, at: datetime) -> SealedRating:
    """Keep the first rating to itself. The log has who gave it, and a hash that gives nothing away."""
    sealed = SealedRating.objects.create(
        firm=firm,
        criterion=judgement.criterion,
        rating=judgement.number,
        not_applicable=judgement.not_applicable,
        rationale=judgement.rationale,
        assessor=by,
        rated_at=at,
        salt=secrets.token_hex(32),
    )
    sealed.evidence.set(pieces)
    data = {"criterion": judgement.criterion.code, "sealed_id": sealed.pk, "fingerprint": sealed.fingerprint}
    audit.record(firm, event="rated_and_sealed", by=by, at=at, data=data)
    return sealed


def _open(first: SealedRating, judgement: Judgement, pieces: list[Evidence], *, by: User, at: datetime) -> Rating:
    """Put both ratings beside each other: from now on everybody reads them, the moderator first."""
    given = Rating.objects.create(
        firm=first.firm,
        criterion=judgement.criterion,
        rating=first.rating,
        not_applicable=first.not_applicable,
        rationale=first.rationale,
        assessor=first.assessor,
        rated_at=first.rated_at,
        second_rating=judgement.number,
        second_not_applicable=judgement.not_applicable,
        second_rationale=judgement.rationale,
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
        note=judgement.rationale,
        data={
            "rating_id": given.pk,
            "criterion": judgement.criterion.code,
            "rating": _said(first.rating),
            "rationale": first.rationale,
            "assessor": str(first.assessor),
            "fingerprint": first.fingerprint,
            "salt": first.salt,
            "second_rating": _said(judgement.number),
            **({"evidence": [each.reference for each in pieces]} if pieces else {}),
        },
    )
    return given


def _said(rating: int | None) -> scoring.Rating:
    return scoring.NOT_APPLICABLE if rating is None else rating
