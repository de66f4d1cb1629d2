"""The documents of assets for programs: all of them for the state's people, the published ones for everybody."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pvara.kernel.api import Moves, OneFile, Plain, PublicEndpoint, Reads, VisibleField
from pvara.kernel.downloads import handed_out
from tokenisation.actions.documents import hand_in_document
from tokenisation.models import Asset, AssetDocument
from tokenisation.states import DocumentKind

A_FILE = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class PublicDocumentShape(serializers.ModelSerializer[AssetDocument]):
    """A document as everybody may read it. Its hash is that of the file."""

    kind_title = serializers.CharField(read_only=True, source="get_kind_display")
    superseded = serializers.BooleanField(
        read_only=True, source="is_superseded", help_text="Whether a later edition is published."
    )

    class Meta:
        model = AssetDocument
        fields = [
            "id",
            "kind",
            "kind_title",
            "title",
            "edition",
            "sha256",
            "file_name",
            "size",
            "published_at",
            "superseded",
        ]
        read_only_fields = fields


def public_documents() -> "Prefetch[Any]":
    """For a list of published assets: the documents of each that everybody may read."""
    return Prefetch("documents", AssetDocument.objects.public().with_superseded().in_order())


class AssetDocumentShape(serializers.ModelSerializer[AssetDocument]):
    reference = serializers.CharField(read_only=True)
    asset_code = serializers.CharField(read_only=True, source="asset.code")
    kind_title = serializers.CharField(read_only=True, source="get_kind_display")
    state_title = serializers.CharField(read_only=True, source="get_state_display")
    version = serializers.IntegerField(read_only=True)
    superseded = serializers.BooleanField(
        read_only=True, source="is_superseded", help_text="Whether a later edition is published."
    )
    uploaded_by = serializers.StringRelatedField[Any]()
    published_by = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = AssetDocument
        fields = [
            "id",
            "reference",
            "asset",
            "asset_code",
            "kind",
            "kind_title",
            "title",
            "edition",
            "supersedes",
            "superseded",
            "state",
            "state_title",
            "version",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "scan",
            "uploaded_by",
            "uploaded_at",
            "published_by",
            "published_at",
        ]
        read_only_fields = fields


class AssetDocumentBody(Plain):
    asset = VisibleField(queryset=Asset.objects.all())
    kind = serializers.ChoiceField(choices=DocumentKind.choices)
    title = serializers.CharField(
        max_length=200, help_text="The kind and title of a document that is here already make its next edition."
    )
    file = serializers.FileField(allow_empty_file=True, max_length=150)


class AssetDocuments(Reads, Moves):
    """Documents of assets, with their hashes and editions. A venue's people see those that are published."""

    queryset = AssetDocument.objects.all()
    serializer_class = AssetDocumentShape
    filters = {"asset": "asset_id", "kind": "kind", "state": "state"}

    def get_queryset(self) -> QuerySet[AssetDocument]:
        rows = AssetDocument.objects.visible_to(self.request.user).with_superseded()
        return rows.select_related("asset", "uploaded_by", "published_by")

    def get_parsers(self) -> list[Any]:
        # Only here does a form come in, because only here does a file.
        posted = self.request is not None and self.request.method == "POST" and "pk" not in self.kwargs
        return [OneFile()] if posted else super().get_parsers()

    @extend_schema(request={"multipart/form-data": AssetDocumentBody}, responses={201: AssetDocumentShape})
    def create(self, request: Request) -> Response:
        """Hand in a document of an asset, or its next edition."""
        said = self.said(AssetDocumentBody)
        made = hand_in_document(said.pop("asset"), **said, by=self.person, at=timezone.now())
        return self.answer(self.fresh(made), status=201)

    @extend_schema(responses=A_FILE)
    @action(detail=True, pagination_class=None)
    def file(self, request: Request, pk: int) -> FileResponse:
        """The document itself."""
        document = self.get_object()
        return handed_out(document.file, document.file_name)


class PublicAssetFiles(PublicEndpoint):
    """The published documents of published assets, for everybody."""

    queryset = AssetDocument.objects.all()

    @extend_schema(
        operation_id="public_assets_documents_retrieve",
        parameters=[
            OpenApiParameter("code", str, OpenApiParameter.PATH, description="Of the asset, such as mtb-12m."),
            OpenApiParameter("document", int, OpenApiParameter.PATH, description="Its id."),
        ],
        responses=A_FILE,
    )
    def retrieve(self, request: Request, code: str, document: int) -> FileResponse:
        """A published document itself."""
        found = get_object_or_404(AssetDocument.objects.public(), asset__code=code, pk=document)
        return handed_out(found.file, found.file_name)
