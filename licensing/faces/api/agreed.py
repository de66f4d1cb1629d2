"""How far two assessors agree who rated the same criteria blindly, for programs of the regulator."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.faces.agreed import WrongSpan, as_lines, span_asked
from pvara.kernel.api import Endpoint, Plain

SPAN = [
    OpenApiParameter("since", {"type": "string", "format": "date"}, description="A year before the last day."),
    OpenApiParameter("until", {"type": "string", "format": "date"}, description="Today when it is not given."),
]


class DomainAgreementShape(Plain):
    domain = serializers.CharField(help_text="Its code; empty for all domains together, which come last.")
    title = serializers.CharField()
    pairs = serializers.IntegerField(help_text="Criteria that two assessors rated on the scale.")
    equal = serializers.IntegerField(help_text="Of these, both gave the same.")
    within_a_step = serializers.IntegerField(help_text="Of these, they differ by one step at most.")
    share = serializers.CharField(allow_null=True, help_text="Equal pairs in per cent, two places.")
    kappa = serializers.CharField(
        allow_null=True, help_text="Weighted kappa with quadratic weights, two places; null where nothing could differ."
    )
    not_compared = serializers.IntegerField(help_text="Pairs in which somebody found the criterion not applicable.")


class RatingAgreementShape(Plain):
    since = serializers.DateField()
    until = serializers.DateField()
    domains = DomainAgreementShape(many=True)


class RatingAgreement(Endpoint):
    serializer_class = RatingAgreementShape
    parameters = {"retrieve": frozenset({"since", "until"})}

    @extend_schema(operation_id="rating_agreement", parameters=SPAN, responses=RatingAgreementShape)
    def retrieve(self, request: Request) -> Response:
        """How far assessors agreed who rated the same criteria blindly, by domain; for the regulator's people."""
        if not request.user.has_perm(READ_CASES):
            raise PermissionDenied("How assessors agree is read by the regulator's people.")
        try:
            since, until = span_asked(request.query_params, today=timezone.localdate())
        except WrongSpan as wrong:
            raise ValidationError({wrong.field: str(wrong)}) from None
        return Response(RatingAgreementShape({"since": since, "until": until, "domains": as_lines(since, until)}).data)
