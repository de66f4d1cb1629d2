"""Inspections and findings: scheduled, reported and raised by the regulator; planned and remedied by the firm."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import findings, inspections
from licensing.faces.api.bodies import AboutCase
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.shapes import Colleague, FirmName, StateTitle
from licensing.models import Finding, Inspection, InspectionResult, Licence, LicenceApplication
from licensing.states import AreaResult, InspectedArea, InspectionKind, Severity
from pvara.kernel.api import Moves, OneFile, Reads, SeenField, Strict, VisibleField
from pvara.kernel.models import User
from pvara.kernel.seen import mark

CASES: dict[str, Any] = {"licence-applications": LicenceApplication, "licences": Licence}
CASE_KINDS = tuple((each, each) for each in CASES)


class ResultShape(serializers.ModelSerializer[InspectionResult]):
    class Meta:
        model = InspectionResult
        fields = ["kind", "result", "note"]
        read_only_fields = fields


class InspectionShape(serializers.ModelSerializer[Inspection]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    case = serializers.CharField(read_only=True, source="case.reference")
    scope: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    results: Any = serializers.SerializerMethodField(help_text="For the regulator's people only.")
    scheduled_by = Colleague()
    reported_by = Colleague()

    class Meta:
        model = Inspection
        fields = [
            "id",
            "reference",
            "firm",
            "case",
            "full",
            "licence",
            "kind",
            "scheduled_for",
            "scope",
            "prepare",
            "state",
            "state_title",
            "version",
            "scheduled_by",
            "scheduled_at",
            "reported_by",
            "results",
        ]
        read_only_fields = fields

    def get_results(self, inspection: Inspection) -> list[dict[str, str]]:
        request = self.context.get("request")
        if request is None or not request.user.is_staff:
            return []
        return [dict(each) for each in ResultShape(inspection.results.all(), many=True).data]


class FindingShape(serializers.ModelSerializer[Finding]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    case = serializers.CharField(read_only=True, source="case.reference")
    overdue = serializers.SerializerMethodField()
    seen = serializers.SerializerMethodField(help_text="The mark of the plan, to be sent with another.")
    raised_by = Colleague()
    verified_by = Colleague()

    class Meta:
        model = Finding
        fields = [
            "id",
            "reference",
            "firm",
            "case",
            "full",
            "licence",
            "inspection",
            "severity",
            "title",
            "detail",
            "due_on",
            "overdue",
            "plan",
            "seen",
            "state",
            "state_title",
            "version",
            "raised_by",
            "raised_at",
            "verified_by",
        ]
        read_only_fields = fields

    def get_seen(self, finding: Finding) -> str:
        return mark(finding.planned)

    def get_overdue(self, finding: Finding) -> bool:
        return finding.is_overdue(timezone.now())


class CaseBody(AboutCase):
    """What is inspected, or what a finding is on."""

    cases, named_by = CASES, "subject"

    subject = serializers.ChoiceField(choices=CASE_KINDS)
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The number of the case.")


class ScheduleBody(CaseBody):
    kind = serializers.ChoiceField(choices=InspectionKind.choices)
    scheduled_for = serializers.DateField()
    scope = serializers.ListField(
        child=serializers.ChoiceField(choices=InspectedArea.choices), min_length=1, max_length=len(InspectedArea)
    )
    team = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=50,
        help_text="Who inspects, by the numbers of the people.",
    )
    prepare = serializers.CharField(required=False, allow_blank=True, max_length=4000)

    def validate_team(self, numbers: list[int]) -> list[User]:
        people = list(User.objects.filter(pk__in=numbers).order_by("pk"))
        if missing := sorted(set(numbers) - {each.pk for each in people}):
            raise serializers.ValidationError(f"There is nobody with the number {missing[0]}.", code="does_not_exist")
        return people


class ResultBody(Strict):
    kind = serializers.ChoiceField(choices=InspectedArea.choices)
    result = serializers.ChoiceField(choices=AreaResult.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000, default="")


class ReportBody(Strict):
    results = ResultBody(many=True, allow_empty=False)
    summary = serializers.CharField(max_length=4000)


class FindingBody(CaseBody):
    severity = serializers.ChoiceField(choices=Severity.choices)
    title = serializers.CharField(max_length=200)
    detail = serializers.CharField(max_length=20000)
    inspection = VisibleField(queryset=Inspection.objects.all(), required=False, allow_null=True)


class PlanBody(Strict):
    plan = serializers.CharField(max_length=4000)
    seen = SeenField()


class Inspections(Reads, Moves):
    """Inspections of applications and licences. A firm sees its own, and not what was found but as findings."""

    queryset = Inspection.objects.all()
    serializer_class = InspectionShape
    filters = {"state": "state", "firm": "firm_id", "full": "full_id", "licence": "licence_id"}

    def get_queryset(self) -> QuerySet[Inspection]:
        rows = Inspection.objects.visible_to(self.request.user)
        people = ("scheduled_by", "reported_by")
        return rows.select_related("firm", "full", "licence", *people).prefetch_related("results")

    @extend_schema(request=ScheduleBody, responses={201: InspectionShape})
    def create(self, request: Request) -> Response:
        """Schedule an inspection. The firm gets a notice by letter; an application waits for the report."""
        said = self.said(ScheduleBody)
        made = inspections.schedule_inspection(said.pop("case"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)

    @extend_schema(request=ReportBody, responses={201: InspectionShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def report(self, request: Request, pk: int) -> Response:
        """Report what came of each test; the application goes on."""
        said = self.said(ReportBody)
        results = {each["kind"]: (each["result"], each["note"]) for each in said["results"]}
        found = inspections.report_inspection(
            self.get_object(), by=self.person, at=timezone.now(), results=results, summary=said["summary"]
        )
        return self.answer(self.fresh(found), status=201)


class Findings(Reads, Moves):
    """What is not as it should be, each with the day by which it is remedied."""

    queryset = Finding.objects.all()
    serializer_class = FindingShape
    filters = {
        "state": "state",
        "severity": "severity",
        "firm": "firm_id",
        "full": "full_id",
        "licence": "licence_id",
        "inspection": "inspection_id",
    }

    def get_queryset(self) -> QuerySet[Finding]:
        rows = Finding.objects.visible_to(self.request.user)
        return rows.select_related("firm", "full", "licence", "raised_by", "verified_by")

    @extend_schema(request=FindingBody, responses={201: FindingShape})
    def create(self, request: Request) -> Response:
        """Raise a finding; the firm is told, and its severity sets the day."""
        said = self.said(FindingBody)
        made = findings.raise_finding(said.pop("case"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)

    @extend_schema(request=PlanBody)
    @action(detail=True, methods=["put"], pagination_class=None)
    def plan(self, request: Request, pk: int) -> Response:
        """Say what your firm will do, and by when; until the plan is agreed you may say otherwise."""
        found = findings.give_plan(self.get_object(), by=self.person, at=timezone.now(), **self.said(PlanBody))
        return self.answer(self.fresh(found))

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Hand in a document that shows what was done under the agreed plan."""
        said = self.said(DocumentBody)
        document = findings.prove_remediation(self.get_object(), by=self.person, at=timezone.now(), **said)
        return Response(DocumentShape(document).data, status=201)
