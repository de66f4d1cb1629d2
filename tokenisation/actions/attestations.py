"""Recording a custodian's attestation. Accepting, rejecting and withdrawing it are moves of its machine."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from pvara.kernel import audit, figures
from pvara.kernel.machine import MoveRefused, Unmet, follows, perform
from pvara.kernel.models import AuditEntry, User
from tokenisation.access import ATTEST, demand
from tokenisation.models import Asset, CommodityTerms, ReserveAttestation
from tokenisation.states import AttestationState


def record_attestation(
    asset: Asset,
    *,
    custodian: str,
    quantity: int,
    unit_of_measure: str,
    as_of: datetime,
    expires_at: datetime,
    document_sha256: str,
    by: User,
    at: datetime,
) -> ReserveAttestation:
    """Record what a custodian's document says of the reserve behind a commodity, in whole units of measure.

    It backs nothing until somebody else has accepted it. Raises ValidationError, by field, where it says otherwise than
    the terms, speaks of a time to come or holds too long; MoveRefused for what is no commodity.
    """
    demand(by, ATTEST)
    if not isinstance(asset.terms, CommodityTerms):
        raise MoveRefused(
            asset, "record_attestation", [Unmet("asset_is_commodity", "Only a commodity's reserve is attested.")]
        )
    attestation = ReserveAttestation(
        asset=asset,
        custodian=custodian.strip(),
        quantity=quantity,
        unit_of_measure=unit_of_measure.strip(),
        as_of=as_of,
        expires_at=expires_at,
        document_sha256=document_sha256,
        recorded_by=by,
        recorded_at=at,
    )
    wrong = attestation.differences() | _times(as_of, expires_at, at=at)
    if wrong:
        raise ValidationError(wrong)
    attestation.full_clean(exclude={"state"})
    with transaction.atomic():
        attestation.save(force_insert=True)
        said = {"quantity": quantity, "unit": attestation.unit_of_measure, "custodian": attestation.custodian}
        said |= {"as_of": as_of.isoformat(), "expires_at": expires_at.isoformat(), "sha256": document_sha256}
        audit.record(attestation, event="recorded", by=by, at=at, data={"asset": asset.code, **said})
        audit.record(
            asset, event="attestation_recorded", by=by, at=at, data={"attestation": attestation.reference, **said}
        )
    return attestation


def _times(as_of: datetime, expires_at: datetime, *, at: datetime) -> dict[str, str]:
    longest = figures.limit("programme.attestation_days", on=timezone.localdate(at)).length
    wrong = {}
    if as_of > at:
        wrong["as_of"] = "Give the moment of which the custodian's document speaks: it has not come yet."
    if expires_at <= as_of:
        wrong["expires_at"] = "An attestation runs out after the moment it speaks of."
    elif expires_at > as_of + timedelta(days=longest):
        wrong["expires_at"] = f"An attestation holds for {longest} days at the most."
    elif expires_at <= at:
        wrong["expires_at"] = "It has run out already: ask the custodian for a newer one."
    return wrong


# ── What follows ─────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(ReserveAttestation, "accept")
def take_the_place_of_the_one_before(
    attestation: ReserveAttestation, *, by: User, at: datetime, entry: AuditEntry
) -> None:
    """One backs an asset at a time: the latest. With the asset locked, so that two at once see each other."""
    asset = Asset.objects.select_for_update(no_key=True).get(pk=attestation.asset_id)
    accepted = ReserveAttestation.objects.filter(asset=asset, state=AttestationState.ACCEPTED).exclude(
        pk=attestation.pk
    )
    # One that is being withdrawn meanwhile is waited for, and is then none of them.
    for before in accepted.select_for_update(no_key=True).order_by("as_of", "pk"):
        if before.accepted_later() is not None:
            perform(before, "supersede", by=None, at=at, expected_version=before.version)
    _tell_the_asset(attestation, asset, by=by, at=at, entry=entry)


@follows(ReserveAttestation, "reject")
@follows(ReserveAttestation, "withdraw")
def tell_its_asset(attestation: ReserveAttestation, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """On the asset's own record too: nothing is issued on it any more."""
    _tell_the_asset(attestation, attestation.asset, by=by, at=at, entry=entry)


def _tell_the_asset(
    attestation: ReserveAttestation, asset: Asset, *, by: User, at: datetime, entry: AuditEntry
) -> None:
    audit.record(
        asset,
        event=f"attestation_{attestation.state}",
        by=by,
        at=at,
        note=entry.note,
        data={"attestation": attestation.reference, "quantity": attestation.quantity},
    )
