"""The endpoints of permissions to settle, with what goes in and comes out."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pvara.kernel.api import Moves, Reads, Strict
from tokenisation.actions.settlement import propose_permission
from tokenisation.models import SettlementPermission
from tokenisation.states import SettlementKind

NEW = "For what is new to the list; else as the list has it, or left out."


class SettlementPermissionBody(Strict):
    code = serializers.RegexField("^[A-Z0-9]{2,10}$", help_text="Of the list, or new to it.")
    name = serializers.CharField(max_length=120, required=False, help_text=NEW)
    kind = serializers.ChoiceField(choices=SettlementKind.choices, required=False, help_text=NEW)
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, help_text=NEW)
    permitted = serializers.BooleanField(help_text="false ends a permission.")
    effective_from = serializers.DateField(help_text="A day to come: placements of one day have one list.")
    source: Any = serializers.CharField(max_length=300, help_text="The decision, with its number and date.")
    reasons = serializers.CharField(max_length=4000)


class SettlementPermissionShape(serializers.ModelSerializer[SettlementPermission]):
    reference = serializers.CharField(read_only=True)
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    proposed_by = serializers.StringRelatedField[Any]()
    decided_by = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = SettlementPermission
        fields = [
            "id",
            "reference",
            "state",
            "state_title",
            "version",
            "code",
            "name",
            "kind",
            "currency",
            "permitted",
            "effective_from",
            "source",
            "reasons",
            "proposed_by",
            "proposed_at",
            "decided_by",
        ]
        read_only_fields = fields


class SettlementPermissions(Reads, Moves):
    """Proposals that placements may be settled in something from a day on, or no longer; once confirmed, the list of
    settlement assets says so."""

    queryset = SettlementPermission.objects.all()
    serializer_class = SettlementPermissionShape
    filters = {"state": "state", "code": "code"}

    def get_queryset(self) -> QuerySet[SettlementPermission]:
        return SettlementPermission.objects.visible_to(self.request.user).select_related("proposed_by", "decided_by")

    @extend_schema(request=SettlementPermissionBody, responses={201: SettlementPermissionShape})
    def create(self, request: Request) -> Response:
        """Propose a permission or its end; another person confirms it by a move."""
        said = self.said(SettlementPermissionBody)
        made = propose_permission(said.pop("code"), **said, by=self.person, at=timezone.now())
        return self.answer(self.fresh(made), status=201)
