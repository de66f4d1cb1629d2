"""What is overdue or soon will be, for programs of the regulator's people: what the page of the same name shows."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.faces.api.shapes import FirmName
from licensing.faces.clocks import roles_told
from licensing.models.overdue import firm_of, standing
from pvara.kernel.api import Endpoint, Plain
from pvara.kernel.flags import READ_FLAGS, Flagged

ROLE = OpenApiParameter("role", str, OpenApiParameter.QUERY, description="Only what this role was told of.")


class FlagShape(Plain):
    level = serializers.IntegerField(help_text="0 warning, 1 breach, 2 and above the next role's turn")
    title = serializers.CharField()
    role = serializers.CharField(help_text="Who was told, as their conflicts of interest allow.")
    due_on = serializers.DateField()
    raised_at = serializers.DateTimeField()


class OverdueShape(Plain):
    kind = serializers.CharField(source="row._meta.label_lower")
    id = serializers.IntegerField(source="row.pk")
    reference = serializers.CharField(source="row.reference")
    firm = serializers.SerializerMethodField(help_text="null for what is about an asset of the state")
    clock = serializers.CharField(source="ticking.rule.name")
    title = serializers.CharField(source="ticking.title")
    sentence = serializers.CharField(source="ticking.reading.sentence")
    due_on = serializers.DateField(source="newest.due_on")
    breached = serializers.BooleanField(source="is_breach", help_text="false for what is due soon")
    over = serializers.IntegerField(source="ticking.reading.overdue", help_text="in the unit of the clock")
    unit = serializers.CharField(source="ticking.reading.limit.unit", help_text="working_days or days")
    flags = FlagShape(many=True, help_text="Those that stand, the first to be raised first.")

    @extend_schema_field(FirmName(allow_null=True))
    def get_firm(self, flagged: Flagged) -> dict[str, Any] | None:
        firm = firm_of(flagged.row)
        return None if firm is None else dict(FirmName(firm).data)


class Overdue(Endpoint):
    serializer_class = OverdueShape
    parameters = {"retrieve": frozenset({"role"})}

    @extend_schema(operation_id="overdue", parameters=[ROLE], responses=OverdueShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """Every clock of ours that has run out or soon will, the worst first; for the state's people."""
        if not request.user.has_perm(READ_FLAGS):
            raise PermissionDenied("What is overdue with us is for the state's people.")
        found: list[Any] = standing(request.user, timezone.now())
        role = request.query_params.get("role")
        if role is not None:
            if role not in roles_told():
                raise ValidationError({"role": f"Choose one of: {', '.join(roles_told())}."})
            found = [each for each in found if any(flag.role == role for flag in each.flags)]
        return Response(OverdueShape(found, many=True).data)
