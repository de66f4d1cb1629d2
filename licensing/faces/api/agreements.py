"""Agreements of the state, their teams and what was promised under them. The regulator's only."""

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
from licensing.actions import agreements
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import FirmName, StateTitle
from licensing.models import Deliverable, Firm, Mou, MouMember, MouParty
from licensing.states import DeliverableKind
from pvara.kernel.api import Moves, OneFile, Reads, Strict, VisibleField
from pvara.kernel.models import User


class AgreementPartyShape(serializers.ModelSerializer[MouParty]):
    firm = FirmName(read_only=True, allow_null=True)

    class Meta:
        model = MouParty
        fields = ["name", "firm"]
        read_only_fields = fields


class MemberShape(serializers.ModelSerializer[MouMember]):
    person = PersonName(read_only=True)

    class Meta:
        model = MouMember
        fields = ["id", "person", "joined_on", "left_on"]
        read_only_fields = fields


class AgreementShape(serializers.ModelSerializer[Mou]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    source: Any = serializers.CharField(read_only=True, help_text="A web address, or empty.")
    parties = AgreementPartyShape(many=True, read_only=True)
    team = MemberShape(many=True, read_only=True)

    class Meta:
        model = Mou
        fields = [
            "id",
            "reference",
            "title",
            "state_party",
            "parties",
            "scope",
            "signed_on",
            "in_force_from",
            "in_force_to",
            "non_binding",
            "source",
            "state",
            "state_title",
            "version",
            "team",
        ]
        read_only_fields = fields


class DeliverableShape(serializers.ModelSerializer[Deliverable]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    recorded_by = PersonName(read_only=True)
    delivery_recorded_by = PersonName(read_only=True, allow_null=True)
    accepted_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = Deliverable
        fields = [
            "id",
            "reference",
            "mou",
            "kind",
            "title",
            "description",
            "due_on",
            "state",
            "state_title",
            "version",
            "recorded_by",
            "recorded_at",
            "delivery_recorded_by",
            "accepted_by",
        ]
        read_only_fields = fields


class PartyBody(Strict):
    name = serializers.CharField(max_length=200, help_text="As it stands in the agreement.")
    firm = VisibleField(queryset=Firm.objects.all(), required=False, allow_null=True)


class AgreementBody(Strict):
    parties = PartyBody(many=True, allow_empty=False)
    title = serializers.CharField(max_length=200)
    state_party = serializers.CharField(max_length=200)
    scope = serializers.CharField(max_length=20000)
    signed_on = serializers.DateField(required=False, allow_null=True)
    in_force_from = serializers.DateField(required=False, allow_null=True)
    in_force_to = serializers.DateField(required=False, allow_null=True)
    non_binding = serializers.BooleanField(required=False, default=True)
    source: Any = serializers.URLField(required=False, allow_blank=True, max_length=200)


class PromiseBody(Strict):
    mou = VisibleField(queryset=Mou.objects.all())
    kind = serializers.ChoiceField(choices=DeliverableKind.choices)
    title = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=20000)
    due_on = serializers.DateField(required=False, allow_null=True)


class MemberBody(Strict):
    person: Any = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), help_text="Who joins or leaves.")


def _staff(user: Any) -> None:
    if not user.has_perm(READ_CASES):
        raise PermissionDenied("The agreements are read by the regulator's people.")


class Agreements(Reads, Moves):
    """Agreements between the state and others; a firm that is party to one has its cases flagged."""

    queryset = Mou.objects.all()
    serializer_class = AgreementShape
    filters = {"state": "state"}

    def get_queryset(self) -> QuerySet[Mou]:
        _staff(self.request.user)
        return Mou.objects.visible_to(self.request.user).prefetch_related("parties__firm", "team__person")

    @extend_schema(request=AgreementBody, responses={201: AgreementShape})
    def create(self, request: Request) -> Response:
        """Open the file of an agreement; its signing is a move."""
        said = self.said(AgreementBody)
        parties = [(each["name"], each.get("firm")) for each in said.pop("parties")]
        mou = agreements.draft_agreement(parties, by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(mou), status=201)

    @extend_schema(request=MemberBody, responses={201: AgreementShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def team(self, request: Request, pk: int) -> Response:
        """Note that somebody works on the agreement for the state; they take no part in the parties' cases."""
        mou = self.get_object()
        agreements.join_team(mou, self.said(MemberBody)["person"], by=self.person, at=timezone.now())
        return self.answer(self.fresh(mou), status=201)

    @extend_schema(request=MemberBody, responses=AgreementShape)
    @action(detail=True, methods=["post"], pagination_class=None)
    def leave(self, request: Request, pk: int) -> Response:
        """Note that somebody no longer works on the agreement; the cool-off time runs from today."""
        mou = self.get_object()
        who = self.said(MemberBody)["person"]
        member = mou.team.filter(person=who, left_on=None).first()
        if member is None:
            raise serializers.ValidationError({"person": f"{who} is not in the team."})
        agreements.leave_team(member, by=self.person, at=timezone.now())
        return self.answer(self.fresh(mou))


class Deliverables(Reads, Moves):
    """Advice, training and expertise that was promised to the state."""

    queryset = Deliverable.objects.all()
    serializer_class = DeliverableShape
    filters = {"state": "state", "mou": "mou_id", "kind": "kind"}

    def get_queryset(self) -> QuerySet[Deliverable]:
        _staff(self.request.user)
        rows = Deliverable.objects.visible_to(self.request.user)
        return rows.select_related("mou", "recorded_by", "delivery_recorded_by", "accepted_by")

    @extend_schema(request=PromiseBody, responses={201: DeliverableShape})
    def create(self, request: Request) -> Response:
        """Write down something that was promised under an agreement."""
        said = self.said(PromiseBody)
        made = agreements.promise(said.pop("mou"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Attach a document that shows what was delivered."""
        said = self.said(DocumentBody)
        document = agreements.document_delivery(self.get_object(), by=self.person, at=timezone.now(), **said)
        return Response(DocumentShape(document).data, status=201)
