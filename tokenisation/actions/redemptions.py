"""Redeeming units, and the part of the programme's cap that they then give back.

The ledger records that units are no more; who paid whom is in the evidence that the reference names.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pvara.kernel import audit, figures
from pvara.kernel.machine import MoveRefused, Unmet
from pvara.kernel.models import User
from tokenisation import ledger
from tokenisation.access import REDEEM, demand
from tokenisation.models import Asset, DistributionAuthorisation, Programme
from tokenisation.rules import programme_has_headroom
from tokenisation.states import AccountKind, EntryKind
from tokenisation.valuation import dollars


def redeem(
    authorisation: DistributionAuthorisation,
    *,
    source: AccountKind,
    units: int,
    key: str,
    by: User,
    at: datetime,
    case_ref: str = "",
) -> ledger.Posted:
    """Redeem units of a venue's clients, or of its shelf."""
    return _redeem(authorisation.asset, source, authorisation.venue_id, units, key, by, at, case_ref)


def redeem_treasury(asset: Asset, *, units: int, key: str, by: User, at: datetime, case_ref: str = "") -> ledger.Posted:
    """Redeem units that were never sold, or that came back."""
    return _redeem(asset, AccountKind.TREASURY, None, units, key, by, at, case_ref)


def _redeem(
    asset: Asset,
    source: AccountKind,
    venue_id: int | None,
    units: int,
    key: str,
    by: User,
    at: datetime,
    case_ref: str,
) -> ledger.Posted:
    demand(by, REDEEM)
    with transaction.atomic():
        # Programme before asset, as everywhere.
        Programme.objects.select_for_update(no_key=True).get(pk=asset.programme_id)
        posted = ledger.post(
            EntryKind.REDEEM,
            asset,
            source=source,
            venue_id=venue_id,
            units=units,
            key=f"office:{key}",
            maker_id=by.pk,
            case_ref=case_ref,
            at=at,
        )
        if not posted.replayed:
            give_back_to_cap(asset, units=units, by=by, at=at)
        return posted


def give_back_to_cap(asset: Asset, *, units: int, by: User | None, at: datetime) -> None:
    """Release what these units took at approval, to the cent; under a cumulative cap it stays taken."""
    cents = units * (asset.unit_usd_cents or 0)
    if figures.value("programme.cumulative_cap", on=timezone.localdate(at)):
        audit.record(asset.programme, event="cap_kept", by=by, at=at, data={"asset": asset.code, "usd_cents": cents})
        return
    Programme.objects.filter(pk=asset.programme_id).update(committed_usd_cents=F("committed_usd_cents") - cents)
    _count(asset, units=units, cents=-cents)
    _tell(asset, "cap_released", cents, by=by, at=at)


def take_from_cap(asset: Asset, *, units: int, by: User, at: datetime) -> None:
    """Take back what a redemption released, before that redemption is corrected; refused when the cap is full."""
    programme = Programme.objects.select_for_update(no_key=True).get(pk=asset.programme_id)
    # Under a cumulative cap nothing was released, so nothing is taken again.
    units = min(units, Asset.objects.get(pk=asset.pk).released_units)
    cents = units * (asset.unit_usd_cents or 0)
    if cents > programme.headroom_usd_cents:
        detail = f"It counts {dollars(cents)}; the headroom is {dollars(programme.headroom_usd_cents)}."
        gate = programme_has_headroom
        raise MoveRefused(asset, "correct", [Unmet(gate.code, gate.reason, (detail,))])
    Programme.objects.filter(pk=programme.pk).update(committed_usd_cents=F("committed_usd_cents") + cents)
    # Refused, too, where its class has no room any more.
    with ledger.refusals_explained(asset, "correct"), transaction.atomic():
        _count(asset, units=-units, cents=cents)
    _tell(asset, "cap_committed", cents, by=by, at=at)


def _count(asset: Asset, *, units: int, cents: int) -> None:
    Asset.objects.filter(pk=asset.pk).update(
        released_units=F("released_units") + units, reserved_usd_cents=F("reserved_usd_cents") + cents
    )


def _tell(asset: Asset, event: str, cents: int, *, by: User | None, at: datetime) -> None:
    programme = Programme.objects.get(pk=asset.programme_id)
    audit.record(
        programme,
        event=event,
        by=by,
        at=at,
        data={"asset": asset.code, "usd_cents": cents, "headroom_usd_cents": programme.headroom_usd_cents},
    )
