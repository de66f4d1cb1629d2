"""Ownership: statements with who is behind a firm as worked out from them, and changes of control."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import ownership
from licensing.actions import ownership as actions
from licensing.faces.api.shapes import Colleague, FirmName, StateTitle
from licensing.faces.people import behind, changed, changes_of
from licensing.models import ChangeOfControl, Firm, Holding, Owner, OwnershipStatement
from licensing.models.ownership import KINDS, RIGHTS
from pvara.kernel.api import Moves, Plain, Reads, Strict, VisibleField


class Percent(serializers.DecimalField):
    """Per cent as text, with at most four places."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=7, decimal_places=4, **kwargs)


# ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────────────
class PartyShape(serializers.ModelSerializer[Owner]):
    class Meta:
        model = Owner
        fields = ["name", "kind", "country"]
        read_only_fields = fields


class HeldShape(serializers.ModelSerializer[Holding]):
    holder = serializers.CharField(read_only=True, source="holder.name")
    held = serializers.CharField(read_only=True, source="held.name")
    percent = Percent(read_only=True, source="percentage")

    class Meta:
        model = Holding
        fields = ["holder", "held", "right", "percent"]
        read_only_fields = fields


class BeneficialOwnerShape(Plain):
    name = serializers.CharField()
    kind = serializers.CharField()
    country = serializers.CharField()
    share = serializers.DecimalField(max_digits=7, decimal_places=4, help_text="Of the shares, through every chain.")
    votes = serializers.DecimalField(max_digits=7, decimal_places=4, help_text="Of the votes, through every chain.")
    controls = serializers.BooleanField()
    disclosed = serializers.BooleanField(help_text="Whether the holding is large enough to be disclosed.")


class LinkShape(Plain):
    depth = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()
    holds = serializers.CharField()
    again = serializers.BooleanField(help_text="Its own holders stand above already.")


class BehindShape(Plain):
    """One company, who owns and controls it, and how."""

    company = serializers.CharField()
    controllers = serializers.ListField(child=serializers.CharField())
    owners = BeneficialOwnerShape(many=True)
    chain = LinkShape(many=True)


class OwnershipStatementBrief(serializers.ModelSerializer[OwnershipStatement]):
    reference = serializers.CharField(read_only=True)
    firm = FirmName(read_only=True)
    change = serializers.SerializerMethodField(
        help_text="The change of control with which it was notified: then it takes effect with our no objection only."
    )

    class Meta:
        model = OwnershipStatement
        fields = ["id", "reference", "firm", "as_at", "subsidiary_name", "submitted_at", "change"]
        read_only_fields = fields

    def get_change(self, statement: OwnershipStatement) -> int | None:
        change = getattr(statement, "change", None)
        return None if change is None else change.pk


class OwnershipStatementShape(OwnershipStatementBrief):
    parties = PartyShape(many=True, read_only=True, source="owners")
    holdings = HeldShape(many=True, read_only=True)
    behind = serializers.SerializerMethodField()

    class Meta:
        model = OwnershipStatement
        fields = [*OwnershipStatementBrief.Meta.fields, "parties", "holdings", "behind"]
        read_only_fields = fields

    @extend_schema_field(BehindShape(many=True))
    def get_behind(self, statement: OwnershipStatement) -> Any:
        return BehindShape(behind(statement, timezone.now()), many=True).data


class HoldingBody(Strict):
    holder = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Dispersed holders need no name."
    )
    kind = serializers.ChoiceField(choices=KINDS, help_text="What the holder is.")
    country = serializers.CharField(max_length=80, required=False, allow_blank=True)
    held = serializers.CharField(max_length=200, help_text="The company that is held.")
    right = serializers.ChoiceField(choices=RIGHTS)
    percent = Percent(required=False, allow_null=True, help_text="Control by other means has none.")


class OwnershipBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    as_at = serializers.DateField()
    subsidiary_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    holdings = serializers.ListField(
        child=HoldingBody(), min_length=1, max_length=actions.MOST_ROWS, help_text="The whole chain, to any depth."
    )


class ChangeBody(OwnershipBody):
    reason = serializers.CharField(max_length=4000, help_text="What changes, and why.")


def rows_of(said: dict[str, Any]) -> list[ownership.Row]:
    """The holdings as the action takes them."""
    return [
        ownership.Row(
            each.get("holder", ""),
            ownership.Kind(each["kind"]),
            each["held"],
            each.get("percent") or Decimal(0),
            ownership.Right(each["right"]),
            each.get("country", ""),
        )
        for each in said["holdings"]
    ]


class OwnershipStatements(Reads):
    """What firms stated of their ownership, newest first; each stands as it was submitted."""

    queryset = OwnershipStatement.objects.all()
    serializer_class = OwnershipStatementShape
    brief_class = OwnershipStatementBrief
    filters = {"firm": "firm_id"}

    def get_queryset(self) -> QuerySet[OwnershipStatement]:
        rows = OwnershipStatement.objects.visible_to(self.request.user).select_related("firm", "change")
        if self.action == "list":
            return rows
        return rows.prefetch_related("owners", "holdings__holder", "holdings__held")

    @extend_schema(request=OwnershipBody, responses={201: OwnershipStatementShape})
    def create(self, request: Request) -> Response:
        """State a firm's whole ownership. Refused where it differs from what a decision rests on."""
        said = self.said(OwnershipBody)
        kept = actions.submit_statement(
            said["firm"],
            rows_of(said),
            by=self.person,
            at=timezone.now(),
            as_at=_day(said),
            subsidiary_name=said.get("subsidiary_name", ""),
        )
        return self.answer(self.get_queryset().get(pk=kept.pk), status=201)


def _day(said: dict[str, Any]) -> date:
    day: date = said["as_at"]
    return day


# ── Changes of control ───────────────────────────────────────────────────────────────────────────────────────────────
class DifferenceShape(Plain):
    holder = serializers.CharField()
    held = serializers.CharField()
    right = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ChangeBrief(serializers.ModelSerializer[ChangeOfControl]):
    reference = serializers.CharField(read_only=True)
    firm = FirmName(read_only=True)
    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)

    class Meta:
        model = ChangeOfControl
        fields = [
            "id",
            "reference",
            "firm",
            "state",
            "state_title",
            "version",
            "statement",
            "replaces",
            "reason",
            "notified_at",
            "decided_at",
        ]
        read_only_fields = fields


class ChangeShape(ChangeBrief):
    finding = serializers.SerializerMethodField(help_text="For the regulator's people only.")
    assessed_by = Colleague()
    decided_by = Colleague()
    differences = serializers.SerializerMethodField()
    behind_after = serializers.SerializerMethodField(help_text="Who would be behind the firm.")

    class Meta:
        model = ChangeOfControl
        fields = [
            *ChangeBrief.Meta.fields,
            "finding",
            "assessed_by",
            "decided_by",
            "differences",
            "behind_after",
        ]
        read_only_fields = fields

    def get_finding(self, change: ChangeOfControl) -> str:
        return change.finding if self.context["request"].user.is_staff else ""

    @extend_schema_field(DifferenceShape(many=True))
    def get_differences(self, change: ChangeOfControl) -> Any:
        return DifferenceShape(changed(change.replaces, change.statement), many=True).data

    @extend_schema_field(BehindShape(many=True))
    def get_behind_after(self, change: ChangeOfControl) -> Any:
        return BehindShape(behind(change.statement, timezone.now()), many=True).data


class ChangesOfControl(Reads, Moves):
    """Intended changes of ownership or control; each takes effect with our no objection, and not before."""

    queryset = ChangeOfControl.objects.all()
    serializer_class = ChangeShape
    brief_class = ChangeBrief
    filters = {"firm": "firm_id", "state": "state"}

    def get_queryset(self) -> QuerySet[ChangeOfControl]:
        if self.action == "list":
            return ChangeOfControl.objects.visible_to(self.request.user).select_related("firm")
        found: QuerySet[ChangeOfControl] = changes_of(self.request.user)
        return found

    @extend_schema(request=ChangeBody, responses={201: ChangeShape})
    def create(self, request: Request) -> Response:
        """Notify an intended change, with the ownership as it is to be. Do not make it before we decide."""
        said = self.said(ChangeBody)
        notified = actions.notify_change(
            said["firm"],
            rows_of(said),
            by=self.person,
            at=timezone.now(),
            as_at=_day(said),
            subsidiary_name=said.get("subsidiary_name", ""),
            reason=said["reason"],
        )
        return self.answer(self.fresh(notified), status=201)
