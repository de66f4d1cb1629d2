"""Orders on the ledger: proposed by one person, posted in the moment in which another confirms them.

A freeze needs one person, because it must be quick; to release it needs two, as does whatever moves units against
their holder or undoes an entry.
"""

from datetime import datetime

from django.db import transaction

from licensing import standing
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, Unmet, follows
from pvara.kernel.models import AuditEntry, User
from tokenisation import ledger
from tokenisation.access import ORDER, demand
from tokenisation.actions.redemptions import take_from_cap
from tokenisation.models import DistributionAuthorisation, JournalEntry, Order
from tokenisation.postings import REFUSALS, rule
from tokenisation.states import AccountKind, EntryKind


def propose_release(
    authorisation: DistributionAuthorisation,
    *,
    source: AccountKind,
    units: int,
    case_ref: str,
    reasons: str,
    by: User,
    at: datetime,
) -> Order:
    """Propose that frozen units of a venue become free again."""
    return _propose(EntryKind.UNFREEZE, authorisation, source, units, case_ref, reasons, by, at)


def propose_forced_transfer(
    authorisation: DistributionAuthorisation,
    *,
    source: AccountKind,
    units: int,
    case_ref: str,
    reasons: str,
    by: User,
    at: datetime,
    to_venue: standing.VenueStanding | None = None,
) -> Order:
    """Propose to move units of a venue, or of its clients, to the treasury or to another venue against its will."""
    return _propose(EntryKind.FORCED, authorisation, source, units, case_ref, reasons, by, at, to_venue=to_venue)


def propose_correction(entry: JournalEntry, *, case_ref: str, reasons: str, by: User, at: datetime) -> Order:
    """Propose to reverse a wrong entry whole. What should have been posted is then posted as an entry of its own."""
    demand(by, ORDER)
    if entry.kind == EntryKind.CORRECT:
        raise _refused(entry, "not_correctable")
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise _refused(entry, "already_corrected")
    order = Order(
        asset=entry.asset,
        kind=EntryKind.CORRECT,
        venue=entry.venue,
        to_venue=entry.to_venue,
        reverses=entry,
        units=entry.units,
    )
    return _opened(order, case_ref, reasons, by, at)


def _propose(
    kind: EntryKind,
    authorisation: DistributionAuthorisation,
    source: AccountKind,
    units: int,
    case_ref: str,
    reasons: str,
    by: User,
    at: datetime,
    to_venue: standing.VenueStanding | None = None,
) -> Order:
    demand(by, ORDER)
    if rule(kind, source) is None or to_venue == authorisation.venue:
        raise _refused(authorisation, "malformed")
    order = Order(
        asset=authorisation.asset,
        kind=kind,
        source=source,
        venue=authorisation.venue,
        to_venue=to_venue,
        units=units,
    )
    return _opened(order, case_ref, reasons, by, at)


def _opened(order: Order, case_ref: str, reasons: str, by: User, at: datetime) -> Order:
    order.case_ref, order.reasons = case_ref.strip(), reasons.strip()
    order.proposed_by, order.proposed_at = by, at
    missing = [
        Unmet(name, sentence)
        for name, sentence, given in (
            ("case_ref_missing", REFUSALS["case_ref_missing"], order.case_ref),
            ("reasons_are_given", "Give the reasons: they are part of the record.", order.reasons),
        )
        if not given
    ]
    if missing:
        raise MoveRefused(order, "propose_order", missing)
    with transaction.atomic():
        order.save(force_insert=True)
        audit.record(
            order,
            event="proposed",
            by=by,
            at=at,
            note=order.reasons,
            data={"kind": str(order.kind), "units": order.units, "case_ref": order.case_ref},
        )
    return order


def _refused(subject: "JournalEntry | DistributionAuthorisation", code: str) -> MoveRefused:
    return MoveRefused(subject, "propose_order", [Unmet(code, REFUSALS[code])])


@follows(Order, "carry_out")
def post_order(order: Order, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Post what was ordered; the proposer is the entry's maker, who confirms is its checker.

    A refusal of the ledger undoes the confirmation: the order then stays proposed.
    """
    reversed_kind = order.reverses.kind if order.reverses else ""
    if reversed_kind == EntryKind.REDEEM:
        take_from_cap(order.asset, units=order.units, by=by, at=at)
    posted = ledger.post(
        EntryKind(order.kind),
        order.asset,
        source=AccountKind(order.source) if order.source else None,
        venue_id=order.venue_id,
        to_venue_id=order.to_venue_id,
        units=order.units,
        key=f"order:{order.pk}",
        maker_id=order.proposed_by_id,
        checker_id=by.pk,
        reverses_id=order.reverses_id,
        case_ref=order.case_ref,
        at=at,
    )
    Order.objects.filter(pk=order.pk).update(entry=posted.entry_id)
    order.entry_id = posted.entry_id
