"""The life of a licence: measures against it, renewals, variations, surrenders and wind-downs."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import measures, renewals, surrender
from licensing.faces.api.bodies import ReasonsBody
from licensing.faces.api.shapes import CaseShape, Clocks, Colleague, FirmName
from licensing.models import Licence, Measure, Renewal, Reply, Surrender, Variation
from licensing.states import Activity, Ground, MeasureKind
from pvara.kernel.api import Moves, Reads, SeenField, Strict, VisibleField


def _activities(**more: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(choices=Activity.choices), **more)


class NoteBody(Strict):
    seen = SeenField()
    note = serializers.CharField(max_length=4000, help_text="What was examined, and what was found.")


# ── Measures ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class ReplyShape(serializers.ModelSerializer[Reply]):
    replied_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Reply
        fields = ["id", "text", "replied_by", "replied_at"]
        read_only_fields = fields


class MeasureShape(serializers.ModelSerializer[Measure]):
    firm = FirmName(read_only=True)
    reference = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True, help_text="Proposed, In force, Ended or Withdrawn.")
    grounds = serializers.ListField(child=serializers.CharField(), read_only=True)
    proposed_by = Colleague()
    decided_by = Colleague()
    ratified_by = Colleague()
    replies = ReplyShape(many=True, read_only=True)

    class Meta:
        model = Measure
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "kind",
            "status",
            "grounds",
            "activities",
            "wording",
            "particulars",
            "starts_on",
            "ends_on",
            "hear_by",
            "heard_at",
            "ratify_by",
            "ratified_by",
            "ratified_at",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "decided_at",
            "ended_at",
            "ended_why",
            "replies",
        ]
        read_only_fields = fields


class MeasureBody(Strict):
    licence = VisibleField(queryset=Licence.objects.all())
    kind = serializers.ChoiceField(choices=MeasureKind.choices)
    particulars = serializers.CharField(max_length=20_000, help_text="The facts on which it rests.")
    grounds = serializers.ListField(
        child=serializers.ChoiceField(choices=Ground.choices),
        required=False,
        help_text="One at least, but to restrict.",
    )
    activities = _activities(required=False, help_text="None for the whole licence.")
    wording = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, help_text="A restriction as the public reads it."
    )
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


class LiftingBody(ReasonsBody):
    seen = SeenField()


class ReplyBody(Strict):
    text = serializers.CharField(max_length=50_000)


class Measures(Reads):
    """Measures against licences. A proposal is taken by a move of the licence; a firm sees what was decided."""

    queryset = Measure.objects.all()
    serializer_class = MeasureShape
    filters = {"firm": "firm_id", "licence": "licence_id", "kind": "kind"}

    def get_queryset(self) -> QuerySet[Any]:
        rows = Measure.objects.visible_to(self.request.user).select_related("firm", "licence__firm")
        return rows.select_related("proposed_by", "decided_by", "ratified_by").prefetch_related("replies__replied_by")

    @extend_schema(request=MeasureBody, responses={201: MeasureShape})
    def create(self, request: Request) -> Response:
        """Propose a measure. It has no effect before others decide on it."""
        said = self.said(MeasureBody)
        made = measures.propose(said.pop("licence"), said.pop("kind"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=made.pk), status=201)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], pagination_class=None)
    def withdrawal(self, request: Request, pk: int) -> Response:
        """Take a proposal back before anybody decided on it."""
        gone = measures.withdraw_proposal(self.get_object(), by=self.person, at=timezone.now())
        return self.answer(self.get_queryset().get(pk=gone.pk))

    @extend_schema(request=LiftingBody)
    @action(detail=True, methods=["post"], pagination_class=None)
    def lifting(self, request: Request, pk: int) -> Response:
        """Propose that a restriction be lifted."""
        said = self.said(LiftingBody)
        kept = measures.propose_lifting(self.get_object(), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=kept.pk))

    @extend_schema(request=ReplyBody, responses={201: ReplyShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def replies(self, request: Request, pk: int) -> Response:
        """Answer a show-cause notice, or an urgent suspension before the hearing. More may be added until then."""
        said = self.said(ReplyBody)
        given = measures.reply(self.get_object(), said["text"], by=self.person, at=timezone.now())
        return Response(ReplyShape(given).data, status=201)


# ── Renewals ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class RenewalShape(CaseShape):
    decided_by = Colleague()
    clocks = Clocks()

    class Meta:
        model = Renewal
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "state",
            "state_title",
            "version",
            "term_ends",
            "declaration",
            "submitted_at",
            "decided_by",
            "decided_at",
            "renewed_to",
            "clocks",
        ]
        read_only_fields = fields


class RenewalBrief(CaseShape):
    class Meta:
        model = Renewal
        fields = ["id", "reference", "firm", "licence", "state", "state_title", "version", "term_ends", "renewed_to"]
        read_only_fields = fields


class RenewalBody(Strict):
    declaration = serializers.CharField(max_length=20_000, help_text="That nothing has changed, or what has.")
    expected_version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The version of the renewal as you saw it."
    )


class Renewals(Reads, Moves):
    """The renewal of each term of a licence; a status apart from the licence's own."""

    queryset = Renewal.objects.all()
    serializer_class = RenewalShape
    brief_class = RenewalBrief
    filters = {"state": "state", "firm": "firm_id", "licence": "licence_id"}

    def get_queryset(self) -> QuerySet[Renewal]:
        return Renewal.objects.visible_to(self.request.user).select_related("firm", "licence", "decided_by")

    @extend_schema(request=RenewalBody)
    @action(detail=True, methods=["post"], pagination_class=None)
    def submission(self, request: Request, pk: int) -> Response:
        """Declare, and ask for renewal, in one step."""
        done = renewals.submit_renewal(self.get_object(), by=self.person, at=timezone.now(), **self.said(RenewalBody))
        return self.answer(self.fresh(done))


# ── Variations ───────────────────────────────────────────────────────────────────────────────────────────────────────
class VariationBrief(CaseShape):
    class Meta:
        model = Variation
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "state",
            "state_title",
            "version",
            "added",
            "removed",
            "requested_at",
        ]
        read_only_fields = fields


class VariationShape(CaseShape):
    requested_by = serializers.StringRelatedField[Any]()
    decided_by = Colleague()
    clocks = Clocks()

    class Meta:
        model = Variation
        fields = [*VariationBrief.Meta.fields, "reasons", "requested_by", "decided_by", "decided_at", "clocks"]
        read_only_fields = fields


class VariationBody(Strict):
    licence = VisibleField(queryset=Licence.objects.all())
    add = _activities(required=False)
    remove = _activities(required=False)
    reasons = serializers.CharField(max_length=20_000)


class Variations(Reads, Moves):
    """Changes of the activities that a licence covers."""

    queryset = Variation.objects.all()
    serializer_class = VariationShape
    brief_class = VariationBrief
    filters = {"state": "state", "firm": "firm_id", "licence": "licence_id"}

    def get_queryset(self) -> QuerySet[Variation]:
        return Variation.objects.visible_to(self.request.user).select_related(
            "firm", "licence__application__setup", "requested_by", "decided_by"
        )

    @extend_schema(request=VariationBody, responses={201: VariationShape})
    def create(self, request: Request) -> Response:
        """Ask that a licence cover other activities."""
        said = self.said(VariationBody)
        made = renewals.request_variation(said.pop("licence"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)


# ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class SurrenderShape(serializers.ModelSerializer[Surrender]):
    firm = FirmName(read_only=True)
    reference = serializers.CharField(read_only=True)
    outcome = serializers.CharField(read_only=True, help_text="Accepted, refused or overtaken; empty until then.")
    assets_confirmed_by = Colleague()
    decided_by = Colleague()

    class Meta:
        model = Surrender
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "reasons",
            "declaration",
            "declared_at",
            "assets_confirmed_by",
            "assets_confirmed_at",
            "outcome",
            "decided_by",
            "decided_at",
        ]
        read_only_fields = fields


class SurrenderBody(Strict):
    licence = VisibleField(queryset=Licence.objects.all())
    reasons = serializers.CharField(max_length=20_000)
    declaration = serializers.CharField(
        max_length=20_000, help_text="What is held for clients, and how it is returned."
    )
    expected_version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The version of the licence as you saw it."
    )


class Surrenders(Reads):
    """Requests to give a licence back. The committee decides by a move of the licence."""

    queryset = Surrender.objects.all()
    serializer_class = SurrenderShape
    filters = {"firm": "firm_id", "licence": "licence_id", "outcome": "outcome"}

    def get_queryset(self) -> QuerySet[Any]:
        rows = Surrender.objects.visible_to(self.request.user).select_related("firm", "licence__firm")
        return rows.select_related("assets_confirmed_by", "decided_by")

    @extend_schema(request=SurrenderBody, responses={201: SurrenderShape})
    def create(self, request: Request) -> Response:
        """Declare what is held for clients and ask to surrender, in one step."""
        said = self.said(SurrenderBody)
        licence = surrender.request_surrender(said.pop("licence"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().filter(licence=licence).first(), status=201)

    @extend_schema(request=NoteBody)
    @action(detail=True, methods=["post"], pagination_class=None)
    def assets(self, request: Request, pk: int) -> Response:
        """Confirm that clients have their assets back."""
        said = self.said(NoteBody)
        kept = surrender.confirm_assets(self.get_object(), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=kept.pk))
