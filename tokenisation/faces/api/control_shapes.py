"""How comparisons with other records, breaks, checks and orders look from outside; read only."""

from typing import Any

from rest_framework import serializers

from pvara.kernel.api import Plain
from tokenisation.models import (
    Break,
    HoldingsReturn,
    LedgerCheck,
    Order,
    Reconciliation,
)


class ReconciliationShape(serializers.ModelSerializer[Reconciliation]):
    """A comparison; against a condition of the asset, `ledger_units` is what is permitted."""

    agrees = serializers.BooleanField(read_only=True)

    class Meta:
        model = Reconciliation
        fields = ["asset", "against", "venue", "as_of", "ledger_units", "found_units", "agrees", "difference"]
        read_only_fields = fields


class HoldingsReturnShape(serializers.ModelSerializer[HoldingsReturn]):
    class Meta:
        model = HoldingsReturn
        fields = [
            "id",
            "authorisation",
            "as_of",
            "units_held",
            "holders",
            "retail_units",
            "institutional_units",
            "non_resident_units",
            "retail_holders",
            "largest_holding",
            "transferred_units",
            "sha256",
            "filed_at",
        ]
        read_only_fields = fields


class BreakShape(serializers.ModelSerializer[Break]):
    """A break; against a condition of the asset, `ledger_units` is what is permitted."""

    reference = serializers.CharField(read_only=True)
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    explained_by = serializers.StringRelatedField[Any](allow_null=True)
    closed_by = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = Break
        fields = [
            "id",
            "reference",
            "state",
            "state_title",
            "version",
            "asset",
            "against",
            "venue",
            "as_of",
            "ledger_units",
            "found_units",
            "opened_at",
            "explained_by",
            "closed_by",
        ]
        read_only_fields = fields


class BrokenShape(Plain):
    name = serializers.CharField(help_text="What does not hold.")
    rows = serializers.ListField(child=serializers.IntegerField(), help_text="The first rows that break it.")


class LedgerCheckShape(serializers.ModelSerializer[LedgerCheck]):
    holds = serializers.BooleanField(read_only=True)
    broken = BrokenShape(many=True, read_only=True)

    class Meta:
        model = LedgerCheck
        fields = ["id", "made_at", "holds", "invariants", "entries", "broken"]
        read_only_fields = fields


class OrderShape(serializers.ModelSerializer[Order]):
    reference = serializers.CharField(read_only=True)
    account = serializers.CharField(read_only=True, source="source", help_text="The account that the units come from.")
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    proposed_by = serializers.StringRelatedField[Any]()
    decided_by = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = Order
        fields = [
            "id",
            "reference",
            "kind",
            "state",
            "state_title",
            "version",
            "asset",
            "account",
            "venue",
            "to_venue",
            "reverses",
            "units",
            "case_ref",
            "reasons",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "entry",
        ]
        read_only_fields = fields
