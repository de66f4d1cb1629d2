"""Conflicts of interest: who is removed from a firm's cases, the record, and what adds to it. The regulator's only."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.actions import interests
from licensing.faces.api.bodies import AboutCase
from licensing.faces.api.shapes import FirmName
from licensing.models import Firm, Interest, Licence, LicenceApplication, NocApplication, Recusal, SetUp
from licensing.models.conflicts import removed_from
from pvara.kernel.api import Endpoint, Plain, Reads, Strict, VisibleField
from pvara.kernel.models import User

# What a person can step back from, by the name that its own endpoint has.
CASES: dict[str, Any] = {
    "noc-applications": NocApplication,
    "setups": SetUp,
    "licence-applications": LicenceApplication,
    "licences": Licence,
}


class PersonName(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "name"]
        read_only_fields = fields


class LiftingShape(Plain):
    reasons = serializers.CharField()
    lifted_by = PersonName()
    lifted_at = serializers.DateTimeField()


class InterestShape(serializers.ModelSerializer[Interest]):
    firm = FirmName(read_only=True)
    person = PersonName(read_only=True)
    lifting: Any = serializers.SerializerMethodField()

    class Meta:
        model = Interest
        fields = ["id", "firm", "person", "kind", "nature", "since", "until", "explanation", "recorded_at", "lifting"]
        read_only_fields = fields

    @extend_schema_field(LiftingShape(allow_null=True))
    def get_lifting(self, interest: Interest) -> dict[str, Any] | None:
        lifting = getattr(interest, "lifting", None)
        return LiftingShape(lifting).data if lifting is not None else None


class DeclarationBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    nature = serializers.ChoiceField(choices=interests.DECLARABLE)
    since = serializers.DateField(required=False, allow_null=True)
    until = serializers.DateField(required=False, allow_null=True, help_text="The last day, once it is over.")
    explanation = serializers.CharField(max_length=4000)


class LiftBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    person: Any = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), help_text="Whose interest it is.")
    nature = serializers.ChoiceField(choices=Interest.Nature.choices)
    reasons = serializers.CharField(max_length=4000)


class Interests(Reads):
    """Interests of the regulator's people in firms, as they were recorded; none is ever deleted."""

    queryset = Interest.objects.all()
    serializer_class = InterestShape
    filters = {"firm": "firm_id", "person": "person_id", "kind": "kind", "nature": "nature"}

    def get_queryset(self) -> QuerySet[Interest]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Interests are read by the regulator's people.")
        rows = Interest.objects.visible_to(self.request.user)
        return rows.select_related("firm", "person", "lifting__lifted_by")

    @extend_schema(request=DeclarationBody, responses={201: InterestShape})
    def create(self, request: Request) -> Response:
        """Declare an interest of your own. You take no part in the firm's cases from then on."""
        said = self.said(DeclarationBody)
        made = interests.declare(said.pop("firm"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=made.pk), status=201)

    @extend_schema(request=LiftBody, responses=InterestShape(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def lift(self, request: Request) -> Response:
        """Lift what removes somebody else from a firm's cases, for one nature of interest, with reasons."""
        said = self.said(LiftBody)
        lifted = interests.lift(said.pop("firm"), said.pop("person"), by=self.person, at=timezone.now(), **said)
        rows = self.get_queryset().filter(pk__in=[each.interest_id for each in lifted])
        return Response(InterestShape(rows, many=True).data)


# ── Who is removed today ─────────────────────────────────────────────────────────────────────────────────────────────
class RemovedShape(Plain):
    person = PersonName()
    grounds = serializers.SerializerMethodField()

    def get_grounds(self, removed: Any) -> list[str]:
        return [each.sentence for each in removed.grounds]


class RemovedPeople(Endpoint):
    serializer_class = RemovedShape

    def get_queryset(self) -> QuerySet[Firm]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Interests are read by the regulator's people.")
        return Firm.objects.visible_to(self.request.user)

    @extend_schema(operation_id="firms_removed", responses=RemovedShape(many=True))
    def retrieve(self, request: Request, pk: int) -> Response:
        """Who takes no part in the firm's cases today, with every ground."""
        return Response(RemovedShape(removed_from(self.get_object(), timezone.now()), many=True).data)


# ── Recusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class RecusalShape(serializers.ModelSerializer[Recusal]):
    firm = FirmName(read_only=True)
    person = PersonName(read_only=True)

    class Meta:
        model = Recusal
        fields = ["id", "firm", "subject_type", "subject_id", "person", "reasons", "recorded_at"]
        read_only_fields = fields


class RecusalBody(AboutCase):
    cases = CASES

    kind = serializers.ChoiceField(choices=[(each, each) for each in CASES])
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The number of the case.")
    reasons = serializers.CharField(max_length=4000)


class Recusals(Reads):
    """Who stepped back from which case."""

    queryset = Recusal.objects.all()
    serializer_class = RecusalShape
    filters = {
        "firm": "firm_id",
        "person": "person_id",
        "subject_type": "subject_type",
        "subject_id": "subject_id",
    }

    def get_queryset(self) -> QuerySet[Recusal]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Recusals are read by the regulator's people.")
        return Recusal.objects.visible_to(self.request.user).select_related("firm", "person")

    @extend_schema(request=RecusalBody, responses={201: RecusalShape})
    def create(self, request: Request) -> Response:
        """Step back from one case, for good."""
        said = self.said(RecusalBody)
        made = interests.recuse(said.pop("case"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=made.pk), status=201)
