"""How one milestone looks from outside; of the one about the owners, who came, went or changed since the NOC."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.faces.api.ownership import DifferenceShape
from licensing.faces.api.shapes import Clocks, MilestoneBrief
from licensing.faces.people import since_the_noc
from licensing.models import Milestone
from pvara.kernel.api import Plain


class OwnerMovedShape(Plain):
    """One owner since the NOC; `by` is in points of per cent of the shares."""

    name = serializers.CharField()
    kind = serializers.CharField()
    what = serializers.CharField(help_text="came, went or changed.")
    before = serializers.CharField()
    after = serializers.CharField()
    by = serializers.CharField()


class OwnersSinceNocShape(Plain):
    """The owners at the NOC held against those of today."""

    then = serializers.CharField(
        source="then.reference", default=None, allow_null=True, help_text="The statement in effect at the NOC."
    )
    now = serializers.CharField(source="now.reference", default=None, allow_null=True)
    is_unchanged = serializers.BooleanField()
    owners = OwnerMovedShape(many=True)
    holdings = DifferenceShape(many=True)
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="The changes of control to which no objection was raised since."
    )
    unaccounted = serializers.ListField(
        child=serializers.CharField(), help_text="What keeps the milestone from being verified, a sentence each."
    )


class MilestoneShape(MilestoneBrief):
    clocks = Clocks()
    owners_since_noc = serializers.SerializerMethodField(help_text="Of M9 alone; null for the others.")

    class Meta:
        model = Milestone
        fields = [*MilestoneBrief.Meta.fields, "clocks", "owners_since_noc"]
        read_only_fields = fields

    @extend_schema_field(OwnersSinceNocShape(allow_null=True))
    def get_owners_since_noc(self, milestone: Milestone) -> Any:
        since = since_the_noc(milestone.owners_since_the_noc(timezone.now()))
        return None if since is None else OwnersSinceNocShape(since).data
