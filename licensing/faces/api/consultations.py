"""Consultation of other agencies: asking, replies, the board's override. No firm sees any of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.actions import consultations
from licensing.faces.api.bodies import APPLICATIONS, AboutCase
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import Clocks, FirmName, StateTitle
from licensing.models import (
    Agency,
    AgencyReply,
    Consultation,
    ObjectionOverride,
)
from licensing.states import ReplyVerdict
from pvara.kernel.api import Moves, OneFile, Plain, Reads, SeenField
from pvara.kernel.seen import mark

# The kinds as the contract names them.
CASE_KINDS = tuple((each, each) for each in APPLICATIONS)


class AgencyShape(serializers.ModelSerializer[Agency]):
    phases: Any = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Agency
        fields = ["id", "code", "name", "phases", "blocks", "effective_from", "ended"]
        read_only_fields = fields


class OverrideShape(serializers.ModelSerializer[ObjectionOverride]):
    overridden_by = PersonName(read_only=True)

    class Meta:
        model = ObjectionOverride
        fields = ["reasons", "overridden_by", "overridden_at"]
        read_only_fields = fields


class AgencyReplyShape(serializers.ModelSerializer[AgencyReply]):
    recorded_by = PersonName(read_only=True)
    override: Any = OverrideShape(read_only=True, allow_null=True, default=None)

    class Meta:
        model = AgencyReply
        fields = ["id", "verdict", "text", "received_on", "recorded_by", "recorded_at", "override"]
        read_only_fields = fields


class ConsultationBrief(serializers.ModelSerializer[Consultation]):
    reference = serializers.CharField(read_only=True)
    case = serializers.CharField(read_only=True, source="case.reference")
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    agency = AgencyShape(read_only=True)
    requested_by = PersonName(read_only=True)
    reply = AgencyReplyShape(read_only=True, allow_null=True)
    seen = serializers.SerializerMethodField(help_text="The mark of the reply, to be sent with a later one.")

    def get_seen(self, consultation: Consultation) -> str:
        return mark(consultation.replied)

    class Meta:
        model = Consultation
        fields = [
            "id",
            "reference",
            "firm",
            "case",
            "noc",
            "full",
            "agency",
            "points",
            "state",
            "state_title",
            "version",
            "requested_by",
            "requested_at",
            "chased_at",
            "reply",
            "seen",
        ]
        read_only_fields = fields


class ConsultationShape(ConsultationBrief):
    clocks = Clocks()

    class Meta:
        model = Consultation
        fields = [*ConsultationBrief.Meta.fields, "clocks"]
        read_only_fields = fields


class AskBody(AboutCase):
    kind = serializers.ChoiceField(choices=CASE_KINDS)
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The number of the case.")
    agencies = serializers.ListField(child=serializers.CharField(max_length=10), min_length=1, max_length=50)
    points = serializers.CharField(required=False, allow_blank=True, max_length=4000)


class AgencyReplyBody(Plain):
    verdict = serializers.ChoiceField(choices=ReplyVerdict.choices)
    received_on = serializers.DateField()
    text = serializers.CharField(required=False, allow_blank=True, max_length=20000)
    file = serializers.FileField(required=False, allow_empty_file=True, max_length=150, help_text="Its letter.")
    seen = SeenField()


class Agencies(Reads):
    """The authorities that are consulted on cases, each with its terms from a day on."""

    queryset = Agency.objects.all()
    serializer_class = AgencyShape
    filters = {"code": "code"}

    def get_queryset(self) -> QuerySet[Agency]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Consultation is the regulator's own.")
        return Agency.objects.all()


class Consultations(Reads, Moves):
    """One agency asked about one case. Its letters are under `letters`, its documents under `documents`."""

    queryset = Consultation.objects.all()
    serializer_class = ConsultationShape
    brief_class = ConsultationBrief
    filters = {"state": "state", "firm": "firm_id", "noc": "noc_id", "full": "full_id", "agency": "agency_id"}

    def get_queryset(self) -> QuerySet[Consultation]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Consultation is the regulator's own.")
        rows = Consultation.objects.visible_to(self.request.user)
        return rows.select_related(
            "firm",
            "agency",
            "noc",
            "full",
            "requested_by",
            "reply__recorded_by",
            "reply__override__overridden_by",
        )

    @extend_schema(request=AskBody, responses={201: ConsultationBrief(many=True)})
    def create(self, request: Request) -> Response:
        """Ask some of a case's agencies for their views. Each gets a letter, and its time to reply begins."""
        said = self.said(AskBody)
        made = consultations.ask_agencies(
            said.pop("case"), said.pop("agencies"), by=self.person, at=timezone.now(), **said
        )
        rows = self.get_queryset().filter(pk__in=[each.pk for each in made])
        return Response(ConsultationBrief(rows, many=True).data, status=201)

    @extend_schema(request={"multipart/form-data": AgencyReplyBody}, responses={201: ConsultationShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def replies(self, request: Request, pk: int) -> Response:
        """Take down what the agency said, with its letter. A later reply takes the place of an earlier one."""
        said = self.said(AgencyReplyBody)
        reply = consultations.record_reply(self.get_object(), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=reply.consultation_id), status=201)
