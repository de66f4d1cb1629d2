"""A programme's exposure for programs: for the state's people, a venue's own, and what everybody may know."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import standing
from pvara.kernel.api import KeysetPages, Plain, PublicEndpoint
from tokenisation import exposure
from tokenisation.access import VIEW, demand
from tokenisation.faces.api.documents import PublicDocumentShape, public_documents
from tokenisation.models import Asset, Programme

CODE = OpenApiParameter("code", str, OpenApiParameter.PATH, description="Such as mtb-12m.")


class PartShape(Plain):
    code = serializers.CharField(help_text="The class, or the number of the venue.")
    title = serializers.CharField()
    usd_cents = serializers.IntegerField(source="cents")


class LimitedPartShape(PartShape):
    sub_limit = serializers.CharField(
        source="limit.reference", default=None, allow_null=True, help_text="The one that counts; null without one."
    )
    most_usd_cents = serializers.IntegerField(source="most", allow_null=True)
    room_usd_cents = serializers.IntegerField(source="room", allow_null=True, help_text="Never below zero.")
    is_over = serializers.BooleanField()


class RungShape(Plain):
    month = serializers.DateField(help_text="Its first day.")
    assets = serializers.IntegerField()
    usd_cents = serializers.IntegerField(source="cents")


class LadderShape(Plain):
    programme = serializers.IntegerField(source="programme.pk")
    name = serializers.CharField(source="programme.name")
    ladder = RungShape(many=True, help_text="What matures in each month in which anything does.")
    undated_usd_cents = serializers.IntegerField(source="undated_cents", help_text="Reserves have no maturity.")


class ExposureShape(LadderShape):
    cap_usd_cents = serializers.IntegerField(source="programme.cap_usd_cents")
    committed_usd_cents = serializers.IntegerField(source="programme.committed_usd_cents")
    headroom_usd_cents = serializers.IntegerField(source="programme.headroom_usd_cents")
    market_usd_cents = serializers.IntegerField(
        source="market_cents", allow_null=True, help_text="At the rates of today; null where a rate is missing."
    )
    market_headroom_usd_cents = serializers.IntegerField(source="market_headroom_cents", allow_null=True)
    classes = LimitedPartShape(many=True)
    venues = LimitedPartShape(many=True, help_text="The greatest first, 25 of them at most.")
    investors = LimitedPartShape(many=True, help_text="By the venues' latest returns.")


class VenueExposureShape(LadderShape):
    whole = LimitedPartShape()
    classes = PartShape(many=True)
    breaks = serializers.IntegerField(help_text="Returns of yours that differ from the ledger.")


class Exposed:
    """Mixed into the programmes' endpoints."""

    @extend_schema(responses=ExposureShape)
    @action(detail=True, methods=["get"], pagination_class=None)
    def exposure(self: Any, request: Request, pk: int) -> Response:
        """What the programme's assets count, by class, venue and class of investors, beside the sub-limits."""
        return Response(ExposureShape(exposure.of_programme(self.get_object(), timezone.now())).data)


class VenueExposed:
    """Mixed into the venues' endpoints."""

    @extend_schema(operation_id="venues_exposure", responses=VenueExposureShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def exposure(self: Any, request: Request, pk: int) -> Response:
        """What the venue has of each programme, and of what it may have; for its own people and the debt office."""
        venue = self.get_object()
        # A licensing officer sees the venue, and nothing of what it holds.
        if not standing.acts_for(self.person, venue):
            demand(self.person, VIEW)
        return Response(VenueExposureShape(exposure.of_venue(venue, timezone.now()), many=True).data)


# ── For everybody ────────────────────────────────────────────────────────────────────────────────────────────────────
class PublicFiguresShape(LadderShape):
    cap_usd_cents = serializers.IntegerField(source="programme.cap_usd_cents")
    committed_usd_cents = serializers.IntegerField(source="programme.committed_usd_cents")
    headroom_usd_cents = serializers.IntegerField(source="programme.headroom_usd_cents")
    assets = serializers.IntegerField(help_text="How many are published.")
    outstanding_usd_cents = serializers.IntegerField(source="outstanding_cents")
    placed_usd_cents = serializers.IntegerField(source="placed_cents", help_text="With clients of licensed exchanges.")
    classes = PartShape(many=True, help_text="What is outstanding of each class.")


class PublicProgrammes(PublicEndpoint):
    serializer_class = PublicFiguresShape

    @extend_schema(operation_id="public_programmes", responses=PublicFiguresShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """The public figures of every programme; of no asset before it is issued, of no venue and of no investor."""
        found = [exposure.public_figures(each) for each in Programme.objects.all()]
        return Response(PublicFiguresShape(found, many=True).data)


class PublicAssetShape(serializers.ModelSerializer[Asset]):
    """An issued asset as the public sees it. Units are whole, money is in US cents at the rate of the approval."""

    state_title = serializers.CharField(read_only=True, source="get_state_display")
    outstanding_units = serializers.IntegerField(read_only=True)
    maturity_date = serializers.DateField(read_only=True, source="matures_on", allow_null=True)
    documents = PublicDocumentShape(many=True, read_only=True, help_text="By kind and title, the latest edition first.")

    class Meta:
        model = Asset
        fields = [
            "code",
            "name",
            "kind",
            "state",
            "state_title",
            "programme",
            "issuer",
            "issuer_lei",
            "isin",
            "cfi",
            "fisn",
            "legal_nature",
            "authoritative_record",
            "guarantor",
            "risk_text",
            "tax_note",
            "currency",
            "unit_nominal",
            "unit_usd_cents",
            "retail_allowed",
            "per_investor_cap",
            "institutional_allowed",
            "non_resident_allowed",
            "lockup_until",
            "minted_units",
            "redeemed_units",
            "outstanding_units",
            "distributed_units",
            "maturity_date",
            "documents",
        ]
        read_only_fields = fields


class PublicAssets(PublicEndpoint):
    """The issued assets of the programmes, for everybody."""

    queryset = Asset.objects.all()
    serializer_class = PublicAssetShape
    pagination_class = KeysetPages
    lookup_field = "code"

    def get_queryset(self) -> Any:
        return Asset.objects.published().with_placed().select_related("debt_terms").prefetch_related(public_documents())

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(PublicAssetShape(page, many=True).data)

    @extend_schema(parameters=[CODE])
    def retrieve(self, request: Request, code: str) -> Response:
        return self.answer(get_object_or_404(self.get_queryset(), code=code))
