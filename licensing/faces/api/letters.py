"""Letters: read them, fetch the signed PDF, and, for everybody, ask whether a letter is genuine and still holds."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import letters
from licensing.faces.api.shapes import Colleague, FirmName
from licensing.models import Letter
from pvara.kernel.api import Moves, OneFile, Plain, PublicEndpoint, Reads, Strict

TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="From the letter's QR code.")


class LetterShape(serializers.ModelSerializer[Letter]):
    """`reference`, `issued_at`, `token` and the hash are given with the issue.

    What a checker reads and whose names stand behind it is for staff; a firm reads its letter in the PDF.
    """

    firm = FirmName(read_only=True)
    content = serializers.SerializerMethodField(help_text="What the letter says, as data; null for a firm.")
    is_to_be_checked = serializers.SerializerMethodField(
        help_text="Whether a second person lets it out; null for a firm."
    )
    decided_by = Colleague()
    approved_by = Colleague()

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
            "state",
            "version",
            "content",
            "is_to_be_checked",
            "decided_at",
            "decided_by",
            "approved_by",
            "issued_at",
            "sha256",
            "token",
        ]
        read_only_fields = fields

    def get_content(self, letter: Letter) -> dict[str, Any] | None:
        return letter.content if self._is_for_staff else None

    def get_is_to_be_checked(self, letter: Letter) -> bool | None:
        return letter.is_to_be_checked if self._is_for_staff else None

    @property
    def _is_for_staff(self) -> bool:
        request = self.context.get("request")
        return request is not None and request.user.is_staff


class Letters(Reads, Moves):
    """Letters: all for staff, also those that wait for their checker; for a firm its own that were issued."""

    queryset = Letter.objects.all()
    serializer_class = LetterShape
    filters = {
        "firm": "firm_id",
        "code": "code",
        "state": "state",
        "subject_type": "subject_type",
        "subject_id": "subject_id",
    }

    def get_queryset(self) -> QuerySet[Letter]:
        return Letter.objects.visible_to(self.request.user).select_related("firm", "decided_by", "approved_by")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None)
    def pdf(self, request: Request, pk: int) -> HttpResponse:
        """The letter as it was signed, to the byte."""
        letter = self.get_object()
        if not letter.is_issued:
            raise Http404
        return HttpResponse(
            bytes(letter.document.pdf),
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{letter.file_name}"'},
        )


class VerifiedLetterShape(serializers.ModelSerializer[Letter]):
    """What anybody may know of a letter: enough to hold the paper against it."""

    firm = serializers.CharField(
        read_only=True, source="public_firm", help_text="Empty for a letter between authorities."
    )

    class Meta:
        model = Letter
        fields = ["reference", "title", "firm", "addressee", "state", "issued_at", "sha256"]
        read_only_fields = fields


class CheckShape(Plain):
    authentic = serializers.BooleanField(help_text="Whether it is a letter of ours, unchanged.")
    holds = serializers.BooleanField(help_text="Whether it is authentic, and neither it nor what it gave has ended.")
    since = serializers.DateField(
        allow_null=True, help_text="The first day on which it no longer held; null when it holds, or is none of ours."
    )
    reason = serializers.CharField()
    letter = VerifiedLetterShape(allow_null=True)


class QuestionBody(Strict):
    number = serializers.CharField(required=False, max_length=60, help_text="Such as PVARA/NOC/2026/0001.")
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False, help_text="SHA-256 of the file you hold.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give the number of the letter or the SHA-256 of the file, one of them.")
        return attrs


class FileBody(Plain):
    file = serializers.FileField(max_length=150)


class Verification(PublicEndpoint):
    """Whether a letter is ours, unchanged, and still holds. Every question has an answer; “no” is one."""

    serializer_class = CheckShape

    @extend_schema(operation_id="verify_token", parameters=[TOKEN], responses=CheckShape)
    def retrieve(self, request: Request, token: str) -> Response:
        """Ask about the letter behind a QR code."""
        return self.answer(letters.check(token if len(token) <= 100 else "", at=timezone.now()))

    @extend_schema(operation_id="verify", request=QuestionBody, responses={200: CheckShape})
    def create(self, request: Request) -> Response:
        """Ask about a letter by its number, or by the fingerprint of the file so that the file stays with you."""
        said = self.said(QuestionBody)
        if "number" in said:
            return self.answer(letters.check(said["number"], at=timezone.now()))
        known = Letter.objects.issued().filter(sha256=said["sha256"]).first()
        return self.answer(letters.check(known.reference or "" if known else "", at=timezone.now()))


class FileVerification(PublicEndpoint):
    serializer_class = CheckShape
    parser_classes = [OneFile]

    @extend_schema(operation_id="verify_file", request={"multipart/form-data": FileBody}, responses={200: CheckShape})
    def create(self, request: Request) -> Response:
        """Ask about a PDF: whether it is a letter of ours to the byte, and carries our valid signature."""
        return self.answer(letters.check(uploaded=self.said(FileBody)["file"].read(), at=timezone.now()))
