"""Corporate actions as they look from outside, and what comes in about them. Amounts are in the asset's currency."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from licensing import standing
from pvara.kernel.api import Plain, Strict, VisibleField
from tokenisation.access import VIEW
from tokenisation.faces.api.shapes import Digest
from tokenisation.models import Asset, CorporateAction, PaymentEvidence, RateFixing, Snapshot
from tokenisation.states import EVENTS, ActionKind

PROPOSED = [(each.value, each.label) for each in (ActionKind.PARTIAL, *EVENTS)]
SHA256 = r"^[0-9a-f]{64}$"

ACTION = [
    "id",
    "reference",
    "asset",
    "asset_code",
    "kind",
    "number",
    "state",
    "state_title",
    "version",
    "starts_on",
    "ends_on",
    "record_date",
    "due_date",
    "occurred_on",
    "rate_bp",
    "per_unit",
    "currency",
]


# ── Out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
class CorporateActionBrief(serializers.ModelSerializer[CorporateAction]):
    reference = serializers.CharField(read_only=True)
    asset_code = serializers.CharField(read_only=True, source="asset.code")
    currency = serializers.CharField(read_only=True, source="asset.currency")
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)

    class Meta:
        model = CorporateAction
        fields = ACTION
        read_only_fields = fields


class DueShape(Plain):
    venue = serializers.IntegerField(source="venue.pk")
    venue_name = serializers.CharField(source="venue.__str__")
    units = serializers.IntegerField(help_text="On all its accounts at the record date, frozen ones too.")
    amount = serializers.DecimalField(
        max_digits=24, decimal_places=2, allow_null=True, help_text="None as long as the rate is not fixed."
    )


class SnapshotShape(serializers.ModelSerializer[Snapshot]):
    root_sha256 = Digest(read_only=True)

    class Meta:
        model = Snapshot
        fields = ["record_date", "at_seq", "root_sha256", "taken_at"]
        read_only_fields = fields


class PaymentEvidenceShape(serializers.ModelSerializer[PaymentEvidence]):
    class Meta:
        model = PaymentEvidence
        fields = ["id", "paid_on", "amount", "reference", "document_sha256", "recorded_at"]
        read_only_fields = fields


class CorporateActionShape(CorporateActionBrief):
    record = SnapshotShape(read_only=True, allow_null=True, help_text="None before the night after the record date.")
    dues = serializers.SerializerMethodField(help_text="What each venue is due; a venue's people see their own.")
    evidence = PaymentEvidenceShape(many=True, read_only=True)

    class Meta:
        model = CorporateAction
        fields = [*ACTION, "case_ref", "reasons", "proposed_at", "record", "dues", "evidence"]
        read_only_fields = fields

    @extend_schema_field(DueShape(many=True))
    def get_dues(self, action: CorporateAction) -> Any:
        user = self.context["request"].user
        dues = action.dues
        if not user.has_perm(VIEW):
            own = set(standing.venues_for(user).values_list("pk", flat=True))
            dues = [each for each in dues if each.venue.pk in own]
        return DueShape(dues, many=True).data


class RateFixingShape(serializers.ModelSerializer[RateFixing]):
    reference = serializers.CharField(read_only=True)
    publication = serializers.CharField(read_only=True, source="source", help_text="Where it was read.")
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    proposed_by = serializers.StringRelatedField[Any]()
    decided_by = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = RateFixing
        fields = [
            "id",
            "reference",
            "state",
            "state_title",
            "version",
            "action",
            "rate_bp",
            "publication",
            "proposed_by",
            "proposed_at",
            "decided_by",
        ]
        read_only_fields = fields


# ── In ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
class CorporateActionBody(Strict):
    asset = VisibleField(queryset=Asset.objects.all())
    kind = serializers.ChoiceField(choices=PROPOSED)
    due_date = serializers.DateField(required=False, help_text="Of the payment that a partial redemption goes with.")
    per_unit = serializers.DecimalField(
        max_digits=20,
        decimal_places=4,
        min_value=Decimal("0.0001"),
        required=False,
        help_text="What a partial redemption repays of each unit.",
    )
    occurred_on = serializers.DateField(required=False, help_text="The day of a credit event or a default.")
    case_ref = serializers.CharField(max_length=120)
    reasons = serializers.CharField(max_length=4000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needs = {"due_date", "per_unit"} if attrs["kind"] == ActionKind.PARTIAL else {"occurred_on"}
        may = needs | {"asset", "kind", "case_ref", "reasons"}
        wrong = {name: ["This kind of corporate action needs it."] for name in sorted(needs - set(attrs))}
        wrong |= {name: ["This kind of corporate action does not take it."] for name in sorted(set(attrs) - may)}
        if wrong:
            raise ValidationError(wrong)
        return attrs


class RateBody(Strict):
    rate_bp = serializers.IntegerField(min_value=0, max_value=100_000, help_text="Basis points, the spread included.")
    publication = serializers.CharField(max_length=200, source="source", help_text="Where it was read.")


class PaymentEvidenceBody(Strict):
    paid_on = serializers.DateField()
    amount = serializers.DecimalField(
        max_digits=24, decimal_places=2, min_value=Decimal("0.01"), help_text="To all venues together."
    )
    reference = serializers.CharField(max_length=120, help_text="The reference of the proof of payment.")
    document_sha256 = serializers.RegexField(SHA256)
