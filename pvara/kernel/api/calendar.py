"""The calendar for programs: the holidays that every working-day clock counts by, kept as on its page."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pvara.kernel import clock, deadlines
from pvara.kernel.models import Holiday
from pvara.kernel.web import KEEP_CALENDAR

from .bases import Reads
from .strict import Plain, Strict


class HolidayShape(serializers.ModelSerializer[Holiday]):
    class Meta:
        model = Holiday
        fields = ["id", "date", "name", "announced_by"]
        read_only_fields = fields


class HolidayBody(Strict):
    date = serializers.DateField()
    name = serializers.CharField(max_length=120)
    announced_by = serializers.CharField(max_length=200, help_text="The notification.")


class DeadlineShape(Plain):
    kind = serializers.CharField(source="row._meta.label_lower")
    id = serializers.IntegerField(source="row.pk")
    reference = serializers.CharField(source="row.reference")
    clock = serializers.CharField(source="rule.name")
    sentence = serializers.CharField(help_text="Such as: Reply was due 19 March 2026 and is due 20 March 2026")
    was_due = serializers.DateField()
    is_due = serializers.DateField()


class MovedShape(Plain):
    moved = serializers.IntegerField(help_text="How many open deadlines moved; the log of each case says why.")
    deadlines = DeadlineShape(many=True, help_text="Which ones.")


class AnnouncedShape(MovedShape):
    holiday = HolidayShape()


class Holidays(Reads):
    """Days on which Pakistan’s offices are shut; read by everybody who is signed in, kept by the supervisors."""

    queryset = Holiday.objects.all()
    serializer_class = HolidayShape
    filters = {"date": "date"}

    def get_queryset(self) -> QuerySet[Holiday]:
        return Holiday.objects.all()

    def _require_keeper(self) -> None:
        if not self.request.user.has_perm(KEEP_CALENDAR):
            raise PermissionDenied("The calendar is kept by the supervisors.")

    @extend_schema(request=HolidayBody, responses={201: AnnouncedShape})
    def create(self, request: Request) -> Response:
        """Announce a holiday: open deadlines that it moves are moved, and the log of each case says why."""
        self._require_keeper()
        said, at = self.said(HolidayBody), timezone.now()
        try:
            holiday, moved = deadlines.announce_holiday(
                said["date"], said["name"], announced_by=said["announced_by"], by=self.person, at=at
            )
        except clock.ClockError as refusal:
            raise ValidationError({"date": str(refusal)}) from refusal
        return Response(AnnouncedShape({"holiday": holiday, "moved": len(moved), "deadlines": moved}).data, status=201)

    @extend_schema(request=None, responses={200: MovedShape})
    def destroy(self, request: Request, pk: int) -> Response:
        """Withdraw a holiday, as when the moon was sighted a day later."""
        self._require_keeper()
        moved = deadlines.withdraw_holiday(self.get_object(), by=self.person, at=timezone.now())
        return Response(MovedShape({"moved": len(moved), "deadlines": moved}).data)
