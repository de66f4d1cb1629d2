"""The gates of the registry. A gate reads its subject and says why it is shut; it writes nothing and asks no clock.

Gates are for people: they say beforehand what stands in the way. What must hold whoever writes and however many write
at once stands again in the database: the cap in the programme's CHECK, standing and limits in the posting function.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User
from tokenisation.states import AssetState, Authority
from tokenisation.valuation import dollars


# ── Assets ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The terms of the asset are not complete.")
def terms_are_complete(asset: Any) -> bool | Shut:
    if asset.terms is None:
        return Shut("A debt has debt terms; a commodity has its quantity, place, custodian and price.")
    if not asset.is_commodity and not asset.unit_nominal:
        return Shut("A unit of debt has a nominal.")
    return True


@gate("Not every authority has approved the asset.")
def authorities_have_approved(asset: Any) -> Open | Shut:
    given = {approval.authority: approval.reference for approval in asset.approvals.all()}
    missing = [each.label for each in Authority if each not in given]
    return Shut(*(f"{name} has not approved it." for name in missing)) if missing else Open(given)


@gate("Whoever proposed the asset cannot approve it.")
def approver_is_not_proposer(asset: Any, by: User | None) -> bool:
    return by is None or asset.proposed_by_id != by.pk


@gate("Whoever approved the asset cannot issue it.")
def issuer_is_not_approver(asset: Any, by: User | None) -> bool:
    return by is None or asset.approved_by_id != by.pk


@gate("The asset cannot be valued in US dollars.")
def value_is_known(asset: Any, at: datetime) -> bool | Shut:
    if asset.terms is None or asset.valuation(at) is None:
        return Shut(f"There is no dated rate for {asset.currency}.")
    return True


@gate("The programme's cap leaves no room for this asset.")
def programme_has_headroom(asset: Any, at: datetime) -> Open | Shut:
    valuation = asset.valuation(at) if asset.terms else None
    if valuation is None:
        return Open()  # value_is_known says so
    headroom = asset.programme.headroom_usd_cents
    if valuation.total_cents > headroom:
        return Shut(f"It counts {dollars(valuation.total_cents)}; the headroom is {dollars(headroom)}.")
    return Open({"counts_usd_cents": valuation.total_cents, "headroom_usd_cents": headroom})


@gate("The reserve behind the asset is not attested.")
def reserve_is_attested(asset: Any, at: datetime) -> bool | Open | Shut:
    if not asset.is_commodity or asset.terms is None:
        return True
    attestation = asset.attestation_at(at)
    if attestation is None:
        return Shut("No attestation of the reserve is in force.")
    needed = asset.authorised_units * asset.terms.quantity_per_unit
    unit = asset.terms.unit_of_measure
    if attestation.quantity < needed:
        return Shut(f"The units need {needed:,} {unit}; {attestation.quantity:,} {unit} are attested.")
    return Open({"attestation": attestation.pk, "quantity": attestation.quantity})


@gate("The asset has matured.")
def asset_has_not_matured(asset: Any, at: datetime) -> bool:
    return asset.matures_on is None or timezone.localdate(at) < asset.matures_on


@gate("The maturity date has not come.")
def maturity_has_come(asset: Any, at: datetime) -> bool:
    return asset.matures_on is not None and timezone.localdate(at) >= asset.matures_on


# ── Authorisations ───────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The venue is not in good standing.")
def venue_is_in_good_standing(authorisation: Any, at: datetime) -> Open | Shut:
    venue = authorisation.venue
    if not venue.may_distribute:
        return Shut(*venue.reasons)
    if venue.holds_until is not None and at >= venue.holds_until:
        return Shut(f"Its standing ended on {timezone.localdate(venue.holds_until)}.")
    return Open({"standing_version": venue.standing_version})


@gate("The asset is not issued.")
def asset_is_issued(authorisation: Any) -> bool:
    return authorisation.asset.state == AssetState.ISSUED
