"""The public register: who is licensed, who holds a NOC (which is no licence), and whether a venue may distribute now.

No token is asked for. A score is never shown, nor a reason that would speak of one.
"""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.faces.api.shapes import MayDistribute, StateTitle
from licensing.faces.public.register import histories, in_public_state
from licensing.models import Appeal, Licence, NocApplication, VenueStanding
from licensing.states import AmlState, NocState
from pvara.kernel.api import KeysetPages, Plain, PublicEndpoint

NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="Such as LIC-2026-00001.")
# The states of a licence that are published.
PUBLIC_STATES = ("active", "active_restricted", "suspended", "surrendered", "expired", "revoked")
STATE = OpenApiParameter("state", str, OpenApiParameter.QUERY, enum=PUBLIC_STATES)
NOT_A_LICENCE = "A No Objection Certificate is not an operating licence."


class HappenedShape(Plain):
    """Something that was decided on a licence, with its moment and never its reasons."""

    at = serializers.DateTimeField()
    event = serializers.CharField()


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
    # Neither a notice nor a wish to surrender is published: see `public_state`.
    state = serializers.CharField(read_only=True, source="public_state")
    state_title = serializers.CharField(
        read_only=True,
        source="public_status",
        help_text="Licensed, Restricted, Suspended, Suspended in part, Revoked, Surrendered or Expired.",
    )
    suspended_activities = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="When it is suspended in part only."
    )
    restrictions = serializers.SerializerMethodField(help_text="What is restricted, in sentences.")
    history = serializers.SerializerMethodField(help_text="What was decided on the licence, oldest first.")
    appeal_pending = serializers.SerializerMethodField()
    conditions = serializers.ListField(child=serializers.CharField(), read_only=True, source="public_conditions")
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
            "suspended_activities",
            "restrictions",
            "conditions",
            "granted_at",
            "valid_from",
            "valid_to",
            "appeal_pending",
            "history",
            "invented",
        ]
        read_only_fields = fields

    def get_restrictions(self, licence: Licence) -> list[str]:
        return [each.public_text for each in licence.restrictions]

    @extend_schema_field(HappenedShape(many=True))
    def get_history(self, licence: Licence) -> list[dict[str, Any]]:
        return [{"at": each.at, "event": each.words} for each in self.context["histories"].get(licence.pk, [])]

    def get_appeal_pending(self, licence: Licence) -> bool:
        return licence.pk in self.context["appealed"]


class PublicStandingShape(serializers.ModelSerializer[VenueStanding]):
    number = serializers.CharField(read_only=True, source="reference")
    holder_name = serializers.CharField(read_only=True, source="licence.holder_name")
    licence_state = serializers.CharField(read_only=True, source="licence.public_state")
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
    conditions = serializers.ListField(child=serializers.CharField(), read_only=True, source="public_conditions")
    state_title = StateTitle()
    aml_registered_services = serializers.SerializerMethodField(
        help_text="Services permitted under anti-money-laundering law before a licence; usually none."
    )
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
            "state",
            "state_title",
            "conditions",
            "aml_registered_services",
            "warning",
            "invented",
        ]
        read_only_fields = fields

    def get_aml_registered_services(self, case: NocApplication) -> list[str]:
        rows = case.setup.aml_registrations.all()
        return [service for row in rows if row.state == AmlState.PERMITTED for service in row.services]

    def get_warning(self, case: NocApplication) -> str:
        return NOT_A_LICENCE


class Register(PublicEndpoint):
    """The register of licences."""

    queryset = Licence.objects.all()
    serializer_class = RegisterEntryShape
    pagination_class = KeysetPages
    parameters = {"list": frozenset({"state"})}
    lookup_value_converter = "str"
    lookup_url_kwarg = "number"

    def get_queryset(self) -> QuerySet[Licence]:
        return Licence.objects.select_related("firm", "standing__licence").prefetch_related("conditions", "measures")

    def get_object(self) -> Licence:
        # A number that is written differently from the one on the certificate names nothing.
        number = self.kwargs["number"]
        last = number.rpartition("-")[2]
        digits = last if last.isascii() and last.isdigit() and len(last) <= 18 else "0"
        licence = get_object_or_404(self.get_queryset(), pk=int(digits))
        return licence if licence.reference == number else get_object_or_404(Licence.objects.none())

    def shape(self, licences: list[Licence]) -> Any:
        """The entries, with what each needs from other tables read for all of them at once."""
        ids = [each.pk for each in licences]
        pending = Appeal.objects.filter(subject_type="licensing.licence", subject_id__in=ids).pending()
        about = {"histories": histories(ids), "appealed": set(pending.values_list("subject_id", flat=True))}
        return RegisterEntryShape(licences, many=True, context=about).data

    @extend_schema(parameters=[STATE])
    def list(self, request: Request) -> Response:
        """Every licence that was ever granted, with its present state."""
        rows = self.get_queryset()
        asked = request.query_params.get("state")
        if asked is not None:
            if asked not in PUBLIC_STATES:
                raise exceptions.ValidationError({"state": f"Choose one of: {', '.join(PUBLIC_STATES)}."})
            rows = rows.filter(in_public_state(asked))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.shape(list(page or [])))

    @extend_schema(parameters=[NUMBER])
    def retrieve(self, request: Request, number: str) -> Response:
        """One licence, by its number."""
        [entry] = self.shape([self.get_object()])
        return Response(entry)

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
        held = NocApplication.objects.filter(state__in=(NocState.GRANTED, NocState.SUSPENDED))
        return (
            held.filter(firm__licences__isnull=True)
            .select_related("firm")
            .prefetch_related("setup__aml_registrations", "conditions")
        )

    def list(self, request: Request) -> Response:
        """Who holds a No Objection Certificate and no licence; the certificate is not an operating licence."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(NocHolderShape(page, many=True).data)
