"""The programme of the demonstration: five assets at four stages, and two of them on the shelf of a licensed venue.

The US$2bn ceiling is a public fact; rates, prices and quantities are demonstration figures and say so.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from licensing.models import Licence
from pvara.demo import coupons, documents
from pvara.demo.path import People, step
from tokenisation.actions import (
    assets,
    attestations,
    authorisations,
    checks,
    ledger,
    limits,
    orders,
    programme,
    reconciliation,
    settlement,
)
from tokenisation.models import (
    Asset,
    AssetDocument,
    CommodityTerms,
    CorporateAction,
    DebtTerms,
    DistributionAuthorisation,
    JournalEntry,
    Order,
    Programme,
    RateFixing,
    ReserveAttestation,
)
from tokenisation.states import AccountKind, Authority, DocumentKind, LimitScope

CAP_USD_CENTS = 200_000_000_000
DEMONSTRATION = "Demonstration figure"
GOVERNMENT = "Government of Pakistan"
BEGUN_BEFORE = timedelta(days=12)


@dataclass(frozen=True)
class Registry:
    """What the demonstration's registry holds, for those who walk on from there."""

    programme: Programme
    bill: Asset
    authorisation: DistributionAuthorisation
    order: Order
    coupon: CorporateAction
    fixing: RateFixing
    # A later edition of the bill's offering document, which nobody has published yet.
    waiting: AssetDocument


def load_programme(licence: Licence, *, people: People, now: datetime) -> Registry:
    """A bill and a bond placed with clients, another bond approved, gold under review and oil in draft.

    Some of the bill is frozen; the bond has paid a coupon and will pay the next.
    """
    begun = now - BEGUN_BEFORE
    opened = open_with_rate(people=people, at=begun)
    set_limits(opened, people=people, at=begun)
    permit_settlement(people=people, at=now)
    bill = approve(propose_bill(opened, people=people, at=begun), people=people, at=begun)
    bill = issue(bill, people=people, at=begun)
    approve(propose_bond(opened, people=people, at=begun), people=people, at=begun)
    gold = propose_gold(opened, people=people, at=begun)
    step(attest(gold, quantity=6_250_000, people=people, at=begun), "accept", by=people.debt_approver, at=begun)
    documents.hand_in_needed(gold, people=people, at=begun)
    gold = step(gold, "submit_for_review", by=people.debt_officer, at=begun)
    assets.record_approval(gold, authority=Authority.SBP, reference="SBP/DMMD/114", by=people.debt_approver, at=begun)
    # What the tank holds is recorded, and waits for somebody else to read it.
    attest(propose_oil(opened, people=people, at=begun), quantity=2_500_000, people=people, at=begun)
    waiting = documents.hand_in(bill, DocumentKind.OFFERING, edition=2, people=people, at=now)
    authorisation = on_the_shelf(bill, licence, people=people, at=now)
    for number, units in enumerate((250, 1_200, 90), start=1):
        ledger.place(authorisation, units=units, key=f"demonstration-{number}", by=people.applicant, at=now)
    ledger.freeze(
        authorisation,
        source=AccountKind.CLIENTS,
        units=40,
        key="demonstration-freeze",
        case_ref="High Court, C.P. 7 (invented)",
        by=people.debt_officer,
        at=now,
    )
    order = orders.propose_correction(
        JournalEntry.objects.get(idempotency_key=f"venue:{authorisation.venue_id}:demonstration-3"),
        case_ref="Letter of the venue (invented)",
        reasons="The venue recorded a placement that was cancelled on the same day.",
        by=people.debt_officer,
        at=now,
    )
    compare(bill, authorisation, people=people, at=now)
    bond = issue(
        approve(propose_floater(opened, people=people, now=now), people=people, at=begun), people=people, at=begun
    )
    coupons.sell(on_the_shelf(bond, licence, people=people, at=begun), people=people, at=begun)
    coupon = coupons.pay(bond, people=people, now=now)
    fixing = coupons.fix_rates(bond, people=people, now=now)
    checks.check_ledger(at=now)
    return Registry(opened, bill, authorisation, order, coupon, fixing, waiting)


def open_with_rate(*, people: People, at: datetime) -> Programme:
    opened = programme.open_programme(
        "Tokenisation of sovereign assets", cap_usd_cents=CAP_USD_CENTS, by=people.debt_approver, at=at
    )
    programme.record_rate("PKR", on=timezone.localdate(at), per_usd=Decimal("281"), by=people.debt_officer, at=at)
    return opened


def permit_settlement(*, people: People, at: datetime) -> None:
    """The pilot of a digital rupee waits for the second person."""
    settlement.propose_permission(
        "DPKR",
        permitted=True,
        effective_from=timezone.localdate(at) + timedelta(days=30),
        source=DEMONSTRATION,
        reasons="The pilot of the State Bank is to be tried with a small placement.",
        by=people.debt_officer,
        at=at,
    )


def set_limits(opened: Programme, *, people: People, at: datetime) -> None:
    """Limits for three classes of assets and for every venue; one for retail clients is proposed."""
    for scope, of_class, share_bp, confirmed in (
        (LimitScope.ASSET_CLASS, "bills", 4_000, True),
        (LimitScope.ASSET_CLASS, "bonds", 4_000, True),
        (LimitScope.ASSET_CLASS, "commodities", 3_500, True),
        (LimitScope.VENUE, "", 5_000, True),
        (LimitScope.INVESTORS, "retail", 2_500, False),
    ):
        limit = limits.propose_limit(
            opened,
            scope,
            of_class=of_class,
            share_bp=share_bp,
            effective_from=timezone.localdate(at) if confirmed else timezone.localdate(at) + timedelta(days=30),
            source=DEMONSTRATION,
            reasons="No part of the programme is to be the whole of it.",
            by=people.debt_officer,
            at=at,
        )
        if confirmed:
            step(limit, "confirm", by=people.debt_approver, at=at)


# ── The five assets ──────────────────────────────────────────────────────────────────────────────────────────────────
def propose_bill(opened: Programme, *, people: People, at: datetime) -> Asset:
    today = timezone.localdate(at)
    return _propose(
        opened,
        people,
        at,
        code="mtb-12m",
        name="Market treasury bill, 12 months",
        kind="tbill",
        unit_nominal=500_000,
        authorised_units=20_000_000,
        retail_allowed=True,
        terms=DebtTerms(
            issue_date=today,
            maturity_date=_years_on(today, 1),
            coupon="zero",
            rate_bp=1127,
            custody_account="SGLA-DEMO-0001",
        ),
    )


def propose_bond(opened: Programme, *, people: People, at: datetime) -> Asset:
    today = timezone.localdate(at)
    return _propose(
        opened,
        people,
        at,
        code="pib-10y",
        name="Pakistan Investment Bond, 10 years",
        kind="bond",
        unit_nominal=500_000,
        authorised_units=30_000_000,
        terms=DebtTerms(
            issue_date=today,
            maturity_date=_years_on(today, 10),
            coupon="fixed",
            rate_bp=1170,
            payments_a_year=2,
            custody_account="SGLA-DEMO-0002",
        ),
    )


def propose_floater(opened: Programme, *, people: People, now: datetime) -> Asset:
    return _propose(
        opened,
        people,
        now - BEGUN_BEFORE,
        code="pib-3y-fl",
        name="Pakistan Investment Bond, 3 years, floating",
        kind="bond",
        unit_nominal=500_000,
        authorised_units=2_000_000,
        retail_allowed=True,
        terms=coupons.terms(now=now),
    )


def propose_gold(opened: Programme, *, people: People, at: datetime) -> Asset:
    return _propose(
        opened,
        people,
        at,
        code="gold-reserve",
        name="Gold reserve",
        kind="gold",
        currency="USD",
        legal_nature="claim",
        authorised_units=5_000_000,
        terms=CommodityTerms(
            commodity="Gold",
            grade="995 fine",
            unit_of_measure="gram",
            quantity_per_unit=1,
            site="Vault, Karachi (invented)",
            custodian="Custodian of the demonstration (invented)",
            receipt_no="VAULT-DEMO-01",
            price_usd_cents=13_000,
            price_source=DEMONSTRATION,
            price_as_of=timezone.localdate(at),
        ),
    )


def propose_oil(opened: Programme, *, people: People, at: datetime) -> Asset:
    return _propose(
        opened,
        people,
        at,
        code="oil-reserve",
        name="Oil reserve",
        kind="oil",
        currency="USD",
        legal_nature="claim",
        authorised_units=2_000_000,
        terms=CommodityTerms(
            commodity="Crude oil",
            grade="Light",
            unit_of_measure="barrel",
            quantity_per_unit=1,
            site="Terminal, Karachi (invented)",
            custodian="Custodian of the demonstration (invented)",
            receipt_no="TANK-DEMO-01",
            price_usd_cents=6_500,
            price_source=DEMONSTRATION,
            price_as_of=timezone.localdate(at),
        ),
    )


def _propose(opened: Programme, people: People, at: datetime, **details: Any) -> Asset:
    said = {
        "issuer": GOVERNMENT,
        "legal_nature": "representation",
        "risk_text": "A unit is an entry that represents the asset; it is not the asset. Prices move, and a unit may "
        "not be sold on every day. Demonstration data.",
    }
    return assets.propose_asset(opened, by=people.debt_officer, at=at, **{**said, **details})


def _years_on(day: date, years: int) -> date:
    # A term that begins on 29 February ends on 28 February.
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


# ── Their steps ──────────────────────────────────────────────────────────────────────────────────────────────────────
def attest(asset: Asset, *, quantity: int, people: People, at: datetime) -> ReserveAttestation:
    terms = CommodityTerms.objects.get(asset=asset)
    return attestations.record_attestation(
        asset,
        custodian=terms.custodian,
        quantity=quantity,
        unit_of_measure=terms.unit_of_measure,
        as_of=at,
        expires_at=at + timedelta(days=90),
        document_sha256="0" * 64,
        by=people.debt_officer,
        at=at,
    )


def approve(asset: Asset, *, people: People, at: datetime) -> Asset:
    """From draft to approved, with its documents made public and the letter of every authority."""
    for document in documents.hand_in_needed(asset, people=people, at=at):
        documents.publish(document, people=people, at=at)
    asset = step(asset, "submit_for_review", by=people.debt_officer, at=at)
    for authority in asset.authorities:
        reference = f"{authority.name}/DEMO/{asset.code}"
        assets.record_approval(asset, authority=authority, reference=reference, by=people.debt_approver, at=at)
    return step(asset, "approve", by=people.debt_approver, at=at)


def issue(asset: Asset, *, people: People, at: datetime) -> Asset:
    return assets.issue_asset(asset, expected_version=asset.version, by=people.debt_officer, at=at)


def on_the_shelf(asset: Asset, licence: Licence, *, people: People, at: datetime) -> DistributionAuthorisation:
    """A venue authorised for a million units, with 10,000 of them on its shelf."""
    authorisation = authorisations.authorise_venue(
        asset, licence.standing, limit_units=1_000_000, by=people.debt_approver, at=at
    )
    ledger.allocate(authorisation, units=10_000, key=f"shelf-{authorisation.pk}", by=people.debt_officer, at=at)
    authorisation.refresh_from_db()
    return authorisation


def compare(asset: Asset, authorisation: DistributionAuthorisation, *, people: People, at: datetime) -> None:
    """The register agrees; the venue's return of the day is ninety units short, and so a break stands."""
    today = timezone.localdate(at)
    reference = "Statement of the day (invented)"
    reconciliation.record_register(
        asset, as_of=today, units=asset.authorised_units, reference=reference, by=people.debt_officer, at=at
    )
    held = reconciliation.Holdings(
        units_held=1_450, holders=61, retail_units=1_150, institutional_units=300, non_resident_units=0
    )
    reconciliation.file_holdings([(authorisation, today, held)], by=people.applicant, at=at)
