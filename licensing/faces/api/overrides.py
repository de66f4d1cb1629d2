"""Overrides of ratings for programs: proposals and their moves; the votes on them have an address of their own."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import scoring
from licensing.access import READ_CASES
from licensing.actions import overrides
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import FirmName, StateTitle
from licensing.models import Rating, RatingOverride
from pvara.kernel.api import Moves, Reads, Strict, VisibleField


class RatingOverrideShape(serializers.ModelSerializer[RatingOverride]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    rating = serializers.PrimaryKeyRelatedField[Rating](read_only=True)
    criterion = serializers.CharField(read_only=True, source="rating.criterion.code")
    proposed_by = PersonName(read_only=True)
    decided_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = RatingOverride
        fields = [
            "id",
            "reference",
            "state",
            "state_title",
            "version",
            "firm",
            "rating",
            "criterion",
            "to_rating",
            "reasons",
            "proposed_by",
            "proposed_at",
            "decided_by",
        ]
        read_only_fields = fields


class RatingOverrideBody(Strict):
    rating: Any = VisibleField(queryset=Rating.objects.all())
    to_rating = serializers.IntegerField(
        min_value=0,
        max_value=scoring.BEST,
        allow_null=True,
        help_text="What it is to count; null: the criterion is waived, where the framework lets the committee.",
    )
    reasons = serializers.CharField(max_length=20_000)


class RatingOverrides(Reads, Moves):
    """Proposals to override a moderated rating; the committee or the board decides by its votes.

    One without a rating is to waive the criterion: the committee alone decides that, by the move `waive`.
    """

    queryset = RatingOverride.objects.all()
    serializer_class = RatingOverrideShape
    filters = {"state": "state", "firm": "firm_id"}

    def get_queryset(self) -> QuerySet[RatingOverride]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Overrides are read by the regulator's people.")
        rows = RatingOverride.objects.visible_to(self.request.user)
        return rows.select_related("firm", "rating__criterion", "proposed_by", "decided_by")

    @extend_schema(request=RatingOverrideBody, responses={201: RatingOverrideShape})
    def create(self, request: Request) -> Response:
        """Propose an override; nothing counts otherwise until a body has decided."""
        said = self.said(RatingOverrideBody)
        made = overrides.propose_override(said.pop("rating"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)
