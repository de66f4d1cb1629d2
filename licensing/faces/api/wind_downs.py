"""Wind-downs: the firm writes its plan and attaches to it; everything else is a move."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import wind_downs
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.shapes import Clocks, FirmName, StateTitle
from licensing.models import WindDown
from pvara.kernel.api import Moves, OneFile, Reads, SeenField, Strict
from pvara.kernel.seen import mark


class WindDownBrief(serializers.ModelSerializer[WindDown]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    seen = serializers.SerializerMethodField(help_text="The mark of the plan, to be sent with another.")

    class Meta:
        model = WindDown
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "opened_at",
            "due_on",
            "plan",
            "seen",
            "state",
            "state_title",
            "version",
        ]
        read_only_fields = fields

    def get_seen(self, winding: WindDown) -> str:
        return mark(winding.planned)


class WindDownShape(WindDownBrief):
    clocks = Clocks()

    class Meta:
        model = WindDown
        fields = [*WindDownBrief.Meta.fields, "clocks"]
        read_only_fields = fields


class WindDownPlanBody(Strict):
    plan = serializers.CharField(max_length=20000)
    seen = SeenField()


class WindDowns(Reads, Moves):
    """The orderly end of a business whose licence was revoked or expired."""

    queryset = WindDown.objects.all()
    serializer_class = WindDownShape
    brief_class = WindDownBrief
    filters = {"firm": "firm_id", "licence": "licence_id", "state": "state"}

    def get_queryset(self) -> QuerySet[WindDown]:
        return WindDown.objects.visible_to(self.request.user).select_related("firm", "licence__firm")

    @extend_schema(request=WindDownPlanBody)
    @action(detail=True, methods=["put"], pagination_class=None)
    def plan(self, request: Request, pk: int) -> Response:
        """Write your firm's plan; until a signatory submits it you may write it anew."""
        said = self.said(WindDownPlanBody)
        kept = wind_downs.write_plan(self.get_object(), **said, by=self.person, at=timezone.now())
        return self.answer(self.fresh(kept))

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Attach a document to a plan that is not submitted."""
        said = self.said(DocumentBody)
        document = wind_downs.attach_to_plan(self.get_object(), by=self.person, at=timezone.now(), **said)
        return Response(DocumentShape(document).data, status=201)
