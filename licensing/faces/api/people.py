"""Who the token belongs to, and the audit log for those who read it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_AUDIT
from licensing.faces.api.shapes import FirmName
from licensing.models.firms import firms_of
from pvara.kernel import roles
from pvara.kernel.api import Endpoint, Plain, Reads
from pvara.kernel.models import AuditEntry


class RoleShape(Plain):
    code = serializers.CharField()
    title = serializers.CharField()


class MeShape(Plain):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    roles = RoleShape(many=True)
    firms = FirmName(many=True, help_text="The firms you act for.")


class Me(Endpoint):
    serializer_class = MeShape

    @extend_schema(operation_id="me", responses=MeShape, tags=["accounts"])
    def retrieve(self, request: Request) -> Response:
        """Who you are to us: your roles, and the firms you act for."""
        user: Any = request.user
        held = sorted(roles.of(user) & set(roles.ROLES))
        return Response(
            {
                "id": user.pk,
                "email": user.email,
                "name": user.name,
                "roles": [{"code": code, "title": roles.ROLES[code].title} for code in held],
                "firms": FirmName(firms_of(user), many=True).data,
            }
        )


class AuditEntryShape(serializers.ModelSerializer[AuditEntry]):
    prev_hash = serializers.SerializerMethodField()
    hash = serializers.SerializerMethodField()
    data: Any = serializers.DictField(read_only=True)

    class Meta:
        model = AuditEntry
        fields = [
            "id",
            "subject_type",
            "subject_id",
            "seq",
            "event",
            "actor",
            "actor_name",
            "at",
            "recorded_at",
            "from_state",
            "to_state",
            "note",
            "data",
            "prev_hash",
            "hash",
        ]
        read_only_fields = fields

    def get_prev_hash(self, entry: AuditEntry) -> str:
        return bytes(entry.prev_hash).hex()

    def get_hash(self, entry: AuditEntry) -> str:
        return bytes(entry.hash).hex()


class AuditEntries(Reads):
    """The audit log, newest first; for auditors."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntryShape
    filters = {"subject_type": "subject_type", "subject_id": "subject_id", "event": "event", "actor": "actor_id"}

    def get_queryset(self) -> QuerySet[AuditEntry]:
        if not self.request.user.has_perm(READ_AUDIT):
            raise PermissionDenied("The audit log is read by auditors.")
        return AuditEntry.objects.all()
