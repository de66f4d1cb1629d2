"""Proposing, approving and issuing assets, and what follows these moves: the programme's cap and the minting."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, Unmet, follows, perform
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen
from tokenisation import instruments, ledger
from tokenisation.access import PROPOSE, RECORD_APPROVAL, demand
from tokenisation.actions.corporate import announce_terms, record_days
from tokenisation.actions.redemptions import give_back_to_cap
from tokenisation.models import (
    Account,
    Approval,
    Asset,
    CommodityTerms,
    DebtTerms,
    Programme,
)
from tokenisation.models.described import said_in, said_of
from tokenisation.rules import programme_has_headroom
from tokenisation.states import AccountKind, AssetState, Authority, EntryKind
from tokenisation.valuation import dollars


def propose_asset(
    programme: Programme,
    *,
    terms: DebtTerms | CommodityTerms | None = None,
    by: User,
    at: datetime,
    **details: Any,
) -> Asset:
    """Open an asset in draft with its terms and its two own accounts. `details` are the fields of `Asset`.

    Raises ValidationError, by field, for what its kind of debt is not.
    """
    demand(by, PROPOSE)
    asset = Asset(programme=programme, proposed_by=by, proposed_at=at, **details)
    # The state is the machine's own; it is never cleaned, for it is never given.
    asset.full_clean(exclude={"state"})
    _demand_its_kind(asset, terms, at=at)
    with transaction.atomic():
        asset.save(force_insert=True)
        Account.objects.create(asset=asset, kind=AccountKind.SUPPLY)
        Account.objects.create(asset=asset, kind=AccountKind.TREASURY)
        audit.record(
            asset,
            event="created",
            by=by,
            at=at,
            data={"code": asset.code, "kind": asset.kind, "authorised_units": asset.authorised_units},
        )
        if terms is not None:
            _set_terms(asset, terms)
        return asset


def amend_draft(
    asset: Asset,
    *,
    terms: DebtTerms | CommodityTerms | None = None,
    by: User,
    at: datetime,
    seen: str = "",
    **details: Any,
) -> Asset:
    """Change what a draft says where it reads as it was seen; from review on, nothing but moves touches an asset.

    `details` are fields of `Asset`, and `terms` take the place of all that was there. Raises ValidationError for what
    the asset cannot be, MoveRefused from review on, and ChangedMeanwhile where a colleague wrote over the same.
    """
    demand(by, PROPOSE)
    with transaction.atomic():
        asset = Asset.objects.select_for_update(no_key=True).get(pk=asset.pk)
        if asset.state != AssetState.DRAFT:
            unmet = Unmet("asset_is_draft", "Only a draft is amended.", ("Withdraw it and propose another asset.",))
            raise MoveRefused(asset, "amend", [unmet])
        before = said_of(asset)
        written = {**details, **said_in(terms)}
        log = audit.history(asset).filter(event__in=("created", "amended"))
        require_seen(seen, before, log=log, of=[name for name in written if name in before])
        for name, value in details.items():
            setattr(asset, name, value)
        asset.full_clean(exclude={"state"})
        # Whoever is about to submit it is to read it again.
        asset.version += 1
        asset.save(update_fields=[*details, "version"])
        if terms is not None:
            DebtTerms.objects.filter(asset=asset).delete()
            CommodityTerms.objects.filter(asset=asset).delete()
        asset = Asset.objects.get(pk=asset.pk)
        _set_terms(asset, terms) if terms is not None else _terms_still_suit(asset)
        _demand_its_kind(asset, asset.terms, at=at)
        changed = sorted(name for name, value in written.items() if before.get(name) != value)
        audit.record(asset, event="amended", by=by, at=at, data={"fields": changed})
        return Asset.objects.get(pk=asset.pk)


def _demand_its_kind(asset: Asset, terms: DebtTerms | CommodityTerms | None, *, at: datetime) -> None:
    # Terms of another kind of asset are refused as such.
    wrong = instruments.faults(asset, terms if isinstance(terms, DebtTerms) else None, on=timezone.localdate(at))
    if wrong:
        raise ValidationError(wrong)


def _terms_still_suit(asset: Asset) -> None:
    """What an asset became suits the terms that it has kept."""
    for terms in (getattr(asset, name, None) for name in ("debt_terms", "commodity_terms")):
        if terms is not None:
            _suit(asset, terms)
            terms.full_clean(validate_unique=False)


def _set_terms(asset: Asset, terms: DebtTerms | CommodityTerms) -> None:
    _suit(asset, terms)
    terms.asset = asset
    terms.full_clean(validate_unique=False)  # an older version of the terms is on its way out
    terms.save(force_insert=True)


def _suit(asset: Asset, terms: DebtTerms | CommodityTerms) -> None:
    if asset.is_commodity is not isinstance(terms, CommodityTerms):
        raise MoveRefused(asset, "propose", [Unmet("terms_suit_kind", "These terms belong to another kind of asset.")])


def record_approval(asset: Asset, *, authority: Authority, reference: str, by: User, at: datetime) -> Approval:
    """Record an authority's letter. Once for an authority; never by whoever proposed the asset."""
    demand(by, RECORD_APPROVAL)
    with transaction.atomic():
        asset = Asset.objects.select_for_update(no_key=True).get(pk=asset.pk)
        refused = []
        if asset.state != AssetState.UNDER_REVIEW:
            refused.append(Unmet("wrong_state", "Approvals are recorded while the asset is under review."))
        if asset.proposed_by_id == by.pk:
            refused.append(Unmet("approver_is_not_proposer", "Whoever proposed the asset cannot record its approval."))
        if asset.approvals.filter(authority=authority).exists():
            refused.append(Unmet("authority_is_outstanding", f"{Authority(authority).label} has approved it already."))
        if authority not in asset.authorities:
            refused.append(Unmet("authority_is_asked", f"{Authority(authority).label} is not asked about this asset."))
        if not reference.strip():
            refused.append(Unmet("reference_is_given", "Give the reference of the authority's letter."))
        if refused:
            raise MoveRefused(asset, "record_approval", refused)
        approval = Approval.objects.create(
            asset=asset,
            authority=authority,
            reference=reference,
            proposed_by_id=asset.proposed_by_id,
            recorded_by=by,
            recorded_at=at,
        )
        audit.record(
            asset,
            event="approval_recorded",
            by=by,
            at=at,
            data={"authority": str(authority), "reference": reference},
        )
        return approval


def issue_asset(asset: Asset, *, expected_version: int, by: User, at: datetime, note: str = "") -> Asset:
    """Mint every authorised unit into the treasury."""
    return perform(asset, "issue", by=by, at=at, expected_version=expected_version, note=note)


# ── What follows ─────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(Asset, "approve")
def commit_cap(asset: Asset, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Take the asset's value from the programme's cap. The gate has looked; this is what two at once cannot pass."""
    valuation = asset.valuation(at)
    if valuation is None:
        raise LookupError("The gate value_is_known let an asset pass that has no value.")
    taken = Programme.objects.filter(
        pk=asset.programme_id, committed_usd_cents__lte=F("cap_usd_cents") - valuation.total_cents
    ).update(committed_usd_cents=F("committed_usd_cents") + valuation.total_cents)
    programme = Programme.objects.get(pk=asset.programme_id)
    if not taken:
        headroom = dollars(programme.headroom_usd_cents)
        detail = f"It counts {dollars(valuation.total_cents)}; the headroom is {headroom}."
        gate = programme_has_headroom
        raise MoveRefused(asset, "approve", [Unmet(gate.code, gate.reason, (detail,))])
    frozen = {
        "unit_usd_cents": valuation.unit_cents,
        "reserved_usd_cents": valuation.total_cents,
        "fx_rate": valuation.rate.per_usd,
        "fx_source": valuation.rate.source,
        "fx_as_of": valuation.rate.on,
        "approved_at": at,
    }
    # The trigger asks for the sub-limit of its class again, with the programme's row locked.
    with ledger.refusals_explained(asset, "approve"), transaction.atomic():
        Asset.objects.filter(pk=asset.pk).update(**frozen)
    for name, value in frozen.items():
        setattr(asset, name, value)
    audit.record(
        programme,
        event="cap_committed",
        by=by,
        at=at,
        data={
            "asset": asset.code,
            "usd_cents": valuation.total_cents,
            "headroom_usd_cents": programme.headroom_usd_cents,
            "fx_rate": str(valuation.rate.per_usd),
            "fx_as_of": str(valuation.rate.on),
        },
    )


@follows(Asset, "cancel")
@follows(Asset, "lapse")
def release_cap(asset: Asset, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Give back what approval took, to the cent; under a cumulative cap it stays taken."""
    give_back_to_cap(asset, units=asset.authorised_units, by=by, at=at)
    asset.refresh_from_db(fields=["reserved_usd_cents", "released_units"])


@follows(Asset, "issue")
def mint(asset: Asset, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Post the authorised units into the treasury; the approver is the entry's checker."""
    ledger.post(EntryKind.ISSUE, asset, units=asset.authorised_units, key=f"issue:{asset.pk}", maker_id=by.pk, at=at)
    asset.minted_units = asset.authorised_units
    if asset.matures_on is not None:
        # The record date of the redemption: from then on whoever holds a unit is whoever is paid.
        *_, redemption = asset.debt_terms.payments(record_days=record_days(at))
        asset.distribution_ends = redemption.record_date
        Asset.objects.filter(pk=asset.pk).update(distribution_ends=asset.distribution_ends)
    announce_terms(asset, at=at)
