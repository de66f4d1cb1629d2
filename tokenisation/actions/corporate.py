"""Corporate actions: what an issued asset is bound to pay, what people propose beside it, rates, records and evidence.

Nothing here pays anybody. Dates move a payment from night to night (`night.py`); people bring the rate of a floating
period, the evidence of a payment, and what befell the issuer, always one of them and then another.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from pvara.kernel import audit, figures
from pvara.kernel.machine import MoveRefused, Unmet, follows, perform
from pvara.kernel.models import AuditEntry, User
from tokenisation import schedule
from tokenisation.access import PROPOSE_ACTION, demand
from tokenisation.models import (
    Asset,
    CorporateAction,
    PaymentEvidence,
    RateFixing,
    Snapshot,
    SnapshotBalance,
    balances_at,
    root_of,
)
from tokenisation.states import (
    EVENTS,
    PERIODIC,
    PUBLISHED,
    STANDING_ACTIONS,
    ActionKind,
    ActionState,
    AssetKind,
    AssetState,
    FixingState,
)


# ── What the terms promise ───────────────────────────────────────────────────────────────────────────────────────────
def record_days(at: datetime) -> int:
    return figures.limit("programme.record_days", on=timezone.localdate(at)).length


def announce_terms(asset: Asset, *, at: datetime) -> None:
    """Put everything that the terms still promise on the calendar of an asset that is being issued.

    What had its record date before the units were there is a matter of the traditional register alone.
    """
    terms = getattr(asset, "debt_terms", None)
    if terms is None:
        return
    for payment in terms.payments(record_days=record_days(at)):
        if payment.record_date < timezone.localdate(at):
            continue
        period = payment.period
        action = CorporateAction(
            asset=asset,
            kind=_kind(asset, period),
            number=period.number if period else 0,
            starts_on=period.starts_on if period else None,
            ends_on=period.ends_on if period else terms.maturity_date,
            record_date=payment.record_date,
            due_date=payment.due_date,
            proposed_at=at,
        )
        action.rate_bp = terms.rate_of(period) if period else None
        action.per_unit = amount_of(action)
        action.save(force_insert=True)
        audit.record(action, event="created", by=None, at=at, data={"asset": asset.code, **_said(action)})
        perform(action, "announce", by=None, at=at, expected_version=action.version)


def catch_up(*, at: datetime) -> None:
    """Give the assets that were issued before there was a calendar what their terms still promise."""
    running = Asset.objects.filter(state__in=[AssetState.ISSUED, AssetState.PAUSED], corporate_actions=None)
    for asset in running.exclude(debt_terms=None).order_by("pk"):
        with transaction.atomic():
            asset = Asset.objects.select_for_update(of=("self",), no_key=True).get(pk=asset.pk)
            if not asset.corporate_actions.exists():
                announce_terms(asset, at=at)


def _kind(asset: Asset, period: schedule.Period | None) -> ActionKind:
    if period is None:
        return ActionKind.REDEMPTION
    return ActionKind.RENTAL if asset.kind == AssetKind.SUKUK else ActionKind.COUPON


def amount_of(action: CorporateAction) -> Decimal | None:
    """What a unit is paid, on the nominal that earlier partial redemptions have left; None without a rate."""
    terms = action.asset.debt_terms
    if action.kind == ActionKind.PARTIAL:
        return action.per_unit
    if action.kind == ActionKind.REDEMPTION:
        return nominal_left(action.asset)
    if action.rate_bp is None or action.starts_on is None:
        return None
    period = schedule.periods(terms.issue_date, terms.maturity_date, terms.payments_a_year)[action.number - 1]
    nominal = nominal_left(action.asset, before=action.ends_on)
    earned: Decimal = terms.earned(period, nominal=nominal, rate_bp=action.rate_bp)
    return earned


def nominal_left(asset: Asset, before: date | None = None) -> Decimal:
    """A unit's nominal less what partial redemptions that fell due earlier, or any at all, repay of it."""
    repaid = CorporateAction.objects.filter(asset=asset, kind=ActionKind.PARTIAL, state__in=STANDING_ACTIONS)
    if before is not None:
        repaid = repaid.filter(ends_on__lt=before)
    nominal = Decimal(asset.unit_nominal) / 100
    return nominal - (repaid.aggregate(sum=Sum("per_unit"))["sum"] or Decimal(0))


def _said(action: CorporateAction) -> dict[str, Any]:
    said = ("kind", "number", "record_date", "due_date", "occurred_on", "rate_bp", "per_unit", "case_ref")
    return {name: str(value) for name in said if (value := getattr(action, name)) not in (None, "", 0)}


# ── What people propose ──────────────────────────────────────────────────────────────────────────────────────────────
def propose_partial(
    asset: Asset, *, due_date: date, per_unit: Decimal, case_ref: str, reasons: str, by: User, at: datetime
) -> CorporateAction:
    """Propose that a part of each unit's nominal is repaid with one of the payments that the terms promise.

    Units stay whole and go on counting against the cap: that is given back when they are redeemed.
    """
    demand(by, PROPOSE_ACTION)
    beside = CorporateAction.objects.filter(
        asset=asset, kind__in=PERIODIC, due_date=due_date, state=ActionState.ANNOUNCED
    ).first()
    refused = []
    if asset.kind == AssetKind.TREASURY_BILL:
        refused.append(Unmet("bill_is_never_called", "A treasury bill is not redeemed before it matures."))
    elif beside is None or beside.ends_on == asset.matures_on:
        words = "A part is repaid together with a coupon or rental that is announced, before the last one."
        refused.append(Unmet("falls_on_a_payment", words))
    if not asset.is_commodity and not 0 < per_unit < nominal_left(asset):
        left = f"Between nothing and {nominal_left(asset):,} {asset.currency} are left of it."
        refused.append(Unmet("part_of_nominal", "A part of the nominal is repaid, not all of it.", (left,)))
    action = CorporateAction(asset=asset, kind=ActionKind.PARTIAL, per_unit=per_unit)
    if beside is not None:
        action.record_date, action.due_date, action.ends_on = beside.record_date, beside.due_date, beside.ends_on
    return _proposed(action, refused, case_ref, reasons, by, at)


def propose_event(
    asset: Asset, *, kind: ActionKind, occurred_on: date, case_ref: str, reasons: str, by: User, at: datetime
) -> CorporateAction:
    """Propose to establish a credit event, or a default of the issuer, which stops issue and distribution for good."""
    demand(by, PROPOSE_ACTION)
    refused = []
    if kind not in EVENTS:
        refused.append(Unmet("action_is_an_event", "Propose a credit event or a default."))
    if occurred_on > timezone.localdate(at):
        refused.append(Unmet("event_has_happened", "Give the day on which it happened."))
    action = CorporateAction(asset=asset, kind=kind, occurred_on=occurred_on)
    return _proposed(action, refused, case_ref, reasons, by, at)


def _proposed(
    action: CorporateAction, refused: list[Unmet], case_ref: str, reasons: str, by: User, at: datetime
) -> CorporateAction:
    action.case_ref, action.reasons = case_ref.strip(), reasons.strip()
    action.proposed_by, action.proposed_at = by, at
    if action.asset.state not in PUBLISHED:
        refused.append(Unmet("asset_is_in_being", "The asset was never issued."))
    if not action.case_ref:
        refused.append(Unmet("case_ref_missing", "Name the decision or notice behind it as its reference."))
    if not action.reasons:
        refused.append(Unmet("reasons_are_given", "Give the reasons: they are part of the record."))
    if refused:
        raise MoveRefused(action, "propose_action", refused)
    with transaction.atomic():
        action.save(force_insert=True)
        data = {"asset": action.asset.code, **_said(action)}
        audit.record(action, event="proposed", by=by, at=at, note=action.reasons, data=data)
    return action


@follows(CorporateAction, "announce", "call_off")
def recount(action: CorporateAction, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """After a partial redemption was announced or called off, later payments are for what is left of the nominal."""
    if action.kind != ActionKind.PARTIAL:
        return
    # One at a time on an asset: two that were proposed side by side must not repay more than there is.
    Asset.objects.select_for_update(no_key=True).get(pk=action.asset_id)
    if nominal_left(action.asset) <= 0:
        raise MoveRefused(
            action, "announce", [Unmet("part_of_nominal", "A part of the nominal is repaid, not all of it.")]
        )
    later = CorporateAction.objects.filter(
        asset=action.asset, state=ActionState.ANNOUNCED, proposed_by=None
    ).select_related("asset__debt_terms")
    for each in later.order_by("pk"):
        amount = amount_of(each)
        if amount != each.per_unit:
            _set_amount(each, amount, by=by, at=at, because=action.reference)


@follows(CorporateAction, "establish")
def stop_in_default(action: CorporateAction, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """A default that is established stops its asset in the same transaction, on two people's word."""
    if action.kind != ActionKind.DEFAULT:
        return
    asset = Asset.objects.get(pk=action.asset_id)
    note, data = f"{action.reference}: {action.reasons}", {"corporate_action": action.pk}
    perform(asset, "record_default", by=None, at=at, expected_version=asset.version, note=note, data=data)


# ── Rates ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def propose_rate(action: CorporateAction, *, rate_bp: int, source: str, by: User, at: datetime) -> RateFixing:
    """Propose the rate of one period of a floating debt, as it was published; another person fixes it."""
    demand(by, PROPOSE_ACTION)
    with transaction.atomic():
        # In turn with another proposal for the same period.
        action = CorporateAction.objects.select_for_update(of=("self",), no_key=True).get(pk=action.pk)
        refused = []
        if not action.awaits_rate:
            refused.append(Unmet("rate_is_open", "The rate of this payment is known, or it has none."))
        if action.fixings.filter(state=FixingState.PROPOSED).exists():
            refused.append(Unmet("one_rate_at_a_time", "A rate is proposed already: have it fixed or refused first."))
        if not source.strip():
            refused.append(Unmet("source_is_given", "Name the publication of the rate."))
        if refused:
            raise MoveRefused(action, "propose_rate", refused)
        fixing = RateFixing.objects.create(
            action=action, rate_bp=rate_bp, source=source.strip(), proposed_by=by, proposed_at=at
        )
        data = {"fixing": fixing.pk, "rate_bp": rate_bp, "source": fixing.source}
        audit.record(action, event="rate_proposed", by=by, at=at, data=data)
        audit.record(fixing, event="proposed", by=by, at=at, data=data)
        return fixing


@follows(RateFixing, "fix")
def apply_rate(fixing: RateFixing, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """From here on the amount of the period is known."""
    action = CorporateAction.objects.select_for_update(of=("self",), no_key=True).get(pk=fixing.action_id)
    CorporateAction.objects.filter(pk=action.pk).update(rate_bp=fixing.rate_bp)
    action.rate_bp = fixing.rate_bp
    _set_amount(action, amount_of(action), by=by, at=at, because=fixing.reference)


def _set_amount(
    action: CorporateAction, amount: Decimal | None, *, by: User | None, at: datetime, because: str
) -> None:
    CorporateAction.objects.filter(pk=action.pk).update(per_unit=amount, version=F("version") + 1)
    data = {"rate_bp": action.rate_bp, "per_unit": None if amount is None else str(amount), "because": because}
    audit.record(action, event="amount_set", by=by, at=at, data=data)


# ── The record and the evidence ──────────────────────────────────────────────────────────────────────────────────────
@follows(CorporateAction, "take_record")
def take_snapshot(action: CorporateAction, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Write down every balance as the journal had it at the end of the record date; taken late it says the same."""
    if action.record_date is None:
        raise LookupError("The gate record_date_is_over let an action pass that has no record date.")
    # After whatever posting of this asset is under way.
    Asset.objects.select_for_update(no_key=True).get(pk=action.asset_id)
    end = timezone.make_aware(datetime.combine(action.record_date + timedelta(days=1), time.min))
    seq = action.asset.entries.filter(effective_at__lt=end).aggregate(seq=Max("seq"))["seq"] or 0
    balances = balances_at(action.asset_id, seq)
    root = root_of(action.asset_id, seq, balances)
    snapshot = Snapshot.objects.create(
        action=action,
        asset=action.asset,
        record_date=action.record_date,
        at_seq=seq,
        root_sha256=root,
        taken_at=at,
    )
    SnapshotBalance.objects.bulk_create(
        SnapshotBalance(snapshot=snapshot, account=account, units=units) for account, units in balances
    )
    audit.record(action, event="record_kept", by=by, at=at, data={"at_seq": seq, "root_sha256": root.hex()})


def record_payment(
    action: CorporateAction,
    *,
    paid_on: date,
    amount: Decimal,
    reference: str,
    document_sha256: str,
    by: User,
    at: datetime,
) -> PaymentEvidence:
    """Record the evidence of a payment that is due or was missed; another person confirms the payment by it."""
    demand(by, PROPOSE_ACTION)
    with transaction.atomic():
        action = CorporateAction.objects.select_for_update(of=("self",), no_key=True).get(pk=action.pk)
        refused = []
        if action.state not in (ActionState.DUE, ActionState.MISSED):
            refused.append(
                Unmet("payment_is_due", "Evidence is recorded once a payment is due, until it is confirmed.")
            )
        if paid_on > timezone.localdate(at):
            refused.append(Unmet("day_has_come", "Give the day on which it was paid."))
        if refused:
            raise MoveRefused(action, "record_payment", refused)
        evidence = PaymentEvidence(
            action=action,
            paid_on=paid_on,
            amount=amount,
            reference=reference,
            document_sha256=document_sha256,
            recorded_by=by,
            recorded_at=at,
        )
        evidence.full_clean()
        evidence.save(force_insert=True)
        # A new version, so that nobody confirms on evidence that was not on the page before him.
        CorporateAction.objects.filter(pk=action.pk).update(evidenced_by=by, version=F("version") + 1)
        data = {"amount": str(amount), "paid_on": str(paid_on), "reference": reference, "sha256": document_sha256}
        audit.record(action, event="evidence_recorded", by=by, at=at, data=data)
        return evidence
