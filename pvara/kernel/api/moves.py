"""The moves of any machine, for programs: what may be done next and what stands in the way, and the move itself."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pvara.kernel.machine import Stateful, moves, perform

from .bases import Endpoint
from .strict import ObjectField, Plain, Strict

# The audit entry keeps the facts of the gates under this key, so nobody may send it.
RESERVED = "gates"


class MoveBody(Strict):
    expected_version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The version of the object as you saw it."
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=4000, help_text="The reasons; some moves ask for them."
    )
    data: Any = ObjectField(required=False, help_text="Particulars that the audit log keeps with the move.")

    def validate_data(self, data: dict[str, Any]) -> dict[str, Any]:
        if RESERVED in data:
            raise serializers.ValidationError(f"“{RESERVED}” is written by the gates themselves.", code="reserved")
        return data


class UnmetShape(Plain):
    code = serializers.CharField(help_text="The gate's name, for programs.")
    reason = serializers.CharField()
    details = serializers.ListField(child=serializers.CharField())


class OfferShape(Plain):
    name = serializers.CharField()
    title = serializers.CharField()
    target = serializers.CharField(help_text="The state that the move leads to.")
    note_required = serializers.BooleanField()
    note_title = serializers.CharField(help_text="What the note is for, when it is not the reasons.")
    permitted = serializers.BooleanField(help_text="Whether you are among those who may make it.")
    possible = serializers.BooleanField(help_text="Whether you could make it now.")
    unmet = UnmetShape(many=True, help_text="Every gate that is shut, with its reason.")


class Moves(Endpoint):
    """Adds `moves/` and `moves/{name}/` to the endpoints of a Stateful model."""

    def fresh(self, subject: Stateful) -> Any:
        """The object again, with all that its detail shows."""
        return self.get_queryset().get(pk=subject.pk)

    @extend_schema(responses=OfferShape(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def moves(self, request: Request, pk: int) -> Response:
        """What may be done next, whether you are permitted, and what stands in the way."""
        offers = moves(self.get_object(), by=self.person, at=timezone.now())
        if not request.user.is_staff:
            # A shut gate may speak of the score, which is the regulator's until it is decided.
            offers = [each for each in offers if each.permitted]
        return Response(OfferShape(offers, many=True).data)

    @extend_schema(request=MoveBody)
    @action(detail=True, methods=["post"], url_path="moves/<str:name>", pagination_class=None)
    def move(self, request: Request, pk: int, name: str) -> Response:
        """Make a move. Refused with 422 and every shut gate, or 409 if the version is no longer the present one."""
        subject = self.get_object()
        moved = perform(subject, name, by=self.person, at=timezone.now(), **self.said(MoveBody))
        return self.answer(self.fresh(moved))
