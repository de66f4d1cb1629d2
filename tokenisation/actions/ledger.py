"""Moving units: from the treasury to a venue's shelf, from the shelf to its clients, and back to the treasury.

Every act carries the caller's idempotency key. The debt office shares one space of keys; each venue has its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from licensing import standing
from pvara.kernel.machine import MoveRefused, Unmet
from pvara.kernel.models import User
from tokenisation.access import ALLOCATE, FREEZE, TAKE_BACK, demand
from tokenisation.ledger import Answer, Line, Posted, post, post_batch
from tokenisation.models import DistributionAuthorisation, JournalEntry, not_permitted
from tokenisation.states import AccountKind, EntryKind

# What reaches a venue or its clients under its authorisation; the way back and what is ordered does not wait for it.
UNDER_AUTHORISATION = (EntryKind.ALLOCATE, EntryKind.DISTRIBUTE)


def allocate(
    authorisation: DistributionAuthorisation, *, units: int, key: str, by: User, at: datetime, case_ref: str = ""
) -> Posted:
    """Put units of the treasury on a venue's shelf. The maker cannot be whoever authorised the venue."""
    demand(by, ALLOCATE)
    return _post(EntryKind.ALLOCATE, authorisation, units, f"office:{key}", by, at, case_ref)


def place(
    authorisation: DistributionAuthorisation,
    *,
    units: int,
    key: str,
    by: User,
    at: datetime,
    case_ref: str = "",
    settlement: str = "",
) -> Posted:
    """Record units placed with a venue's clients; for people who act for the venue's firm.

    `settlement` is the code of what was paid in, the day's default where it is empty. It is recorded, not moved.
    """
    if not standing.acts_for(by, authorisation.venue):
        raise PermissionDenied("You do not act for this venue.")
    key = f"venue:{authorisation.venue_id}:{key}"
    return _post(EntryKind.DISTRIBUTE, authorisation, units, key, by, at, case_ref, settlement=settlement)


def take_back(
    authorisation: DistributionAuthorisation, *, units: int, key: str, by: User, at: datetime, case_ref: str = ""
) -> Posted:
    """Bring unplaced units back into the treasury, also from a venue that has lost its standing."""
    demand(by, TAKE_BACK)
    return _post(EntryKind.RETURN, authorisation, units, f"office:{key}", by, at, case_ref)


def freeze(
    authorisation: DistributionAuthorisation,
    *,
    source: AccountKind,
    units: int,
    key: str,
    by: User,
    at: datetime,
    case_ref: str = "",
) -> Posted:
    """Freeze units on a venue's shelf or with its clients, whole or in part, under the reference of an order.

    One person is enough, for it must be quick; a release needs two (`actions/orders.py`).
    """
    demand(by, FREEZE)
    return _post(EntryKind.FREEZE, authorisation, units, f"office:{key}", by, at, case_ref, source=source)


def post_file(
    authorisation: DistributionAuthorisation,
    lines: Sequence[Line],
    *,
    by: User,
    at: datetime,
    trial: bool = False,
) -> list[Answer]:
    """Post a file whole or not at all: placements for a venue's own people, allocations for the debt office.

    Each line is answered. When one is refused, or with `trial`, nothing is posted.
    """
    if standing.acts_for(by, authorisation.venue):
        kind, space = EntryKind.DISTRIBUTE, f"venue:{authorisation.venue_id}"
    else:
        demand(by, ALLOCATE)
        kind, space = EntryKind.ALLOCATE, "office"
    keyed = [replace(each, key=f"{space}:{each.key}" if each.key else "") for each in lines]
    _need_validity(kind, authorisation, [each.key for each in keyed], at)
    # Looked up before, so that every line is answered; the posting itself refuses what has changed in between.
    barred = not_permitted({each.settlement for each in lines}, timezone.localdate(at))
    answers = post_batch(
        kind,
        authorisation.asset,
        keyed,
        venue_id=authorisation.venue_id,
        maker_id=by.pk,
        at=at,
        trial=trial or bool(barred),
    )
    return [_answered(answer, line, barred) for answer, line in zip(answers, lines, strict=True)]


def _answered(answer: Answer, line: Line, barred: set[str]) -> Answer:
    """The answer to a line as its sender wrote it, refused for its settlement if for nothing else."""
    if line.settlement in barred and not answer.refusal and not answer.replayed:
        return replace(answer, line=line, refusal="settlement_not_permitted")
    return replace(answer, line=line)


def _need_validity(
    kind: EntryKind, authorisation: DistributionAuthorisation, keys: Sequence[str], at: datetime
) -> None:
    """Refuse what is new on a day on which the authorisation is not valid; what was posted before is answered again."""
    if kind not in UNDER_AUTHORISATION or authorisation.is_valid_on(timezone.localdate(at)):
        return
    if JournalEntry.objects.filter(idempotency_key__in=keys).count() < len(set(keys)):
        reason = "The venue's authorisation for this asset is not valid on this day."
        refusal = Unmet("authorisation_not_valid", reason, (authorisation.validity,))
        raise MoveRefused(authorisation, str(kind), [refusal])


def _post(
    kind: EntryKind,
    authorisation: DistributionAuthorisation,
    units: int,
    key: str,
    by: User,
    at: datetime,
    case_ref: str,
    source: AccountKind | None = None,
    settlement: str = "",
) -> Posted:
    _need_validity(kind, authorisation, [key], at)
    return post(
        kind,
        authorisation.asset,
        source=source,
        venue_id=authorisation.venue_id,
        units=units,
        key=key,
        maker_id=by.pk,
        at=at,
        case_ref=case_ref,
        settlement=settlement,
    )
