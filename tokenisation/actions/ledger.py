"""Moving units: from the treasury to a venue's shelf, from the shelf to its clients, and back to the treasury.

Every act carries the caller's idempotency key. The debt office shares one space of keys; each venue has its own.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied

from licensing import standing
from pvara.kernel.models import User
from tokenisation.access import ALLOCATE, TAKE_BACK, demand
from tokenisation.ledger import Posted, post
from tokenisation.models import DistributionAuthorisation
from tokenisation.states import EntryKind


def allocate(
    authorisation: DistributionAuthorisation, *, units: int, key: str, by: User, at: datetime, case_ref: str = ""
) -> Posted:
    """Put units of the treasury on a venue's shelf. The maker cannot be whoever authorised the venue."""
    demand(by, ALLOCATE)
    return _post(EntryKind.ALLOCATE, authorisation, units, f"office:{key}", by, at, case_ref)


def place(
    authorisation: DistributionAuthorisation, *, units: int, key: str, by: User, at: datetime, case_ref: str = ""
) -> Posted:
    """Record units placed with a venue's clients; for people who act for the venue's firm."""
    if not standing.acts_for(by, authorisation.venue):
        raise PermissionDenied("You do not act for this venue.")
    return _post(EntryKind.DISTRIBUTE, authorisation, units, f"venue:{authorisation.venue_id}:{key}", by, at, case_ref)


def take_back(
    authorisation: DistributionAuthorisation, *, units: int, key: str, by: User, at: datetime, case_ref: str = ""
) -> Posted:
    """Bring unplaced units back into the treasury, also from a venue that has lost its standing."""
    demand(by, TAKE_BACK)
    return _post(EntryKind.RETURN, authorisation, units, f"office:{key}", by, at, case_ref)


def _post(
    kind: EntryKind,
    authorisation: DistributionAuthorisation,
    units: int,
    key: str,
    by: User,
    at: datetime,
    case_ref: str,
) -> Posted:
    return post(
        kind,
        authorisation.asset,
        venue_id=authorisation.venue_id,
        units=units,
        key=key,
        maker_id=by.pk,
        at=at,
        case_ref=case_ref,
    )
