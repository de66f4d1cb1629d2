"""Appeals: the decisions that may be appealed, notice, leave, the panel, and the moves of an appeal."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import appeals
from licensing.faces.api.shapes import CaseShape, Clocks
from licensing.models import Appeal, Firm
from licensing.models.appeals import decisions_of, title_of
from pvara.kernel.api import Endpoint, Moves, Plain, Reads, SeenField, Strict, VisibleField
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import mark


class DecisionShape(Plain):
    id = serializers.IntegerField(help_text="The number by which the decision is appealed.")
    title = serializers.SerializerMethodField()
    subject_type = serializers.CharField()
    subject_id = serializers.IntegerField()
    event = serializers.CharField()
    at = serializers.DateTimeField()

    def get_title(self, entry: AuditEntry) -> str:
        return title_of(entry)


class Decisions(Endpoint):
    serializer_class = DecisionShape

    def get_queryset(self) -> QuerySet[Firm]:
        return Firm.objects.visible_to(self.request.user)

    @extend_schema(operation_id="firms_decisions", responses=DecisionShape(many=True))
    def retrieve(self, request: Request, pk: int) -> Response:
        """The decisions on a firm that may be appealed and are not under appeal, newest first."""
        return Response(DecisionShape(decisions_of(self.get_object()), many=True).data)


APPEAL = [
    "id",
    "reference",
    "firm",
    "state",
    "state_title",
    "version",
    "subject_type",
    "subject_id",
    "decision",
    "filed_on",
]


class AppealBrief(CaseShape):
    class Meta:
        model = Appeal
        fields = APPEAL
        read_only_fields = fields


class AppealShape(CaseShape):
    decision_title = serializers.CharField(read_only=True)
    panel = serializers.StringRelatedField[Any](many=True)
    clocks = Clocks()
    seen = serializers.SerializerMethodField(help_text="The mark of the leave, the number and the panel.")

    def get_seen(self, appeal: Appeal) -> str:
        return mark({**appeal.noted, **appeal.named})

    class Meta:
        model = Appeal
        fields = [
            *APPEAL,
            "decision_title",
            "grounds",
            "tribunal_number",
            "leave",
            "panel",
            "noticed_at",
            "effect_given_at",
            "clocks",
            "seen",
        ]
        read_only_fields = fields


class AppealBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    decision: Any = serializers.PrimaryKeyRelatedField(
        queryset=AuditEntry.objects.all(), help_text="One of the firm's decisions, by its number."
    )
    grounds = serializers.CharField(max_length=20_000)
    filed_on = serializers.DateField(required=False, help_text="Today, unless the tribunal's recorder says otherwise.")
    tribunal_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    leave = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class LeaveBody(Strict):
    leave = serializers.CharField(max_length=4000, allow_blank=True)
    tribunal_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    seen = SeenField()


class PanelBody(Strict):
    members = serializers.ListField(
        child=serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True)), max_length=20
    )
    seen = SeenField()


class Appeals(Reads, Moves):
    """Appeals against decisions on licences and applications."""

    queryset = Appeal.objects.all()
    serializer_class = AppealShape
    brief_class = AppealBrief
    filters = {"state": "state", "firm": "firm_id", "subject_type": "subject_type", "subject": "subject_id"}

    def get_queryset(self) -> QuerySet[Any]:
        rows = Appeal.objects.visible_to(self.request.user).select_related("firm", "decision")
        return rows if self.action == "list" else rows.prefetch_related("panel")

    @extend_schema(request=AppealBody, responses={201: AppealShape})
    def create(self, request: Request) -> Response:
        """Give notice of an appeal: the firm's signatory, or whoever keeps the tribunal's record."""
        said = {"filed_on": timezone.localdate(), **self.said(AppealBody)}
        made = appeals.give_notice(said.pop("firm"), said.pop("decision"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)

    @extend_schema(request=LeaveBody)
    @action(detail=True, methods=["put"], pagination_class=None)
    def leave(self, request: Request, pk: int) -> Response:
        """Note by whom and why a late appeal was allowed, and the tribunal's number."""
        said = self.said(LeaveBody)
        return self.answer(self.fresh(appeals.note_leave(self.get_object(), by=self.person, at=timezone.now(), **said)))

    @extend_schema(request=PanelBody)
    @action(detail=True, methods=["put"], pagination_class=None)
    def panel(self, request: Request, pk: int) -> Response:
        """Name who sits on the appeal: nobody who took part in the decision."""
        appeal = self.get_object()
        kept = appeals.name_panel(appeal, by=self.person, at=timezone.now(), **self.said(PanelBody))
        return self.answer(self.fresh(kept))
