"""Supervision: the calendar of returns, what licensees file and report, and by when each is visited."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import supervision
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.shapes import Colleague, FirmName, StateTitle
from licensing.models import Filing, Incident, IncidentFollowUp, Licence, ReturnKind, VisitPlan
from licensing.models.supervision import measured
from licensing.states import Severity
from pvara.kernel.api import Moves, OneFile, Reads, SeenField, Strict, VisibleField
from pvara.kernel.seen import mark


class FieldShape(serializers.Serializer[dict[str, Any]]):
    """One row that a return asks for."""

    key = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # the row's own, not the field's
    kind = serializers.CharField(read_only=True, help_text="amount, count, percent or text.")


class ReturnKindShape(serializers.ModelSerializer[ReturnKind]):
    rows = FieldShape(source="fields", many=True, read_only=True)

    class Meta:
        model = ReturnKind
        fields = ["id", "code", "title", "frequency", "due_days", "effective_from", "ended", "source", "rows"]
        read_only_fields = fields


class FilingShape(serializers.ModelSerializer[Filing]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    title = serializers.CharField(read_only=True, source="kind.title")
    figures: Any = serializers.DictField(child=serializers.CharField(), read_only=True, help_text="By the row's key.")
    overdue = serializers.SerializerMethodField()
    seen = serializers.SerializerMethodField(help_text="The mark of the figures, to be sent with others.")
    was_late = serializers.BooleanField(read_only=True, help_text="Whether it was first filed after its day.")
    filed_by = Colleague()
    accepted_by = Colleague()

    class Meta:
        model = Filing
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "kind",
            "code",
            "title",
            "period_from",
            "period_to",
            "due_on",
            "overdue",
            "was_late",
            "figures",
            "seen",
            "state",
            "state_title",
            "version",
            "filed_by",
            "filed_at",
            "accepted_by",
        ]
        read_only_fields = fields

    def get_seen(self, filing: Filing) -> str:
        return mark(filing.given)

    def get_overdue(self, filing: Filing) -> bool:
        return filing.is_overdue(timezone.now())


class EventBody(Strict):
    licence = VisibleField(queryset=Licence.objects.select_related("firm"))
    code = serializers.CharField(max_length=20, help_text="Of a return whose frequency is an event.")
    happened_on = serializers.DateField()


class FiguresBody(Strict):
    seen = SeenField()
    figures = serializers.DictField(
        child=serializers.CharField(max_length=4000, allow_blank=True), help_text="Every row that the return asks for."
    )


class FollowUpShape(serializers.ModelSerializer[IncidentFollowUp]):
    class Meta:
        model = IncidentFollowUp
        fields = ["id", "text", "from_staff", "written_at"]
        read_only_fields = fields


class IncidentShape(serializers.ModelSerializer[Incident]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    was_late = serializers.BooleanField(read_only=True, help_text="Whether it was reported after its hours.")
    reported_by = Colleague()
    closed_by = Colleague()
    follow_ups = FollowUpShape(many=True, read_only=True)

    class Meta:
        model = Incident
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "severity",
            "title",
            "detail",
            "detected_at",
            "reported_at",
            "was_late",
            "reported_by",
            "state",
            "state_title",
            "version",
            "closed_by",
            "follow_ups",
        ]
        read_only_fields = fields


class IncidentBody(Strict):
    licence = VisibleField(queryset=Licence.objects.select_related("firm"))
    severity = serializers.ChoiceField(choices=Severity.choices)
    title = serializers.CharField(max_length=200)
    detail = serializers.CharField(max_length=20000)
    detected_at = serializers.DateTimeField(help_text="When the firm found it.")


class IncidentWordBody(Strict):
    text = serializers.CharField(max_length=20000)


class VisitShape(serializers.ModelSerializer[VisitPlan]):
    firm = FirmName(read_only=True, source="licence.firm")
    overdue = serializers.SerializerMethodField()
    seen = serializers.SerializerMethodField(help_text="The mark of the figures that the impact was measured by.")

    class Meta:
        model = VisitPlan
        fields = ["id", "firm", "licence", "impact", "band", "months", "last_visit", "due_on", "overdue", "seen"]
        read_only_fields = fields

    def get_seen(self, plan: VisitPlan) -> str:
        return mark(measured(plan.licence))

    def get_overdue(self, plan: VisitPlan) -> bool:
        return plan.is_overdue(timezone.now())


class ImpactBody(Strict):
    licence = VisibleField(queryset=Licence.objects.select_related("firm"))
    client_assets_pkr = serializers.DecimalField(max_digits=24, decimal_places=2, min_value=0)
    users = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    programme_share = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    seen = SeenField()


class ReturnKinds(Reads):
    """The calendar of returns: what is filed how often, by the terms of each row from its day on."""

    queryset = ReturnKind.objects.all()
    serializer_class = ReturnKindShape
    filters = {"code": "code", "frequency": "frequency"}


class Filings(Reads, Moves):
    """Returns, one for each licensee and period; the calendar opens them, and an event does."""

    queryset = Filing.objects.all()
    serializer_class = FilingShape
    filters = {"state": "state", "firm": "firm_id", "licence": "licence_id", "code": "code"}

    def get_queryset(self) -> QuerySet[Filing]:
        rows = Filing.objects.visible_to(self.request.user)
        return rows.select_related("firm", "licence", "kind", "filed_by", "accepted_by")

    @extend_schema(request=EventBody, responses={201: FilingShape})
    def create(self, request: Request) -> Response:
        """Open the return that something that happened asks for."""
        said = self.said(EventBody)
        made = supervision.open_event_return(said.pop("licence"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)

    @extend_schema(request=FiguresBody)
    @action(detail=True, methods=["put"], pagination_class=None)
    def figures(self, request: Request, pk: int) -> Response:
        """Give the figures of a return; all of them fit, or none is kept. Filing it is a move."""
        said = self.said(FiguresBody)
        found = supervision.give_figures(self.get_object(), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(found))

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Hand in the return itself."""
        said = self.said(DocumentBody)
        document = supervision.attach_return(self.get_object(), by=self.person, at=timezone.now(), **said)
        return Response(DocumentShape(document).data, status=201)


class Incidents(Reads, Moves):
    """What went wrong at licensees, as they reported it, and what was said of it since."""

    queryset = Incident.objects.all()
    serializer_class = IncidentShape
    filters = {"state": "state", "severity": "severity", "firm": "firm_id", "licence": "licence_id"}

    def get_queryset(self) -> QuerySet[Incident]:
        rows = Incident.objects.visible_to(self.request.user)
        rows = rows.select_related("firm", "licence", "reported_by", "closed_by")
        return rows.prefetch_related("follow_ups")

    @extend_schema(request=IncidentBody, responses={201: IncidentShape})
    def create(self, request: Request) -> Response:
        """Report that something went wrong; a report that comes late is taken, and is late."""
        said = self.said(IncidentBody)
        made = supervision.report_incident(said.pop("licence"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)

    @extend_schema(request=IncidentWordBody, responses={201: IncidentShape})
    @action(detail=True, methods=["post"], url_path="follow-ups", pagination_class=None)
    def follow_ups(self, request: Request, pk: int) -> Response:
        """Say more of an open incident: the firm, or a supervisor. Both read it."""
        said = self.said(IncidentWordBody)
        incident = self.get_object()
        supervision.follow_up(incident, said["text"], by=self.person, at=timezone.now())
        return self.answer(self.fresh(incident), status=201)


class Visits(Reads):
    """By when each licensee is visited, from its impact, its risk and its last visit. Firms do not see it."""

    queryset = VisitPlan.objects.all()
    serializer_class = VisitShape
    filters = {"licence": "licence_id", "impact": "impact", "band": "band"}

    def get_queryset(self) -> QuerySet[VisitPlan]:
        rows = VisitPlan.objects.visible_to(self.request.user).select_related("licence__firm")
        return rows.prefetch_related("licence__impacts")

    @extend_schema(request=ImpactBody, responses={201: VisitShape})
    def create(self, request: Request) -> Response:
        """Measure how much depends on a licensee; its next visit is worked out anew."""
        said = self.said(ImpactBody)
        made = supervision.assess_impact(said.pop("licence"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(licence=made.licence_id), status=201)
