"""What a case is judged by: the framework, evidence, ratings, and the score with every gate's verdict.

Ratings and figures are the regulator's. A firm's own people see the colour of each domain and the criteria that are
not met, never a number.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.actions import evidence, ratings
from licensing.faces.api import assessment_shapes as shapes
from licensing.models import Evidence, Firm, Framework, Rating
from licensing.models.framework import framework_row
from licensing.models.scores import score_of
from licensing.scoring import PHASES
from pvara.kernel.api import Endpoint, Moves, OneFile, Reads

PHASE = OpenApiParameter(
    "phase", {"type": "string", "enum": list(PHASES)}, description="As of which phase; FULL unless you say otherwise."
)


class CurrentFramework(Endpoint):
    serializer_class = shapes.FrameworkShape
    queryset = Framework.objects.all()

    @extend_schema(operation_id="framework", responses=shapes.FrameworkShape)
    def retrieve(self, request: Request) -> Response:
        """The scoring framework in force today: domains, criteria, and the bars of every gate."""
        return self.answer(framework_row(timezone.localdate()))


class Scores(Endpoint):
    serializer_class = shapes.ScoreShape

    parameters = {"retrieve": frozenset({"phase"})}

    def get_queryset(self) -> QuerySet[Firm]:
        return Firm.objects.visible_to(self.request.user)

    @extend_schema(operation_id="firms_score", responses=shapes.ScoreShape, parameters=[PHASE])
    def retrieve(self, request: Request, pk: int) -> Response:
        """A firm's score now. Staff see every figure and verdict; the firm sees colours and what is not met."""
        phase = request.query_params.get("phase", "FULL")
        if phase not in PHASES:
            raise ValidationError({"phase": f"Choose one of: {', '.join(PHASES)}."})
        score = score_of(self.get_object(), phase, timezone.now())
        return Response(shapes.score_shown(score, in_full=request.user.has_perm(READ_CASES)))


# ── Evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class Pieces(Reads, Moves):
    """Evidence: documents of firms, each for some criteria, accepted or rejected by staff."""

    queryset = Evidence.objects.all()
    serializer_class = shapes.EvidenceShape
    filters = {"state": "state", "firm": "firm_id"}

    def get_queryset(self) -> QuerySet[Evidence]:
        rows = Evidence.objects.visible_to(self.request.user).select_related("firm", "uploaded_by", "accepted_by")
        return rows.prefetch_related("links__criterion")

    def get_parsers(self) -> list[Any]:
        # Only here does a form come in, because only here does a file.
        posted = self.request is not None and self.request.method == "POST" and "pk" not in self.kwargs
        return [OneFile()] if posted else super().get_parsers()

    @extend_schema(request={"multipart/form-data": shapes.UploadBody}, responses={201: shapes.EvidenceShape})
    def create(self, request: Request) -> Response:
        """Upload a document for one or more criteria."""
        said = self.said(shapes.UploadBody)
        piece = evidence.upload_evidence(said.pop("firm"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(piece), status=201)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None)
    def file(self, request: Request, pk: int) -> FileResponse:
        """The document itself."""
        piece = self.get_object()
        if piece.scan == Evidence.Scan.INFECTED:
            raise PermissionDenied("This file is infected; it is not handed out.")
        # Always as a download of no particular type: a browser is never to open what somebody else uploaded.
        return FileResponse(
            piece.file.open("rb"),
            as_attachment=True,
            filename=piece.file_name,
            content_type="application/octet-stream",
        )


# ── Ratings ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class Ratings(Reads):
    """Ratings of firms on criteria, with what the moderator made of them; for staff."""

    queryset = Rating.objects.all()
    serializer_class = shapes.RatingShape
    filters = {"firm": "firm_id", "current": "current"}

    def get_queryset(self) -> QuerySet[Rating]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Ratings are read by the regulator's people.")
        return Rating.objects.visible_to(self.request.user).select_related("firm", "criterion", "assessor", "moderator")

    @extend_schema(request=shapes.RatingBody, responses={201: shapes.RatingShape})
    def create(self, request: Request) -> Response:
        """Rate a firm on a criterion. A former rating stays on record."""
        said = self.said(shapes.RatingBody)
        given = ratings.rate(said.pop("firm"), said.pop("criterion"), by=self.person, at=timezone.now(), **said)
        return self.answer(given, status=201)

    @extend_schema(request=shapes.ModerationBody)
    @action(detail=True, methods=["post"], pagination_class=None)
    def moderation(self, request: Request, pk: int) -> Response:
        """Confirm a rating, or change it by saying another; both are kept."""
        rating = self.get_object()
        said = self.said(shapes.ModerationBody)
        return self.answer(ratings.moderate(rating, by=self.person, at=timezone.now(), **said))
