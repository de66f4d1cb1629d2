"""Cases that went from one officer to another: the record, and the supervisor's way to add to it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.actions import handovers
from licensing.faces.api.bodies import APPLICATIONS, AboutCase
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import FirmName
from licensing.models import Handover
from pvara.kernel.api import Reads
from pvara.kernel.models import User


class HandoverShape(serializers.ModelSerializer[Handover]):
    firm = FirmName(read_only=True)
    handed_from = PersonName(read_only=True)
    handed_to = PersonName(read_only=True)
    handed_by = PersonName(read_only=True)

    class Meta:
        model = Handover
        fields = [
            "id",
            "firm",
            "subject_type",
            "subject_id",
            "handed_from",
            "handed_to",
            "reasons",
            "handed_by",
            "handed_at",
        ]
        read_only_fields = fields


class HandoverBody(AboutCase):
    kind = serializers.ChoiceField(choices=[(each, each) for each in APPLICATIONS])
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The number of the case.")
    to: Any = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), help_text="The officer who gets it.")
    reasons = serializers.CharField(max_length=4000)
    expected_version = serializers.IntegerField(min_value=0, help_text="The version of the case that you saw.")


class Handovers(Reads):
    """Which case went from whom to whom, and why; none is ever deleted."""

    queryset = Handover.objects.all()
    serializer_class = HandoverShape
    filters = {"firm": "firm_id", "subject_type": "subject_type", "subject_id": "subject_id", "to": "handed_to_id"}

    def get_queryset(self) -> QuerySet[Handover]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Hand-overs are read by the regulator's people.")
        rows = Handover.objects.visible_to(self.request.user)
        return rows.select_related("firm", "handed_from", "handed_to", "handed_by")

    @extend_schema(request=HandoverBody, responses={201: HandoverShape})
    def create(self, request: Request) -> Response:
        """Hand a case to another officer; 409 when it is no longer the version that you saw."""
        said = self.said(HandoverBody)
        made = handovers.hand_over(
            said["case"],
            said["to"],
            by=self.person,
            at=timezone.now(),
            reasons=said["reasons"],
            expected_version=said["expected_version"],
        )
        return self.answer(self.get_queryset().get(pk=made.pk), status=201)
