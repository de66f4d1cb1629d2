"""What leaves the registry as a file: who has how much of an asset, its journal, and the terms of a bond.

Rows are made one by one. A cap table knows venues and no investor: whose the units are is in the venues' own books.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from tokenisation.invariants import said_of
from tokenisation.models import Account, Asset, DebtTerms, JournalEntry
from tokenisation.states import AccountKind, BusinessDay

AT_ONCE = 2_000

CAP_TABLE = ("asset", "as_of_entry", "hash", "place", "licence", "account", "units", "usd_cents")
JOURNAL = (
    "asset",
    "seq",
    "kind",
    "account",
    "licence",
    "to_licence",
    "units",
    "reverses",
    "case_ref",
    "key",
    "effective_at",
    "recorded_at",
    "layout",
    "prev_hash",
    "said",
    "hash",
)
BOND_TERMS = ("field", "value")


def last_entry(asset: Asset) -> int:
    """The number of an asset's last entry; 0 before it is issued."""
    return JournalEntry.objects.filter(asset=asset).order_by("-seq").values_list("seq", flat=True).first() or 0


def cap_table(asset: Asset, seq: int) -> Iterator[dict[str, Any]]:
    """Where the units were right after an entry: every account but the contra one, also those that were empty.

    Each row names the entry's hash, so that it can be held to a journal that somebody else has kept.
    """
    entry = JournalEntry.objects.filter(asset=asset, seq=seq).only("hash").first()
    digest = bytes(entry.hash).hex() if entry else ""
    held = Account.objects.filter(asset=asset).exclude(kind=AccountKind.SUPPLY)
    held = held.annotate(held=Coalesce(Sum("postings__units", filter=Q(postings__entry__seq__lte=seq)), 0))
    rows = held.select_related("venue__licence", "venue__firm").order_by("venue_id", "pk")
    for each in rows.iterator(chunk_size=AT_ONCE):
        yield {
            "asset": asset.code,
            "as_of_entry": seq,
            "hash": digest,
            "place": str(each.venue) if each.venue else "Treasury",
            "licence": each.venue.reference if each.venue else "",
            "account": each.kind,
            "units": each.held,
            "usd_cents": each.held * (asset.unit_usd_cents or 0),
        }


def journal(asset: Asset, seq: int) -> Iterator[dict[str, Any]]:
    """Every entry up to a number, oldest first, with what its hash was made of.

    `hash` is the SHA-256 of the bytes of `prev_hash` followed by `said` in UTF-8, `prev_hash` the `hash` of the entry
    before, and empty before the first: whoever has the file can verify it with nothing else.
    """
    rows = JournalEntry.objects.filter(asset=asset, seq__lte=seq).order_by("seq")
    rows = rows.select_related("venue__licence", "to_venue__licence", "reverses")
    for each in rows.iterator(chunk_size=AT_ONCE):
        yield {
            "asset": asset.code,
            "seq": each.seq,
            "kind": each.kind,
            "account": each.source,
            "licence": each.venue.reference if each.venue else "",
            "to_licence": each.to_venue.reference if each.to_venue else "",
            "units": each.units,
            "reverses": each.reverses.seq if each.reverses else None,
            "case_ref": each.case_ref,
            "key": each.idempotency_key,
            "effective_at": each.effective_at.isoformat(),
            "recorded_at": each.recorded_at.isoformat(),
            "layout": each.layout,
            "prev_hash": bytes(each.prev_hash).hex(),
            "said": said_of(each),
            "hash": bytes(each.hash).hex(),
        }


# ── Terms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
INTEREST = {
    DebtTerms.Coupon.ZERO: "ZERO_COUPON",
    DebtTerms.Coupon.FIXED: "FIXED",
    DebtTerms.Coupon.FLOATING: "FLOATING",
}
# Bonds are reckoned in whole months; a frequency that is none is told as its number a year.
FREQUENCY = {0: None, 1: "ANNUAL", 2: "SEMI_ANNUAL", 4: "QUARTERLY", 12: "MONTHLY"}

CONVENTION = {
    BusinessDay.FOLLOWING: "FOLLOWING",
    BusinessDay.MODIFIED: "MODIFIED_FOLLOWING",
    BusinessDay.PRECEDING: "PRECEDING",
    BusinessDay.UNADJUSTED: "NO_ADJUSTMENT",
}


def bond_terms(asset: Asset) -> dict[str, Any] | None:
    """The terms of a debt under names after ICMA's Bond Data Taxonomy; None for a commodity.

    Amounts are in the currency's units with two places, rates per cent per annum. A zero-coupon debt has its yield as
    `discountRate`, a sukuk its rental under `profit…`: neither is interest.
    """
    terms = asset.terms
    if not isinstance(terms, DebtTerms):
        return None
    rate = f"{terms.rate_bp // 100}.{terms.rate_bp % 100:02d}"
    fixed, zero = terms.coupon in (DebtTerms.Coupon.FIXED, DebtTerms.Coupon.FLOATING), DebtTerms.Coupon.ZERO
    rental = terms.coupon == DebtTerms.Coupon.RENTAL
    frequency = FREQUENCY.get(terms.payments_a_year, str(terms.payments_a_year))
    nominal = asset.unit_nominal
    return {
        "isin": asset.isin or None,
        "cfi": asset.cfi or None,
        "fisn": asset.fisn or None,
        "internalCode": asset.code,
        "instrumentName": asset.name,
        "instrumentType": asset.kind,
        "issuerName": asset.issuer,
        "issuerLei": asset.issuer_lei or None,
        "form": "DEMATERIALISED",
        "legalNature": asset.legal_nature,
        "authoritativeRecord": asset.authoritative_record,
        "specifiedCurrency": asset.currency,
        "specifiedDenomination": _money(nominal),
        "aggregateNominalAmount": _money(nominal * asset.authorised_units),
        "outstandingNominalAmount": _money(nominal * asset.outstanding_units),
        "numberOfUnits": asset.authorised_units,
        "issueDate": terms.issue_date.isoformat(),
        "maturityDate": terms.maturity_date.isoformat(),
        "interestType": INTEREST.get(DebtTerms.Coupon(terms.coupon)),
        "interestRate": rate if fixed else None,
        "discountRate": rate if terms.coupon == zero else None,
        "interestPaymentFrequency": None if rental else frequency,
        "profitType": "RENTAL" if rental else None,
        "profitRate": rate if rental else None,
        "profitPaymentFrequency": frequency if rental else None,
        "dayCountFraction": terms.day_count,
        "businessDayConvention": CONVENTION[BusinessDay(terms.business_day)],
        "custodyAccount": terms.custody_account,
        "shariahCompliant": terms.shariah_compliant,
        "retailAllowed": asset.retail_allowed,
        "maximumUnitsPerInvestor": asset.per_investor_cap,
        "lockUpUntil": asset.lockup_until.isoformat() if asset.lockup_until else None,
        "lastDayOfDistribution": asset.distribution_ends.isoformat() if asset.distribution_ends else None,
        "status": asset.state,
    }


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
