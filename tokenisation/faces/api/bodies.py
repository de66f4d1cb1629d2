"""What comes in, read strictly."""

import re
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from licensing import standing
from pvara.kernel.api import Strict, VisibleField
from tokenisation.models import Asset, CommodityTerms, DebtTerms, Programme
from tokenisation.states import AssetKind, AuthoritativeRecord, Authority, LegalNature

# The largest number that the database's bigint columns hold.
LARGEST = 2**63 - 1
KEY = re.compile(r"[\x21-\x7e]{1,100}")


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
    source: Any = serializers.CharField(max_length=200)

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
    payments_a_year = serializers.IntegerField(min_value=0, max_value=366, required=False)
    day_count = serializers.CharField(max_length=12, required=False)
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
    isin = serializers.CharField(max_length=12, required=False, allow_blank=True)
    cfi = serializers.CharField(max_length=6, required=False, allow_blank=True)
    fisn = serializers.CharField(max_length=35, required=False, allow_blank=True)
    legal_nature = serializers.ChoiceField(choices=LegalNature.choices)
    authoritative_record = serializers.ChoiceField(choices=AuthoritativeRecord.choices, required=False)
    risk_text = serializers.CharField(max_length=20_000)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    unit_nominal = serializers.IntegerField(
        min_value=0, max_value=10**15, required=False, help_text="In hundredths of the currency: PKR 5,000 is 500000."
    )
    retail_allowed = serializers.BooleanField(required=False)
    lockup_until = serializers.DateField(required=False)
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


class ApprovalBody(Strict):
    authority = serializers.ChoiceField(choices=Authority.choices)
    reference = serializers.CharField(max_length=80, help_text="The reference of the authority's letter.")


class AttestationBody(Strict):
    quantity = serializers.IntegerField(min_value=0, max_value=LARGEST, help_text="In units of measure.")
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


class UnitsBody(Strict):
    units = serializers.IntegerField(min_value=1, max_value=LARGEST)
    case_ref = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Your own reference, kept with the entry."
    )
