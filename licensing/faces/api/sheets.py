"""Many criteria of a firm rated, or moderated, with one call: all of them or none."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import sheets
from licensing.actions.ratings import Judgement
from licensing.actions.sheets import SomeRefused, Word
from licensing.faces.api.assessment_shapes import (
    JudgementBody,
    ModerationBody,
    RatingShape,
    SealedRatingShape,
    asked_of,
)
from licensing.models import Firm, Rating, SealedRating
from pvara.kernel.api import Endpoint, Plain, Strict, VisibleField, problems
from pvara.kernel.seen import ChangedMeanwhile


class RatingsBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    ratings = serializers.ListField(child=JudgementBody(), allow_empty=False, max_length=60)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        codes = once_each(said["ratings"], "ratings")
        criteria = asked_of(said["firm"], codes, "ratings")
        judgements = [{**each, "criterion": row} for each, row in zip(said["ratings"], criteria, strict=True)]
        return {**said, "ratings": judgements}


class RatingsShape(Plain):
    """What became of each: a rating, or the sealed first of two."""

    ratings = RatingShape(many=True)
    sealed = SealedRatingShape(many=True)


class WordBody(ModerationBody):
    """What a moderator says of a criterion."""

    criterion = serializers.CharField(max_length=6, help_text="The code of the criterion that was rated, such as 1.1.")


class ModerationsBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    moderations = serializers.ListField(child=WordBody(), allow_empty=False, max_length=60)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        once_each(said["moderations"], "moderations")
        return said


def once_each(rows: list[dict[str, Any]], field: str) -> list[str]:
    """The codes of the criteria of which something is said. Raises by field where one comes twice."""
    codes = [each["criterion"] for each in rows]
    if twice := sorted({each for each in codes if codes.count(each) > 1}):
        raise serializers.ValidationError({field: f"Each criterion once; {', '.join(twice)} comes twice."})
    return codes


class WithSheets(Endpoint):
    """Adds `together/` and `moderations/` to the endpoints of ratings."""

    @extend_schema(request=RatingsBody, responses={201: RatingsShape})
    @action(detail=False, methods=["post"], pagination_class=None)
    def together(self, request: Request) -> Response:
        """Rate a firm on several criteria, all of them or none. The firm's score changes once.

        Each as by itself: the first of two ratings is sealed, the second opens both. Where some are refused nothing is
        written, and `errors` names every one of them by its place in the list.
        """
        said = self.said(RatingsBody)
        judgements = [Judgement(**each) for each in said["ratings"]]
        try:
            given = sheets.rate_together(said["firm"], judgements, by=self.person, at=timezone.now())
        except SomeRefused as refusal:
            return each_refused(refusal, "ratings", [each.criterion.code for each in judgements])
        found = {
            "ratings": [each for each in given if isinstance(each, Rating)],
            "sealed": [each for each in given if isinstance(each, SealedRating)],
        }
        return Response(RatingsShape(found, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=ModerationsBody, responses=RatingShape(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def moderations(self, request: Request) -> Response:
        """Confirm or change what a firm was given on several criteria, all of them or none. The score changes once.

        Where some are refused nothing is written, and `errors` names every one of them by its place in the list.
        """
        said = self.said(ModerationsBody)
        words = {each.pop("criterion"): Word(**each) for each in said["moderations"]}
        try:
            given = sheets.moderate_together(said["firm"], words, by=self.person, at=timezone.now())
        except SomeRefused as refusal:
            return each_refused(refusal, "moderations", list(words))
        return Response(RatingShape(given, many=True, context=self.get_serializer_context()).data)


def each_refused(refusal: SomeRefused, field: str, codes: list[str]) -> Response:
    """Every criterion that was refused, by the path of it; 409 where something is to be read again first."""
    errors = []
    for code, why in refusal.refused.items():
        path = f"{field}.{codes.index(code)}"
        match why:
            case ChangedMeanwhile():
                errors.append(problems.error("changed_meanwhile", f"{code}: {why}", field=f"{path}.seen"))
            case PermissionDenied():
                errors.append(problems.error("permission_denied", f"{code}: {why}", field=path))
            case _:
                for each in problems.faults(why):
                    at = f"{path}.{each['field']}" if each["field"] else path
                    errors.append({**each, "detail": f"{code}: {each['detail']}", "field": at})
    if any(isinstance(each, ChangedMeanwhile) for each in refusal.refused.values()):
        return problems.problem(409, "changed_meanwhile", "Somebody wrote meanwhile: read it first.", errors=errors)
    return problems.problem(400, "invalid", problems.summary(errors), errors=errors)
