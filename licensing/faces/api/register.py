"""The public register: who is licensed, who holds a NOC (which is no licence), and whether a venue may distribute now.

No token is asked for. A score is never shown, nor a reason that would speak of one.
"""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.faces.api.shapes import MayDistribute, StateTitle
from licensing.models import Licence, NocApplication, VenueStanding
from licensing.states import NocState
from pvara.kernel.api import Exact, KeysetPages, PublicEndpoint

NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="Such as LIC-2026-00001.")
NOT_A_LICENCE = "A No Objection Certificate is not an operating licence."


class RegisterEntryShape(serializers.ModelSerializer[Licence]):
    """A licence as the public sees it."""

    number = serializers.CharField(read_only=True, source="reference")
    group = serializers.CharField(read_only=True, source="firm.legal_name")
    trading_name = serializers.CharField(read_only=True, source="firm.trading_name")
    home_country = serializers.CharField(read_only=True, source="firm.country")
    home_regulator = serializers.CharField(read_only=True, source="firm.home_regulator")
    home_licence_number = serializers.CharField(read_only=True, source="firm.home_licence_number")
    website = serializers.CharField(read_only=True, source="firm.website")
    lei = serializers.CharField(read_only=True, source="firm.lei")
    state_title = StateTitle()
    conditions = serializers.ListField(child=serializers.CharField(), read_only=True)
    invented = serializers.BooleanField(read_only=True, source="firm.invented")

    class Meta:
        model = Licence
        fields = [
            "number",
            "holder_name",
            "cuin",
            "group",
            "trading_name",
            "home_country",
            "home_regulator",
            "home_licence_number",
            "website",
            "lei",
            "state",
            "state_title",
            "activities",
            "conditions",
            "granted_at",
            "valid_from",
            "valid_to",
            "invented",
        ]
        read_only_fields = fields


class PublicStandingShape(serializers.ModelSerializer[VenueStanding]):
    number = serializers.CharField(read_only=True, source="reference")
    holder_name = serializers.CharField(read_only=True, source="licence.holder_name")
    licence_state = serializers.CharField(read_only=True, source="licence.state")
    may_distribute = MayDistribute()
    checked_at = serializers.SerializerMethodField()

    class Meta:
        model = VenueStanding
        fields = ["number", "holder_name", "licence_state", "may_distribute", "standing_version", "checked_at"]
        read_only_fields = fields

    def get_checked_at(self, venue: VenueStanding) -> str:
        return timezone.now().isoformat()


class NocHolderShape(serializers.ModelSerializer[NocApplication]):
    """A NOC as the public sees it."""

    number = serializers.CharField(read_only=True, source="reference")
    group = serializers.CharField(read_only=True, source="firm.legal_name")
    trading_name = serializers.CharField(read_only=True, source="firm.trading_name")
    home_country = serializers.CharField(read_only=True, source="firm.country")
    website = serializers.CharField(read_only=True, source="firm.website")
    conditions = serializers.ListField(child=serializers.CharField(), read_only=True)
    warning = serializers.SerializerMethodField()
    invented = serializers.BooleanField(read_only=True, source="firm.invented")

    class Meta:
        model = NocApplication
        fields = [
            "number",
            "group",
            "trading_name",
            "home_country",
            "website",
            "granted_at",
            "valid_to",
            "conditions",
            "warning",
            "invented",
        ]
        read_only_fields = fields

    def get_warning(self, case: NocApplication) -> str:
        return NOT_A_LICENCE


class Register(PublicEndpoint):
    """The register of licences."""

    queryset = Licence.objects.all()
    serializer_class = RegisterEntryShape
    pagination_class = KeysetPages
    filter_backends = [Exact]
    filters = {"state": "state"}
    lookup_value_converter = "str"
    lookup_url_kwarg = "number"

    def get_queryset(self) -> QuerySet[Licence]:
        return Licence.objects.select_related("firm", "standing__licence")

    def get_object(self) -> Licence:
        # A number that is written differently from the one on the certificate names nothing.
        number = self.kwargs["number"]
        last = number.rpartition("-")[2]
        digits = last if last.isascii() and last.isdigit() and len(last) <= 18 else "0"
        licence = get_object_or_404(self.get_queryset(), pk=int(digits))
        return licence if licence.reference == number else get_object_or_404(Licence.objects.none())

    def list(self, request: Request) -> Response:
        """Every licence that was ever granted, with its present state."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(RegisterEntryShape(page, many=True).data)

    @extend_schema(parameters=[NUMBER])
    def retrieve(self, request: Request, number: str) -> Response:
        """One licence, by its number."""
        return self.answer(self.get_object())

    @extend_schema(parameters=[NUMBER], responses=PublicStandingShape)
    @action(detail=True, pagination_class=None)
    def standing(self, request: Request, number: str) -> Response:
        """Whether a venue may distribute at this moment."""
        venue: Any = getattr(self.get_object(), "standing", None)
        if venue is None:
            venue = get_object_or_404(VenueStanding.objects.none())
        return Response(PublicStandingShape(venue).data)


class NocHolders(PublicEndpoint):
    """Holders of a No Objection Certificate: a list of its own, because a NOC is no licence."""

    queryset = NocApplication.objects.all()
    serializer_class = NocHolderShape
    pagination_class = KeysetPages

    def get_queryset(self) -> QuerySet[NocApplication]:
        # Who was licensed since stands among the licences.
        granted = NocApplication.objects.filter(state=NocState.GRANTED, firm__licences__isnull=True)
        return granted.select_related("firm")

    def list(self, request: Request) -> Response:
        """Who holds a No Objection Certificate and no licence; the certificate is not an operating licence."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(NocHolderShape(page, many=True).data)
