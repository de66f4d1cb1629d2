"""The versions of the scoring framework for programs: what each says and changes, and whether it adds up."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.faces.api.framework_drafts import Drafting
from licensing.faces.api.framework_shapes import (
    FaultShape,
    FrameworkChangeShape,
    FrameworkImpactShape,
    FrameworkVersionShape,
    WholeFrameworkShape,
)
from licensing.faces.impact import as_lines
from licensing.models import Framework
from licensing.models.compared import changes
from licensing.models.impact import impact_of
from pvara.kernel.api import Moves, Reads


class Frameworks(Drafting, Reads, Moves):
    """Versions of the scoring framework; one in force, others past, to come, proposed or drafted."""

    queryset = Framework.objects.all()
    serializer_class = WholeFrameworkShape
    brief_class = FrameworkVersionShape
    filters = {"state": "state", "edition": "edition"}

    def get_queryset(self) -> QuerySet[Framework]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("The versions of the framework are read by the regulator's people.")
        rows = Framework.objects.visible_to(self.request.user).select_related("proposed_by", "published_by")
        return rows.prefetch_related("domains__criteria", "gates__floors__domain") if self.action != "list" else rows

    @extend_schema(responses=FaultShape(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def faults(self, request: Request, pk: int) -> Response:
        """Everything that keeps the version from being published, with its field; empty when it is sound."""
        return Response(FaultShape(self.get_object().faults(), many=True).data)

    @extend_schema(responses=FrameworkChangeShape(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def changes(self, request: Request, pk: int) -> Response:
        """What the version changes against the one that it was started from; nothing for the first."""
        found: Any = self.get_object()
        said = changes(found.based_on, found) if found.based_on else []
        return Response(FrameworkChangeShape(said, many=True).data)

    @extend_schema(responses=FrameworkImpactShape(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def impact(self, request: Request, pk: int) -> Response:
        """Every open case and living licence, now and under this version: a row for each and each of its gates."""
        return Response(
            FrameworkImpactShape(list(as_lines(impact_of(self.get_object(), timezone.now()))), many=True).data
        )
