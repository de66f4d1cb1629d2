"""Letters: read them, fetch the signed PDF, and, for everybody, ask whether a letter is genuine and still holds."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.faces.api.shapes import FirmName
from licensing.models import Letter
from pvara.kernel.api import PublicEndpoint, Reads, Strict

TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="From the letter's QR code.")


class LetterShape(serializers.ModelSerializer[Letter]):
    firm = FirmName(read_only=True)

    class Meta:
        model = Letter
        fields = [
            "id",
            "reference",
            "code",
            "title",
            "firm",
            "addressee",
            "subject_type",
            "subject_id",
            "status",
            "issued_at",
            "sha256",
            "token",
        ]
        read_only_fields = fields


class Letters(Reads):
    """Letters that were issued: all for staff, its own for a firm."""

    queryset = Letter.objects.all()
    serializer_class = LetterShape
    filters = {
        "firm": "firm_id",
        "code": "code",
        "status": "status",
        "subject_type": "subject_type",
        "subject_id": "subject_id",
    }

    def get_queryset(self) -> QuerySet[Letter]:
        return Letter.objects.visible_to(self.request.user).select_related("firm")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None)
    def pdf(self, request: Request, pk: int) -> HttpResponse:
        """The letter as it was signed, to the byte."""
        letter = self.get_object()
        return HttpResponse(
            bytes(letter.document.pdf),
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{letter.reference.replace("/", "-")}.pdf"'},
        )


class VerifiedLetterShape(serializers.ModelSerializer[Letter]):
    """What anybody may know of a letter: enough to hold the paper against it."""

    firm = serializers.CharField(read_only=True, source="firm.legal_name")

    class Meta:
        model = Letter
        fields = ["reference", "title", "firm", "addressee", "status", "issued_at", "sha256"]
        read_only_fields = fields


class FingerprintBody(Strict):
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="SHA-256 of the file that you hold.")


class Verification(PublicEndpoint):
    """Whether a letter is ours, unchanged, and still holds. 404 says that it is not."""

    queryset = Letter.objects.all()
    serializer_class = VerifiedLetterShape

    def get_queryset(self) -> QuerySet[Letter]:
        return Letter.objects.select_related("firm")

    @extend_schema(operation_id="letters_verify_token", parameters=[TOKEN], responses=VerifiedLetterShape)
    def retrieve(self, request: Request, token: str) -> Response:
        """The letter behind a QR code. Compare its `sha256` with that of your file."""
        return self._found(token=token)

    @extend_schema(operation_id="letters_verify_file", request=FingerprintBody, responses={200: VerifiedLetterShape})
    def create(self, request: Request) -> Response:
        """The letter that a file is, to the byte; by its fingerprint, so that the file stays with you."""
        return self._found(**self.said(FingerprintBody))

    def _found(self, **by: Any) -> Response:
        return self.answer(get_object_or_404(self.get_queryset(), **by))
