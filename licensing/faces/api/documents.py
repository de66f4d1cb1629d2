"""Documents that were handed in with a step of a case: what they are, and the files themselves."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from licensing.faces.api.shapes import FirmName
from licensing.faces.documents import download
from licensing.models import Document
from pvara.kernel.api import Plain, Reads


class DocumentShape(serializers.ModelSerializer[Document]):
    firm = FirmName(read_only=True, allow_null=True)

    class Meta:
        model = Document
        fields = [
            "id",
            "firm",
            "subject_type",
            "subject_id",
            "title",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "scan",
            "uploaded_at",
        ]
        read_only_fields = fields


class DocumentBody(Plain):
    title = serializers.CharField(max_length=200)
    file = serializers.FileField(allow_empty_file=True, max_length=150)


class Documents(Reads):
    """Documents handed in with a row of any kind: a milestone, an answer, a filing."""

    queryset = Document.objects.all()
    serializer_class = DocumentShape
    filters = {"firm": "firm_id", "subject_type": "subject_type", "subject": "subject_id"}

    def get_queryset(self) -> "QuerySet[Any]":
        return Document.objects.visible_to(self.request.user).select_related("firm")

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None)
    def file(self, request: Request, pk: int) -> FileResponse:
        """The document itself."""
        return download(self.get_object())
