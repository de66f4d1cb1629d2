"""The endpoints of the attestations of reserves; one is recorded below its asset."""

from django.db.models import QuerySet

from pvara.kernel.api import Moves, Reads
from tokenisation.faces.api.attestation_shapes import AttestationShape
from tokenisation.models import ReserveAttestation


class Attestations(Reads, Moves):
    """What custodians say of the reserves behind commodities. What is accepted and has not run out backs units."""

    queryset = ReserveAttestation.objects.all()
    serializer_class = AttestationShape
    filters = {"state": "state", "asset": "asset_id"}

    def get_queryset(self) -> QuerySet[ReserveAttestation]:
        rows = ReserveAttestation.objects.visible_to(self.request.user)
        return rows.select_related("asset", "recorded_by", "decided_by")
