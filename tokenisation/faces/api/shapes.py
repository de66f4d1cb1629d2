"""How the registry looks from outside. Money is in US cents, units are whole; read only."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing import standing
from pvara.kernel.api import Plain
from pvara.kernel.seen import mark
from tokenisation.faces.api.attestation_shapes import AttestationShape
from tokenisation.models import (
    Approval,
    Asset,
    CommodityTerms,
    DebtTerms,
    DistributionAuthorisation,
    FxRate,
    JournalEntry,
    Programme,
    SettlementAsset,
)
from tokenisation.models.described import said_of


class ProgrammeShape(serializers.ModelSerializer[Programme]):
    headroom_usd_cents = serializers.IntegerField(read_only=True, help_text="What may still be approved.")

    class Meta:
        model = Programme
        fields = ["id", "name", "cap_usd_cents", "committed_usd_cents", "headroom_usd_cents"]
        read_only_fields = fields


class ExchangeRateShape(serializers.ModelSerializer[FxRate]):
    class Meta:
        model = FxRate
        fields = ["id", "currency", "date", "per_usd", "source"]
        read_only_fields = fields


class SettlementAssetShape(serializers.ModelSerializer[SettlementAsset]):
    class Meta:
        model = SettlementAsset
        fields = [
            "id",
            "code",
            "name",
            "kind",
            "currency",
            "permitted",
            "is_default",
            "effective_from",
            "mark",
            "source",
        ]
        read_only_fields = fields


# ── Assets ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class DebtTermsShape(serializers.ModelSerializer[DebtTerms]):
    class Meta:
        model = DebtTerms
        fields = [
            "issue_date",
            "maturity_date",
            "coupon",
            "rate_bp",
            "payments_a_year",
            "day_count",
            "business_day",
            "custody_account",
            "shariah_compliant",
        ]
        read_only_fields = fields


class CommodityTermsShape(serializers.ModelSerializer[CommodityTerms]):
    class Meta:
        model = CommodityTerms
        fields = [
            "commodity",
            "grade",
            "unit_of_measure",
            "quantity_per_unit",
            "site",
            "custodian",
            "receipt_no",
            "price_usd_cents",
            "price_source",
            "price_as_of",
            "haircut_bp",
        ]
        read_only_fields = fields


class ApprovalShape(serializers.ModelSerializer[Approval]):
    recorded_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Approval
        fields = ["authority", "reference", "recorded_by", "recorded_at"]
        read_only_fields = fields


ASSET = [
    "id",
    "code",
    "name",
    "kind",
    "state",
    "state_title",
    "version",
    "programme",
    "issuer",
    "isin",
    "currency",
    "unit_nominal",
    "authorised_units",
    "minted_units",
    "redeemed_units",
    "allocated_units",
    "distributed_units",
]


class AssetBrief(serializers.ModelSerializer[Asset]):
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)

    class Meta:
        model = Asset
        fields = ASSET
        read_only_fields = fields


class AssetShape(AssetBrief):
    debt_terms = DebtTermsShape(read_only=True, allow_null=True)
    commodity_terms = CommodityTermsShape(read_only=True, allow_null=True)
    approvals = ApprovalShape(many=True, read_only=True)
    attestations = AttestationShape(many=True, read_only=True)
    seen = serializers.SerializerMethodField(
        help_text="The mark of what it says, to be sent with what amends its draft."
    )
    treasury_units = serializers.IntegerField(read_only=True, help_text="Minted and not allocated yet.")
    proposed_by = serializers.StringRelatedField[Any]()
    approved_by = serializers.StringRelatedField[Any](allow_null=True)
    issued_by = serializers.StringRelatedField[Any](allow_null=True)

    def get_seen(self, asset: Asset) -> str:
        return mark(said_of(asset))

    class Meta:
        model = Asset
        fields = [
            *ASSET,
            "seen",
            "issuer_lei",
            "guarantor",
            "cfi",
            "fisn",
            "legal_nature",
            "authoritative_record",
            "risk_text",
            "tax_note",
            "retail_allowed",
            "per_investor_cap",
            "institutional_allowed",
            "non_resident_allowed",
            "lockup_until",
            "unit_usd_cents",
            "reserved_usd_cents",
            "fx_rate",
            "treasury_units",
            "proposed_by",
            "proposed_at",
            "approved_by",
            "issued_by",
            "debt_terms",
            "commodity_terms",
            "approvals",
            "attestations",
        ]
        read_only_fields = fields


# ── Distribution ─────────────────────────────────────────────────────────────────────────────────────────────────────
@extend_schema_field(OpenApiTypes.BOOL)
class MayDistribute(serializers.Field[Any, Any, Any, Any]):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, source="*", **kwargs)

    def to_representation(self, venue: Any) -> bool:
        return standing.may_distribute(venue, timezone.now())


class VenueShape(serializers.ModelSerializer[Any]):
    """A licensed venue. Why it may not distribute is the regulator's to say: see the licence."""

    name = serializers.CharField(read_only=True, source="__str__")
    licence = serializers.CharField(read_only=True, source="reference", help_text="The number of the licence.")
    may_distribute = MayDistribute()

    class Meta:
        model = standing.VenueStanding
        fields = ["id", "name", "licence", "may_distribute", "holds_until", "standing_version", "changed_at"]
        read_only_fields = fields


class AuthorisationShape(serializers.ModelSerializer[DistributionAuthorisation]):
    reference = serializers.CharField(read_only=True)
    asset_code = serializers.CharField(read_only=True, source="asset.code")
    venue_name = serializers.CharField(read_only=True, source="venue.__str__")
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    shelf_units = serializers.IntegerField(read_only=True, help_text="Allocated and not placed with clients yet.")

    class Meta:
        model = DistributionAuthorisation
        fields = [
            "id",
            "reference",
            "asset",
            "asset_code",
            "venue",
            "venue_name",
            "state",
            "state_title",
            "version",
            "limit_units",
            "allocated_units",
            "distributed_units",
            "shelf_units",
            "valid_from",
            "valid_to",
            "authorised_at",
        ]
        read_only_fields = fields


@extend_schema_field({"type": "string", "pattern": "^[0-9a-f]{64}$"})
class Digest(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: Any) -> str:
        return bytes(value).hex()


class JournalEntryShape(serializers.ModelSerializer[JournalEntry]):
    reference = serializers.CharField(read_only=True)
    account = serializers.CharField(read_only=True, source="source", help_text="The account that the units came from.")
    hash = Digest(read_only=True)
    settlement = serializers.CharField(
        read_only=True,
        source="settlement.settled_in.code",
        default=None,
        allow_null=True,
        help_text="In what a placement was settled.",
    )

    class Meta:
        model = JournalEntry
        fields = [
            "id",
            "reference",
            "asset",
            "seq",
            "kind",
            "account",
            "venue",
            "to_venue",
            "units",
            "reverses",
            "case_ref",
            "settlement",
            "standing_version",
            "effective_at",
            "recorded_at",
            "hash",
        ]
        read_only_fields = fields


# ── Files and orders ─────────────────────────────────────────────────────────────────────────────────────────────────
class AnswerShape(Plain):
    key = serializers.CharField(source="line.key")
    seq = serializers.IntegerField(allow_null=True, help_text="The number of its entry, once it is posted.")
    replayed = serializers.BooleanField(help_text="Whether it had been posted before.")
    refusal = serializers.CharField(help_text="The code of its refusal; empty when there is none.")
    reason = serializers.CharField(help_text="The refusal in words.")


class LinesShape(Plain):
    posted = serializers.BooleanField(help_text="Whether the lines are posted: all of them, or none.")
    lines = AnswerShape(many=True)
