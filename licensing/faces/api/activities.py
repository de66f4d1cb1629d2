"""The activities that can be licensed, and the terms of each as in force today: for everybody."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.models import ActivityKind
from licensing.models.activities import terms_in_force
from pvara.kernel.api import PublicEndpoint


class ActivityTermsShape(serializers.ModelSerializer[ActivityKind]):
    title: Any = serializers.CharField(read_only=True)
    criteria: Any = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Criteria of the framework that must be largely met."
    )

    class Meta:
        model = ActivityKind
        fields = [
            "code",
            "title",
            "description",
            "minimum_capital_pkr",
            "criteria",
            "inspected",
            "aml_service",
            "effective_from",
        ]
        read_only_fields = fields


class Activities(PublicEndpoint):
    serializer_class = ActivityTermsShape

    @extend_schema(operation_id="activities", responses=ActivityTermsShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """What can be licensed, with the capital that each activity needs and what it is judged by."""
        terms = terms_in_force(timezone.localdate())
        return Response(ActivityTermsShape(list(terms.values()), many=True).data)
