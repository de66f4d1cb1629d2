"""Key individuals: nominated and reported as departed by the firm, checked by who vets, decided on with moves."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import VET_INDIVIDUALS
from licensing.actions import people
from licensing.faces.api.shapes import Colleague, FirmName, StateTitle
from licensing.models import Firm, FitAndProperCheck, KeyIndividual
from licensing.states import CheckKind, CheckResult, KeyRole
from pvara.kernel.api import Moves, Reads, Strict, VisibleField


class CheckedShape(serializers.ModelSerializer[FitAndProperCheck]):
    recorded_by = Colleague()

    class Meta:
        model = FitAndProperCheck
        fields = ["id", "kind", "result", "made_on", "expires_on", "note", "recorded_by", "recorded_at"]
        read_only_fields = fields


class KeyIndividualBrief(serializers.ModelSerializer[KeyIndividual]):
    reference = serializers.CharField(read_only=True)
    firm = FirmName(read_only=True)
    roles: Any = serializers.ListField(child=serializers.ChoiceField(choices=KeyRole.choices), read_only=True)
    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)

    class Meta:
        model = KeyIndividual
        fields = [
            "id",
            "reference",
            "firm",
            "full_name",
            "roles",
            "state",
            "state_title",
            "version",
            "appointed_on",
            "departed_on",
        ]
        read_only_fields = fields


class KeyIndividualShape(KeyIndividualBrief):
    document_number = serializers.SerializerMethodField(help_text="In full for those who vet; masked for all others.")
    conditions = serializers.ListField(child=serializers.CharField(), read_only=True)
    nominated_by = serializers.StringRelatedField[Any]()
    vetted_by = Colleague()
    decided_by = Colleague()
    checks = serializers.SerializerMethodField(help_text="For the regulator's people only.")

    class Meta:
        model = KeyIndividual
        fields = [
            *KeyIndividualBrief.Meta.fields,
            "nationality",
            "born_on",
            "document_kind",
            "document_number",
            "residence",
            "in_house",
            "employer",
            "conditions",
            "nominated_by",
            "nominated_at",
            "vetted_by",
            "decided_by",
            "checks",
        ]
        read_only_fields = fields

    def get_document_number(self, individual: KeyIndividual) -> str:
        vets = self.context["request"].user.has_perm(VET_INDIVIDUALS)
        return individual.document_number if vets else individual.masked_number

    @extend_schema_field(CheckedShape(many=True))
    def get_checks(self, individual: KeyIndividual) -> Any:
        if not self.context["request"].user.is_staff:
            return []
        return CheckedShape(individual.checks.all(), many=True, context=self.context).data


class NominationBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=KeyRole.choices), min_length=1, max_length=len(KeyRole)
    )
    full_name = serializers.CharField(max_length=200)
    nationality = serializers.CharField(max_length=80)
    born_on = serializers.DateField()
    document_kind = serializers.ChoiceField(choices=KeyIndividual.Document.choices)
    document_number = serializers.CharField(max_length=40)
    residence = serializers.CharField(max_length=80)
    in_house = serializers.BooleanField(help_text="Whether the firm itself employs the person; an MLRO must be.")
    employer = serializers.CharField(max_length=200, required=False, allow_blank=True)
    appointed_on = serializers.DateField()


class DepartureBody(Strict):
    expected_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    departed_on = serializers.DateField(help_text="The last day in the role.")
    reason = serializers.CharField(max_length=4000)


class CheckBody(Strict):
    kind = serializers.ChoiceField(choices=CheckKind.choices)
    result = serializers.ChoiceField(choices=CheckResult.choices)
    made_on = serializers.DateField()
    note = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, help_text="Needed unless the result is clear."
    )


class KeyIndividuals(Reads, Moves):
    """Who runs a firm, in which role, and whether we approved them."""

    queryset = KeyIndividual.objects.all()
    serializer_class = KeyIndividualShape
    brief_class = KeyIndividualBrief
    filters = {"firm": "firm_id", "state": "state"}

    def get_queryset(self) -> QuerySet[KeyIndividual]:
        rows = KeyIndividual.objects.visible_to(self.request.user).select_related("firm")
        if self.action == "list":
            return rows
        return rows.select_related("nominated_by", "vetted_by", "decided_by").prefetch_related("checks__recorded_by")

    @extend_schema(request=NominationBody, responses={201: KeyIndividualShape})
    def create(self, request: Request) -> Response:
        """Nominate somebody for one or more key roles of a firm you act for."""
        said = self.said(NominationBody)
        named = people.nominate(said.pop("firm"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(named), status=201)

    @extend_schema(request=DepartureBody, responses=KeyIndividualShape)
    @action(detail=True, methods=["post"], pagination_class=None)
    def departure(self, request: Request, pk: int) -> Response:
        """Report that a person has left, and on which day."""
        individual, said = self.get_object(), self.said(DepartureBody)
        left = people.report_departure(individual, by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(left))

    @extend_schema(request=CheckBody, responses={201: KeyIndividualShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def checks(self, request: Request, pk: int) -> Response:
        """Record what came of a check; a later one takes the place of an earlier one, which is kept."""
        individual = self.get_object()
        people.record_check(individual, by=self.person, at=timezone.now(), **self.said(CheckBody))
        return self.answer(self.fresh(individual), status=201)
