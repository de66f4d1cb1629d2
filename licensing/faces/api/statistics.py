"""The statistics for programs: every duration for the regulator's own, and for everybody what is published."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.faces.statistics import FIRST_YEAR, deeds_of, rows_of
from licensing.statistics import Row
from pvara.kernel.api import Endpoint, Plain, PublicEndpoint

YEAR = OpenApiParameter("year", int, OpenApiParameter.QUERY, description="This year when it is not given.")


def days(**more: Any) -> Any:
    return serializers.DecimalField(max_digits=8, decimal_places=1, allow_null=True, **more)


class OutcomesShape(Plain):
    granted = serializers.IntegerField()
    granted_with_conditions = serializers.IntegerField()
    refused = serializers.IntegerField()
    returned_incomplete = serializers.IntegerField()
    rejected_incomplete = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    lapsed = serializers.IntegerField()
    expired = serializers.IntegerField()
    remitted = serializers.IntegerField(help_text="Sent back on appeal, and so in progress again.")


class StatisticsRowShape(Plain):
    phase = serializers.CharField(source="phase.code", help_text="P1, P2, P2-AML, P3, P4-renewal, P4-variation")
    month = serializers.DateField(allow_null=True, help_text="Its first day; null for the whole year.")
    received = serializers.IntegerField()
    in_progress = serializers.IntegerField(help_text="At the end of the month, or now.")
    outcomes = OutcomesShape()
    timed_decisions = serializers.IntegerField(source="durations.decisions")
    withheld = serializers.BooleanField(
        help_text="Whether durations are not told because they are of too few decisions."
    )
    median_days = days(source="durations.median_days")
    p90_days = days(source="durations.ninety_days")
    median_working_days = days(source="durations.median_working_days")
    p90_working_days = days(source="durations.ninety_working_days")


def year_in(request: Request) -> int:
    today, said = timezone.localdate(), request.query_params.get("year")
    if said is None:
        return today.year
    if not (said.isascii() and said.isdigit() and len(said) == 4 and FIRST_YEAR <= int(said) <= today.year):
        raise ValidationError({"year": f"Give a year from {FIRST_YEAR} to {today.year}."})
    return int(said)


def rows(request: Request, *, public: bool) -> Response:
    found: list[Row] = rows_of(year_in(request), public=public)

    return Response(StatisticsRowShape(found, many=True).data)


class Statistics(Endpoint):
    serializer_class = StatisticsRowShape
    parameters = {"retrieve": frozenset({"year"})}

    @extend_schema(operation_id="statistics", parameters=[YEAR], responses=StatisticsRowShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """A year's statistics by phase and month, with every duration; for the regulator's people."""
        if not request.user.has_perm(READ_CASES):
            raise PermissionDenied("The full statistics are for the regulator's people; the published ones are public.")
        return rows(request, public=False)


class PublicStatistics(PublicEndpoint):
    serializer_class = StatisticsRowShape
    parameters = {"retrieve": frozenset({"year"})}

    @extend_schema(operation_id="public_statistics", parameters=[YEAR], responses=StatisticsRowShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """A year's statistics as published: durations of few decisions are withheld."""
        return rows(request, public=True)


class DeedRowShape(Plain):
    deed = serializers.CharField(source="deed.code")
    title = serializers.CharField(source="deed.title")
    months = serializers.ListField(
        child=serializers.IntegerField(), help_text="A count for each month of the year that has begun."
    )
    total = serializers.IntegerField()


class Deeds(Endpoint):
    serializer_class = DeedRowShape
    parameters = {"retrieve": frozenset({"year"})}

    @extend_schema(operation_id="deeds", parameters=[YEAR], responses=DeedRowShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """What was done in a year about NOCs, licences, appeals and owners; for the regulator's people."""
        if not request.user.has_perm(READ_CASES):
            raise PermissionDenied("What was done in full is for the regulator's people; the published part is public.")
        return Response(DeedRowShape(deeds_of(year_in(request), public=False), many=True).data)


class PublicDeeds(PublicEndpoint):
    serializer_class = DeedRowShape
    parameters = {"retrieve": frozenset({"year"})}

    @extend_schema(operation_id="public_deeds", parameters=[YEAR], responses=DeedRowShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """The same as published: what the public register shows of no single firm is left out."""
        return Response(DeedRowShape(deeds_of(year_in(request), public=True), many=True).data)
