"""What licensees' scores propose to enforcement; each is taken up or dismissed by a move."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from licensing.faces.api.shapes import FirmName, StateTitle
from licensing.models import SupervisionProposal
from licensing.scoring import shown
from pvara.kernel.api import Moves, Reads


class ProposalShape(serializers.ModelSerializer[SupervisionProposal]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    firm = FirmName(read_only=True)
    total = serializers.SerializerMethodField(help_text="Of the score that gave rise to it: per cent, two places.")
    causes = serializers.SerializerMethodField(help_text="What had changed in the score, a sentence each.")
    settled_by: Any = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = SupervisionProposal
        fields = [
            "id",
            "reference",
            "firm",
            "licence",
            "level",
            "total",
            "causes",
            "raised_at",
            "over_at",
            "settled_by",
            "state",
            "state_title",
            "version",
        ]
        read_only_fields = fields

    def get_total(self, proposal: SupervisionProposal) -> str:
        return shown(proposal.entry.total)

    def get_causes(self, proposal: SupervisionProposal) -> list[str]:
        return [each.sentence for each in proposal.why]


class Proposals(Reads, Moves):
    """What the scores of licensees propose to enforcement. For staff."""

    queryset = SupervisionProposal.objects.all()
    serializer_class = ProposalShape
    filters = {"firm": "firm_id", "licence": "licence_id", "state": "state", "level": "level"}

    def get_queryset(self) -> QuerySet[SupervisionProposal]:
        rows = SupervisionProposal.objects.visible_to(self.request.user)
        return rows.select_related("firm", "licence", "entry", "settled_by")
