"""What comes in, read strictly."""

import re
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from licensing import standing
from pvara.kernel.api import SeenField, Strict, VisibleField
from tokenisation.actions.reconciliation import Holdings
from tokenisation.faces.holdings import contradictions
from tokenisation.models import Asset, CommodityTerms, DebtTerms, DistributionAuthorisation, JournalEntry, Programme
from tokenisation.models.orders import KINDS
from tokenisation.postings import RULES
from tokenisation.states import (
    AccountKind,
    AssetKind,
    AuthoritativeRecord,
    Authority,
    BusinessDay,
    EntryKind,
    LegalNature,
)

# The largest number that the database's bigint columns hold.
LARGEST = 2**63 - 1
KEY = re.compile(r"[\x21-\x7e]{1,100}")
KEY_OF_A_LINE = r"^[!-~]{1,100}$"
# What one call of the database takes in well under its time limit.
MOST_LINES = 5_000


def idempotency_key(request: Request) -> str:
    """The caller's own name for a posting: sent again, it gives the first answer again."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise ValidationError({"Idempotency-Key": "Send this header: 1 to 100 printable characters, no spaces."})
    return key


class ProgrammeBody(Strict):
    name = serializers.CharField(max_length=120)
    cap_usd_cents = serializers.IntegerField(min_value=1, max_value=LARGEST)


class ExchangeRateBody(Strict):
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    date = serializers.DateField()
    per_usd = serializers.DecimalField(
        max_digits=24, decimal_places=4, min_value=0, help_text="How many units of the currency buy one US dollar."
    )

    def validate_per_usd(self, value: Any) -> Any:
        if value <= 0:
            raise ValidationError("A rate is above zero.")
        return value


# ── Assets ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class DebtTermsBody(Strict):
    issue_date = serializers.DateField()
    maturity_date = serializers.DateField()
    coupon = serializers.ChoiceField(choices=DebtTerms.Coupon.choices)
    rate_bp = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="Yield or coupon, basis points.")
    payments_a_year = serializers.IntegerField(min_value=0, max_value=12, required=False)
    day_count = serializers.ChoiceField(choices=DebtTerms.DayCount.choices, required=False)
    business_day = serializers.ChoiceField(
        choices=BusinessDay.choices, required=False, help_text="When a payment that is due on a holiday is paid."
    )
    custody_account = serializers.CharField(max_length=80, help_text="Account at the depository.")
    shariah_compliant = serializers.BooleanField(required=False)


class CommodityTermsBody(Strict):
    commodity = serializers.CharField(max_length=60)
    grade = serializers.CharField(max_length=60)
    unit_of_measure = serializers.CharField(max_length=20)
    quantity_per_unit = serializers.IntegerField(min_value=1, max_value=10**12)
    site = serializers.CharField(max_length=200)
    custodian = serializers.CharField(max_length=200)
    receipt_no = serializers.CharField(max_length=60)
    price_usd_cents = serializers.IntegerField(min_value=1, max_value=10**12)
    price_source = serializers.CharField(max_length=200)
    price_as_of = serializers.DateField()
    haircut_bp = serializers.IntegerField(min_value=0, max_value=9_999, required=False)


class AssetBody(Strict):
    programme = serializers.PrimaryKeyRelatedField(queryset=Programme.objects.all())
    code = serializers.SlugField(max_length=32)
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=AssetKind.choices)
    issuer = serializers.CharField(max_length=200)
    issuer_lei = serializers.CharField(max_length=20, required=False, allow_blank=True)
    guarantor = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Whoever answers for it beside the issuer."
    )
    isin = serializers.CharField(max_length=12, required=False, allow_blank=True)
    cfi = serializers.CharField(max_length=6, required=False, allow_blank=True)
    fisn = serializers.CharField(max_length=35, required=False, allow_blank=True)
    legal_nature = serializers.ChoiceField(choices=LegalNature.choices)
    authoritative_record = serializers.ChoiceField(choices=AuthoritativeRecord.choices, required=False)
    risk_text = serializers.CharField(max_length=20_000)
    tax_note = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    unit_nominal = serializers.IntegerField(
        min_value=0, max_value=10**15, required=False, help_text="In hundredths of the currency: PKR 5,000 is 500000."
    )
    retail_allowed = serializers.BooleanField(required=False)
    per_investor_cap = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST,
        required=False,
        allow_null=True,
        help_text="Units that one investor may hold at a venue.",
    )
    institutional_allowed = serializers.BooleanField(required=False, help_text="True where it is left out.")
    non_resident_allowed = serializers.BooleanField(required=False)
    lockup_until = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="The last day on which units may not change hands between investors.",
    )
    authorised_units = serializers.IntegerField(min_value=1, max_value=10**15)
    debt_terms = DebtTermsBody(required=False)
    commodity_terms = CommodityTermsBody(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        debt, commodity = attrs.pop("debt_terms", None), attrs.pop("commodity_terms", None)
        if debt is not None and commodity is not None:
            raise ValidationError("An asset has debt terms or commodity terms, not both.")
        if debt is not None:
            attrs["terms"] = DebtTerms(**debt)
        if commodity is not None:
            attrs["terms"] = CommodityTerms(**commodity)
        return attrs


class AmendedBody(AssetBody):
    """What is left out stays as it is; terms are sent as a whole."""

    seen = SeenField()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for name, field in fields.items():
            if name != "seen":
                field.required = False
        return fields


class ApprovalBody(Strict):
    authority = serializers.ChoiceField(choices=Authority.choices)
    reference = serializers.CharField(max_length=80, help_text="The reference of the authority's letter.")


class AttestationBody(Strict):
    custodian = serializers.CharField(max_length=200, help_text="As the document says it; the terms name the same.")
    quantity = serializers.IntegerField(min_value=0, max_value=LARGEST, help_text="In units of measure.")
    unit_of_measure = serializers.CharField(max_length=20, help_text="As the document says it; the terms count in it.")
    as_of = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    document_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["as_of"] >= attrs["expires_at"]:
            raise ValidationError({"expires_at": "An attestation runs out after the moment it speaks of."})
        return attrs


# ── Distribution ─────────────────────────────────────────────────────────────────────────────────────────────────────
class AuthorisationBody(Strict):
    asset = VisibleField(queryset=Asset.objects.all())
    venue = serializers.PrimaryKeyRelatedField(queryset=standing.venues())
    limit_units = serializers.IntegerField(min_value=1, max_value=LARGEST)
    valid_from = serializers.DateField(required=False, help_text="Its first day; today, if left out.")
    valid_to = serializers.DateField(required=False, help_text="Its last day, if it has one.")


class LastDayBody(Strict):
    valid_to = serializers.DateField(help_text="The new last day: today or later.")
    reasons = serializers.CharField(max_length=2000)
    expected_version = serializers.IntegerField(min_value=0)


class UnitsBody(Strict):
    units = serializers.IntegerField(min_value=1, max_value=LARGEST)
    case_ref = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Your own reference, kept with the entry."
    )


SETTLEMENT_CODE = r"^[A-Z0-9]{0,10}$"
SETTLED_IN = "The code of what was paid in (see settlement-assets); the day's default where it is left out."


class PlacementBody(UnitsBody):
    settlement = serializers.RegexField(SETTLEMENT_CODE, required=False, allow_blank=True, help_text=SETTLED_IN)


def _sources(*kinds: EntryKind) -> list[tuple[str, str]]:
    found = dict.fromkeys(each.source for each in RULES if each.kind in kinds and each.source and each.at_venue)
    return [(each.value, each.label) for each in found]


HELD = _sources(EntryKind.FREEZE)
ORDERED = _sources(EntryKind.FORCED)


class FreezeBody(UnitsBody):
    account = serializers.ChoiceField(choices=HELD, help_text="The account to take from.")
    case_ref = serializers.CharField(max_length=120, help_text="The reference of the order.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["source"] = AccountKind(attrs.pop("account"))
        return attrs


class RedemptionBody(FreezeBody):
    account = serializers.ChoiceField(choices=_sources(EntryKind.REDEEM), help_text="The account to take from.")
    case_ref = serializers.CharField(max_length=120, help_text="The reference of the proof of payment.")


class TreasuryRedemptionBody(UnitsBody):
    case_ref = serializers.CharField(max_length=120, help_text="The reference of the decision.")


class RegisterBody(Strict):
    as_of = serializers.DateField(help_text="The day at whose end the figure holds.")
    units = serializers.IntegerField(min_value=0, max_value=LARGEST)
    reference = serializers.CharField(max_length=120, help_text="The reference of the register's statement.")


class HeldBody(Strict):
    authorisation = VisibleField(queryset=DistributionAuthorisation.objects.select_related("asset", "venue__firm"))
    as_of = serializers.DateField()
    units_held = serializers.IntegerField(min_value=0, max_value=LARGEST)
    holders = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    retail_units = serializers.IntegerField(min_value=0, max_value=LARGEST)
    institutional_units = serializers.IntegerField(min_value=0, max_value=LARGEST)
    non_resident_units = serializers.IntegerField(min_value=0, max_value=LARGEST)
    retail_holders = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    largest_holding = serializers.IntegerField(
        min_value=0, max_value=LARGEST, required=False, help_text="Of one investor; a cap is tested by it."
    )
    transferred_units = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST,
        required=False,
        help_text="Between investors since the venue's last return of the asset; a lock-up is tested by it.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        said = Holdings(**{name: value for name, value in attrs.items() if name not in ("authorisation", "as_of")})
        if wrong := contradictions(said):
            raise ValidationError(wrong)
        return attrs


class HoldingsBody(Strict):
    rows = serializers.ListField(child=HeldBody(), allow_empty=False, max_length=1_000)


class LineBody(Strict):
    key = serializers.RegexField(KEY_OF_A_LINE, help_text="Your own name for the line.")
    units = serializers.IntegerField(min_value=1, max_value=LARGEST)
    case_ref = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class LinesBody(Strict):
    lines = serializers.ListField(child=LineBody(), allow_empty=False, max_length=MOST_LINES)
    trial = serializers.BooleanField(required=False, default=False, help_text="Only say what would become of it.")


class PlacementLineBody(LineBody):
    settlement = serializers.RegexField(
        SETTLEMENT_CODE, required=False, allow_blank=True, default="", help_text=SETTLED_IN
    )


class PlacementLinesBody(LinesBody):
    lines = serializers.ListField(child=PlacementLineBody(), allow_empty=False, max_length=MOST_LINES)


class OrderBody(Strict):
    kind = serializers.ChoiceField(choices=KINDS)
    authorisation = VisibleField(
        queryset=DistributionAuthorisation.objects.all(), required=False, help_text="Whose units, unless to correct."
    )
    account = serializers.ChoiceField(choices=ORDERED, required=False, help_text="The account to take from.")
    units = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    to_venue = serializers.PrimaryKeyRelatedField(
        queryset=standing.venues(), required=False, allow_null=True, help_text="For a forced transfer to a venue."
    )
    entry = serializers.PrimaryKeyRelatedField(
        queryset=JournalEntry.objects.all(), required=False, help_text="The entry to correct."
    )
    case_ref = serializers.CharField(max_length=120)
    reasons = serializers.CharField(max_length=4000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = attrs["kind"]
        needs = {"entry"} if kind == EntryKind.CORRECT else {"authorisation", "account", "units"}
        may = needs | ({"to_venue"} if kind == EntryKind.FORCED else set()) | {"kind", "case_ref", "reasons"}
        wrong = {name: ["This kind of order needs it."] for name in sorted(needs - set(attrs))}
        wrong |= {name: ["This kind of order does not take it."] for name in sorted(set(attrs) - may)}
        if "account" in attrs and attrs["account"] not in dict(_sources(EntryKind(kind))):
            wrong["account"] = ["Only frozen units are released."]
        if wrong:
            raise ValidationError(wrong)
        if "account" in attrs:
            attrs["source"] = AccountKind(attrs.pop("account"))
        return attrs
