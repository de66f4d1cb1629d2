"""The settings of the regime for programs of the regulator's people: what is in force, every version, and changes."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.actions import settings
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import StateTitle
from licensing.faces.settings import section_of
from licensing.models import SettingChange
from licensing.models.settings import every_setting, setting_called
from pvara.kernel.api import Endpoint, Moves, Plain, Reads, Strict
from pvara.kernel.models import Figure

KEY = OpenApiParameter(
    "key", str, OpenApiParameter.PATH, description="Such as noc.decision, fee.annual, capital.exchange."
)
VALUE = "A number, true or false, words, or a list of words, as its unit says."


class VersionShape(Plain):
    value = serializers.JSONField(help_text=VALUE)
    unit = serializers.ChoiceField(choices=Figure.Unit.choices)
    words = serializers.CharField(help_text="As people read it.")
    effective_from = serializers.DateField()
    mark = serializers.ChoiceField(choices=Figure.Mark.choices)
    source: Any = serializers.CharField()


class SettingShape(Plain):
    key = serializers.CharField()
    title = serializers.CharField()
    section = serializers.SerializerMethodField()
    in_force = serializers.SerializerMethodField(help_text="Null before its first day.")
    versions = VersionShape(many=True, help_text="All that are published, the newest first.")

    def get_section(self, setting: Any) -> str:
        return section_of(setting.key)

    def get_in_force(self, setting: Any) -> dict[str, Any] | None:
        now = setting.on(timezone.localdate())
        return VersionShape(now).data if now else None


class SettingChangeShape(serializers.ModelSerializer[SettingChange]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    was = serializers.JSONField(read_only=True)
    value = serializers.JSONField(read_only=True)
    proposed_by = PersonName(read_only=True)
    published_by = PersonName(read_only=True, allow_null=True)
    refused_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = SettingChange
        fields = [
            "id",
            "reference",
            "key",
            "title",
            "was",
            "was_unit",
            "value",
            "unit",
            "effective_from",
            "source",
            "reasons",
            "state",
            "state_title",
            "version",
            "proposed_by",
            "proposed_at",
            "published_by",
            "refused_by",
        ]
        read_only_fields = fields


class ProposalBody(Strict):
    key = serializers.CharField(max_length=80)
    value = serializers.JSONField(help_text=VALUE)
    unit = serializers.ChoiceField(
        choices=Figure.Unit.choices, required=False, help_text="Only for terms: working_days or days. Else as it is."
    )
    effective_from = serializers.DateField(help_text="A day to come.")
    source: Any = serializers.CharField(max_length=500, help_text="The decision, rule or notification.")
    reasons = serializers.CharField(max_length=20000)


def _staff(user: Any) -> None:
    if not user.has_perm(READ_CASES):
        raise PermissionDenied("The settings are read by the regulator's people.")


class Settings(Endpoint):
    """Every number, switch and list that the rules are counted by."""

    serializer_class = SettingShape

    @extend_schema(operation_id="settings", responses=SettingShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """All settings with their versions, in the order of their keys."""
        _staff(request.user)
        return Response(SettingShape(list(every_setting().values()), many=True).data)


class OneSetting(Endpoint):
    serializer_class = SettingShape

    @extend_schema(operation_id="setting", parameters=[KEY], responses=SettingShape)
    def retrieve(self, request: Request, key: str) -> Response:
        """One setting with its versions."""
        _staff(request.user)
        found = setting_called(key)
        if found is None:
            raise Http404(f"There is no setting “{key}”.")
        return Response(SettingShape(found).data)


class SettingChanges(Reads, Moves):
    """Proposals to change a setting; publishing one adds a version that takes effect on its day."""

    queryset = SettingChange.objects.all()
    serializer_class = SettingChangeShape
    filters = {"state": "state", "key": "key"}

    def get_queryset(self) -> QuerySet[SettingChange]:
        _staff(self.request.user)
        rows = SettingChange.objects.visible_to(self.request.user)
        return rows.select_related("proposed_by", "published_by", "refused_by")

    @extend_schema(request=ProposalBody, responses={201: SettingChangeShape})
    def create(self, request: Request) -> Response:
        """Propose a change; somebody else publishes or refuses it."""
        said = self.said(ProposalBody)
        made = settings.propose(said.pop("key"), said.pop("value"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(made), status=201)
