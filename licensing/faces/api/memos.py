"""Internal memos for programs of the regulator: read alone, since a recommendation writes them."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from rest_framework import serializers

from licensing.access import READ_CASES
from licensing.faces.api.shapes import FirmName
from licensing.models import Memo
from pvara.kernel.api import Reads


class MemoShape(serializers.ModelSerializer[Memo]):
    reference = serializers.CharField(read_only=True)
    firm = FirmName(read_only=True)

    class Meta:
        model = Memo
        fields = ["id", "reference", "firm", "subject_type", "subject_id", "content", "sha256", "written_at"]
        read_only_fields = fields


class Memos(Reads):
    """What each recommendation rested on, as it was; none is ever changed or sent."""

    queryset = Memo.objects.all()
    serializer_class = MemoShape
    filters = {"firm": "firm_id", "subject_type": "subject_type", "subject_id": "subject_id"}

    def get_queryset(self) -> QuerySet[Memo]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Internal memos are read by the regulator's people.")
        rows = Memo.objects.visible_to(self.request.user)
        return rows.select_related("firm")
