"""Proposing a sub-limit of a programme. Confirming and refusing it are moves of its machine."""

from datetime import date, datetime

from django.db import transaction

from licensing import standing
from pvara.kernel import audit
from pvara.kernel.models import User
from tokenisation.access import LIMIT, demand
from tokenisation.models import Programme, SubLimit
from tokenisation.states import LimitScope


def propose_limit(
    programme: Programme,
    scope: LimitScope,
    *,
    of_class: str = "",
    venue: standing.VenueStanding | None = None,
    share_bp: int,
    effective_from: date,
    source: str,
    reasons: str,
    by: User,
    at: datetime,
) -> SubLimit:
    """Propose that a class or a venue may take so many basis points of the cap from a day on.

    10,000 basis points lift a limit. Raises ValidationError for a class that is none of the scope's.
    """
    demand(by, LIMIT)
    limit = SubLimit(
        programme=programme,
        scope=scope,
        of_class=of_class,
        venue=venue,
        share_bp=share_bp,
        effective_from=effective_from,
        source=source.strip(),
        reasons=reasons.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    limit.full_clean(exclude={"state"})
    with transaction.atomic():
        limit.save(force_insert=True)
        audit.record(
            limit,
            event="proposed",
            by=by,
            at=at,
            note=limit.reasons,
            data={
                "programme": programme.pk,
                "scope": str(scope),
                "of_class": of_class,
                "venue": venue.reference if venue else None,
                "share_bp": share_bp,
                "effective_from": str(effective_from),
            },
        )
    return limit
