"""What a case is judged by: the framework, evidence, ratings, and the score with every gate's verdict.

Ratings and figures are the regulator's. A firm's own people see the colour of each domain and the criteria that are
not met; of the numbers the total at most, and only where a setting says so.
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
from licensing.actions import evidence, ratings, seconds
from licensing.faces.api import assessment_shapes as shapes
from licensing.faces.api.readiness_shapes import ReadinessShape, readiness_shown
from licensing.faces.api.sheets import WithSheets
from licensing.models import Evidence, Firm, Framework, Rating, SealedRating
from licensing.models.framework import framework_row
from licensing.models.readiness import readiness_of
from licensing.models.scores import score_of
from licensing.scoring import PHASES
from pvara.kernel import figures
from pvara.kernel.api import Endpoint, Moves, OneFile, Reads
from pvara.kernel.downloads import handed_out
from pvara.kernel.uploads import Scan

PHASE = OpenApiParameter(
    "phase", {"type": "string", "enum": list(PHASES)}, description="As of which phase; FULL unless you say otherwise."
)


def phase_asked(request: Request) -> str:
    phase = request.query_params.get("phase", "FULL")
    if phase not in PHASES:
        raise ValidationError({"phase": f"Choose one of: {', '.join(PHASES)}."})
    return phase


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
        """A firm's score now. Staff see every figure and verdict; the firm sees colours and what is not met.

        The firm sees the total too where the setting `score.total_shown` is on.
        """
        phase = phase_asked(request)
        at = timezone.now()
        score = score_of(self.get_object(), phase, at)
        in_full = request.user.has_perm(READ_CASES)
        total = in_full or figures.value("score.total_shown", on=timezone.localdate(at))
        return Response(shapes.score_shown(score, in_full=in_full, total=total))


class ReadinessOfFirm(Endpoint):
    serializer_class = ReadinessShape

    parameters = {"retrieve": frozenset({"phase"})}

    def get_queryset(self) -> QuerySet[Firm]:
        return Firm.objects.visible_to(self.request.user)

    @extend_schema(operation_id="firms_readiness", responses=ReadinessShape, parameters=[PHASE])
    def retrieve(self, request: Request, pk: int) -> Response:
        """What a phase asks of a firm, what would show it, and what of that is there: colours, and no figure.

        The total is said where the setting `score.total_shown` is on.
        """
        phase = phase_asked(request)
        at = timezone.now()
        found = readiness_of(self.get_object(), phase, at)
        total_shown = figures.value("score.total_shown", on=timezone.localdate(at))
        return Response(ReadinessShape(readiness_shown(found, total=total_shown)).data)


# ── Evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class Pieces(Reads, Moves):
    """Evidence: documents of firms, each for some criteria, accepted or rejected by staff."""

    queryset = Evidence.objects.all()
    serializer_class = shapes.EvidenceShape
    filters = {"state": "state", "firm": "firm_id"}

    def get_queryset(self) -> QuerySet[Evidence]:
        rows = Evidence.objects.visible_to(self.request.user).select_related(
            "firm", "kind", "uploaded_by", "accepted_by", "replaced_by"
        )
        return rows.prefetch_related("links__criterion")

    def get_parsers(self) -> list[Any]:
        # Only here does a form come in, because only here does a file.
        posted = self.request is not None and self.request.method == "POST" and "pk" not in self.kwargs
        return [OneFile()] if posted else super().get_parsers()

    @extend_schema(request={"multipart/form-data": shapes.UploadBody}, responses={201: shapes.EvidenceShape})
    def create(self, request: Request) -> Response:
        """Upload a document for one or more criteria, or a newer version of one that is there."""
        said = self.said(shapes.UploadBody)
        piece = evidence.upload_evidence(said.pop("firm"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(piece), status=201)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None)
    def file(self, request: Request, pk: int) -> FileResponse:
        """The document itself."""
        piece = self.get_object()
        if piece.scan == Scan.INFECTED:
            raise PermissionDenied("This file is infected; it is not handed out.")
        return handed_out(piece.file, piece.file_name)


# ── Ratings ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class Ratings(WithSheets, Reads):
    """Ratings of firms on criteria, with what the moderator made of them; for staff."""

    queryset = Rating.objects.all()
    serializer_class = shapes.RatingShape
    filters = {"firm": "firm_id", "current": "current"}

    def get_queryset(self) -> QuerySet[Rating]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Ratings are read by the regulator's people.")
        rows = Rating.objects.visible_to(self.request.user)
        return rows.select_related("firm", "criterion", "assessor", "second_assessor", "moderator").prefetch_related(
            "evidence", "second_evidence"
        )

    @extend_schema(request=shapes.RatingBody, responses={201: shapes.RatingShape, 202: shapes.SealedRatingShape})
    def create(self, request: Request) -> Response:
        """Rate a firm on a criterion. A former rating stays on record.

        Where the framework asks for two ratings, the first is sealed (202); the second opens both (201).
        """
        said = self.said(shapes.RatingBody)
        given = seconds.give_rating(said.pop("firm"), said.pop("criterion"), by=self.person, at=timezone.now(), **said)
        if isinstance(given, SealedRating):
            return Response(shapes.SealedRatingShape(given, context=self.get_serializer_context()).data, status=202)
        return self.answer(given, status=201)

    @extend_schema(request=shapes.ModerationBody)
    @action(detail=True, methods=["post"], pagination_class=None)
    def moderation(self, request: Request, pk: int) -> Response:
        """Confirm a rating, or change it by saying another; both are kept."""
        rating = self.get_object()
        said = self.said(shapes.ModerationBody)
        return self.answer(ratings.moderate(rating, by=self.person, at=timezone.now(), **said))


class SealedRatings(Reads):
    """First ratings that wait for a second, by another assessor; for staff, who read what they gave themselves."""

    queryset = SealedRating.objects.all()
    serializer_class = shapes.SealedRatingShape
    filters = {"firm": "firm_id"}

    def get_queryset(self) -> QuerySet[SealedRating]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Ratings are read by the regulator's people.")
        rows = SealedRating.objects.visible_to(self.request.user).filter(waits=True)
        return rows.select_related("firm", "criterion", "assessor")
