"""The endpoints of a programme's sub-limits, with what goes in and comes out."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import standing
from pvara.kernel.api import Moves, Reads, Strict
from tokenisation.actions.limits import propose_limit
from tokenisation.models import Programme, SubLimit
from tokenisation.models.limits import CLASSES, WHOLE_BP
from tokenisation.states import LimitScope


class SubLimitBody(Strict):
    programme = serializers.PrimaryKeyRelatedField(queryset=Programme.objects.all())
    scope = serializers.ChoiceField(choices=LimitScope.choices)
    of_class = serializers.ChoiceField(
        choices=CLASSES, required=False, help_text="The class of assets or of investors; a venue has none."
    )
    venue = serializers.PrimaryKeyRelatedField(
        queryset=standing.venues(), required=False, allow_null=True, help_text="Left out, it is for every venue."
    )
    share_bp = serializers.IntegerField(
        min_value=0, max_value=WHOLE_BP, help_text="Basis points of the programme's cap; 10000 lifts a limit."
    )
    effective_from = serializers.DateField()
    source: Any = serializers.CharField(max_length=300, help_text="The decision, with its number and date.")
    reasons = serializers.CharField(max_length=4000)


class SubLimitShape(serializers.ModelSerializer[SubLimit]):
    reference = serializers.CharField(read_only=True)
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    usd_cents = serializers.IntegerField(read_only=True, help_text="That share of the cap, in US cents.")
    proposed_by = serializers.StringRelatedField[Any]()
    decided_by = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = SubLimit
        fields = [
            "id",
            "reference",
            "state",
            "state_title",
            "version",
            "programme",
            "scope",
            "of_class",
            "venue",
            "share_bp",
            "usd_cents",
            "effective_from",
            "source",
            "reasons",
            "proposed_by",
            "proposed_at",
            "decided_by",
        ]
        read_only_fields = fields


class SubLimits(Reads, Moves):
    """What part of a programme's cap a class of assets, a venue or a class of investors may take, from a day on."""

    queryset = SubLimit.objects.all()
    serializer_class = SubLimitShape
    filters = {"state": "state", "programme": "programme_id", "scope": "scope"}

    def get_queryset(self) -> QuerySet[SubLimit]:
        rows = SubLimit.objects.visible_to(self.request.user)
        return rows.select_related("programme", "proposed_by", "decided_by")

    @extend_schema(request=SubLimitBody, responses={201: SubLimitShape})
    def create(self, request: Request) -> Response:
        """Propose a sub-limit; another person confirms it by a move."""
        said = self.said(SubLimitBody)
        programme, scope = said.pop("programme"), LimitScope(said.pop("scope"))
        made = propose_limit(programme, scope, **said, by=self.person, at=timezone.now())
        return self.answer(self.fresh(made), status=201)
