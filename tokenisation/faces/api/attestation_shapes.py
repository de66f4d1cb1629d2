"""How an attestation of a reserve looks from outside: by itself, and as part of its asset."""

from typing import Any

from rest_framework import serializers

from tokenisation.models import ReserveAttestation


class AttestationShape(serializers.ModelSerializer[ReserveAttestation]):
    reference = serializers.CharField(read_only=True)
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    recorded_by = serializers.StringRelatedField[Any]()
    decided_by = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = ReserveAttestation
        fields = [
            "id",
            "reference",
            "state",
            "state_title",
            "version",
            "asset",
            "custodian",
            "quantity",
            "unit_of_measure",
            "as_of",
            "expires_at",
            "document_sha256",
            "recorded_by",
            "recorded_at",
            "decided_by",
        ]
        read_only_fields = fields
