"""How the versions of the scoring framework look from outside, each part with the mark of what it says."""

from typing import Any

from rest_framework import serializers

from licensing.faces.api.assessment_shapes import CriterionShape, DomainShape, GateShape
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import StateTitle
from licensing.models import Criterion, Framework
from pvara.kernel.api import Plain
from pvara.kernel.seen import mark


class SaidMark(serializers.CharField):
    """The mark of what a part says, to be sent with what it is to say next."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"source": "said", "read_only": True, **more})

    def to_representation(self, said: Any) -> str:
        return mark(said)


class CriterionPartShape(CriterionShape):
    seen = SaidMark(help_text="The mark of it, to be sent with what is said next.")

    class Meta(CriterionShape.Meta):
        fields = [*CriterionShape.Meta.fields, "seen"]
        read_only_fields = fields


class DomainPartShape(DomainShape):
    criteria = CriterionPartShape(many=True, read_only=True)
    seen = SaidMark(help_text="The mark of it, to be sent with what is said next.")

    class Meta(DomainShape.Meta):
        fields = [*DomainShape.Meta.fields, "seen"]
        read_only_fields = fields


class GatePartShape(GateShape):
    seen = SaidMark(help_text="The mark of it, to be sent with what is said next.")

    class Meta(GateShape.Meta):
        fields = [*GateShape.Meta.fields, "seen"]
        read_only_fields = fields


class FrameworkVersionShape(serializers.ModelSerializer[Framework]):
    """A version without its parts."""

    state_title = StateTitle()
    based_on = serializers.PrimaryKeyRelatedField[Framework](read_only=True, allow_null=True)
    proposed_by = PersonName(read_only=True, allow_null=True)
    published_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = Framework
        fields = [
            "id",
            "edition",
            "state",
            "state_title",
            "version",
            "effective_from",
            "based_on",
            "green",
            "amber",
            "rated_twice",
            "proposed_by",
            "published_by",
            "published_at",
        ]
        read_only_fields = fields


class WholeFrameworkShape(FrameworkVersionShape):
    """A version with everything that it asks."""

    domains = DomainPartShape(many=True, read_only=True)
    gates = GatePartShape(many=True, read_only=True)
    seen = SaidMark(help_text="The mark of what is said of the version as a whole.")

    class Meta(FrameworkVersionShape.Meta):
        fields = [*FrameworkVersionShape.Meta.fields, "domains", "gates", "seen"]
        read_only_fields = fields


class FaultShape(Plain):
    part = serializers.CharField(help_text="The criterion or gate; empty for the version as a whole.")
    field = serializers.CharField(help_text="The field of it, or the domain whose floor it is.")
    sentence = serializers.CharField()


class FrameworkChangeShape(Plain):
    part = serializers.CharField(help_text="Such as Criterion 1.1.")
    field = serializers.CharField()
    was = serializers.CharField(help_text="Empty where the part was not there.")
    becomes = serializers.CharField(help_text="Empty where the part is there no more.")


class FrameworkImpactShape(Plain):
    case = serializers.CharField(help_text="Its reference.")
    firm = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    phase = serializers.ChoiceField(choices=Criterion.PHASES)
    judged_by = serializers.CharField(help_text="The edition by which it is judged now.")
    keeps_its_version = serializers.BooleanField(help_text="Whether it is judged by that to its end.")
    total_now = serializers.CharField(help_text="Per cent, two places, half up.")
    total_then = serializers.CharField()
    colour_now = serializers.CharField()
    colour_then = serializers.CharField()
    gate = serializers.CharField()
    passes_now = serializers.BooleanField()
    passes_then = serializers.BooleanField()
