"""How the rows of licensing look from outside: firms, cases, licences. Read only; what comes in stands in `bodies`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing import standing
from licensing.models import (
    AmlRegistration,
    Condition,
    Firm,
    Licence,
    LicenceApplication,
    Milestone,
    Mou,
    NocApplication,
    SetUp,
    VenueStanding,
)
from pvara.kernel import deadlines
from pvara.kernel.seen import mark


@extend_schema_field(OpenApiTypes.STR)
class Colleague(serializers.Field[Any, Any, Any, Any]):
    """The name of one of the regulator's people; for the regulator's people only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> str | None:
        request = self.context.get("request")
        return str(value) if request is not None and request.user.is_staff else None


class StateTitle(serializers.CharField):
    """The state in people's words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, source="get_state_display", **kwargs)


class FirmName(serializers.ModelSerializer[Firm]):
    class Meta:
        model = Firm
        fields = ["id", "legal_name", "trading_name"]


class MouShape(serializers.ModelSerializer[Mou]):
    source: Any = serializers.CharField(read_only=True, help_text="A web address, or empty.")

    class Meta:
        model = Mou
        fields = ["title", "state_party", "signed_on", "scope", "source"]


class FirmShape(serializers.ModelSerializer[Firm]):
    website = serializers.CharField(read_only=True, help_text="A web address, or empty.")
    mous = MouShape(many=True, read_only=True, source="advising_mous")
    advises_the_state = serializers.BooleanField(
        read_only=True, help_text="An agreement with the state is a conflict of interest; its cases show it."
    )

    class Meta:
        model = Firm
        fields = [
            "id",
            "legal_name",
            "trading_name",
            "country",
            "home_regulator",
            "home_licence_number",
            "website",
            "lei",
            "public_note",
            "invented",
            "created_at",
            "advises_the_state",
            "mous",
        ]
        read_only_fields = fields


# ── Clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class SpanShape(serializers.Serializer[Any]):
    running = serializers.BooleanField(help_text="false while the clock was paused")
    after = serializers.DateField(source="first", help_text="The day from which it is counted; the day after is day 1.")
    until = serializers.DateField(source="last")
    days = serializers.IntegerField(help_text="in the unit of the clock")
    reason = serializers.CharField()
    holidays = serializers.ListField(child=serializers.CharField(), help_text="left out of the count")
    is_open = serializers.BooleanField()


class ClockShape(serializers.Serializer[Any]):
    clock = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField(
        help_text="For example: day 31 of 60, paused 13 days (9 working days) for request RFI-2026-00001, "
        "decision due 2 March 2027"
    )
    status = serializers.CharField(help_text="not started, running, paused or stopped")
    unit = serializers.CharField(help_text="working_days or days")
    length = serializers.IntegerField()
    elapsed = serializers.IntegerField()
    paused = serializers.IntegerField()
    remaining = serializers.IntegerField()
    due_on = serializers.DateField(allow_null=True)
    breached = serializers.BooleanField()
    figure = serializers.CharField(help_text="The figure that sets the term; the case keeps that of the day it began.")
    figure_from = serializers.DateField(help_text="The day from which this version of the figure holds.")
    figure_source = serializers.CharField(help_text="Where the figure comes from, or that it is our own proposal.")
    added = serializers.IntegerField(help_text="What was added to the term of this one case.")
    spans = SpanShape(many=True)


@extend_schema_field(ClockShape(many=True))
class Clocks(serializers.Field[Any, Any, Any, Any]):
    """Every statutory clock of a row that has started, explained stretch by stretch.

    A firm is told of its own clocks and of those of our decisions; see `licensing/faces/clocks.py`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, source="*", **kwargs)

    def to_representation(self, subject: Any) -> list[dict[str, Any]]:
        request = self.context.get("request")
        staff = request is not None and request.user.is_staff
        found = deadlines.explain(subject, timezone.now())
        return [clock_shown(each) for each in found if staff or not each.ticking.rule.inward]


def clock_shown(each: deadlines.Explanation) -> dict[str, Any]:
    reading = each.ticking.reading
    return {
        "clock": each.ticking.rule.name,
        "title": each.ticking.title,
        "sentence": each.sentence,
        "status": reading.status,
        "unit": reading.limit.unit,
        "length": reading.limit.length,
        "elapsed": reading.elapsed,
        "paused": reading.paused,
        "remaining": reading.remaining,
        "due_on": reading.due_on,
        "breached": reading.breached,
        "figure": each.figure.key,
        "figure_from": each.figure.effective_from,
        "figure_source": each.figure.source,
        "added": each.more,
        "spans": SpanShape(each.spans, many=True).data,
    }


# ── Conditions ───────────────────────────────────────────────────────────────────────────────────────────────────────
class ConditionBrief(serializers.ModelSerializer[Condition]):
    """A condition as its case shows it; its own address has its moves."""

    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)

    class Meta:
        model = Condition
        fields = ["id", "number", "kind", "text", "due_on", "is_public", "state", "state_title", "version"]
        read_only_fields = fields


# ── Cases ────────────────────────────────────────────────────────────────────────────────────────────────────────────
CASE = ["id", "reference", "firm", "state", "state_title", "version", "opened_at"]
APPLICATION = [
    *CASE,
    "answers",
    "seen",
    "conditions",
    "fee_reference",
    "declaration_signed_at",
    "declaration_signed_by",
    "submitted_by",
    "case_officer",
    "recommended_by",
    "decided_by",
    "clocks",
]


class CaseShape(serializers.ModelSerializer[Any]):
    firm = FirmName(read_only=True)
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)


class ApplicationShape(CaseShape):
    answers = serializers.DictField(
        child=serializers.DictField(), read_only=True, help_text="By section, then by question."
    )
    seen = serializers.SerializerMethodField(help_text="The mark of all the answers, to be sent with the declaration.")
    conditions = ConditionBrief(many=True, read_only=True, source="imposed_conditions")
    declaration_signed_by = serializers.StringRelatedField[Any](allow_null=True)
    submitted_by = serializers.StringRelatedField[Any](allow_null=True)
    case_officer = Colleague()
    recommended_by = Colleague()
    decided_by = Colleague()
    clocks = Clocks()

    def get_seen(self, case: Any) -> str:
        return mark(case.answers)


class NocApplicationBrief(CaseShape):
    class Meta:
        model = NocApplication
        fields = CASE
        read_only_fields = fields


class NocApplicationShape(ApplicationShape):
    class Meta:
        model = NocApplication
        fields = [*APPLICATION, "granted_at", "valid_to"]
        read_only_fields = fields


class LicenceApplicationBrief(CaseShape):
    class Meta:
        model = LicenceApplication
        fields = [*CASE, "setup"]
        read_only_fields = fields


class LicenceApplicationShape(ApplicationShape):
    granted_by = Colleague()

    class Meta:
        model = LicenceApplication
        fields = [*APPLICATION, "setup", "granted_by"]
        read_only_fields = fields


class MilestoneBrief(serializers.ModelSerializer[Milestone]):
    reference = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True, source="get_code_display")
    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)
    particulars = serializers.DictField(read_only=True)
    seen = serializers.SerializerMethodField(help_text="The mark of the particulars, to be sent with others.")
    submitted_by = serializers.StringRelatedField[Any](allow_null=True)
    verified_by = Colleague()

    class Meta:
        model = Milestone
        fields = [
            "id",
            "reference",
            "setup",
            "code",
            "title",
            "state",
            "state_title",
            "version",
            "particulars",
            "seen",
            "submitted_by",
            "verified_by",
        ]
        read_only_fields = fields

    def get_seen(self, milestone: Milestone) -> str:
        return mark(milestone.described)


class SetUpBrief(CaseShape):
    class Meta:
        model = SetUp
        fields = [*CASE, "noc"]
        read_only_fields = fields


class SetUpShape(CaseShape):
    milestones = MilestoneBrief(many=True, read_only=True)
    subsidiary_name = serializers.CharField(read_only=True)
    confirmed_by = Colleague()
    clocks = Clocks()

    class Meta:
        model = SetUp
        fields = [*CASE, "noc", "subsidiary_name", "confirmed_by", "milestones", "clocks"]
        read_only_fields = fields


class AmlRegistrationBrief(CaseShape):
    class Meta:
        model = AmlRegistration
        fields = [
            "id",
            "reference",
            "firm",
            "setup",
            "state",
            "state_title",
            "version",
            "services",
            "requested_at",
        ]
        read_only_fields = fields


class AmlRegistrationShape(CaseShape):
    requested_by = Colleague()
    decided_by = Colleague()
    clocks = Clocks()

    class Meta:
        model = AmlRegistration
        fields = [*AmlRegistrationBrief.Meta.fields, "reasons", "requested_by", "decided_by", "clocks"]
        read_only_fields = fields


# ── Licences ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@extend_schema_field(OpenApiTypes.BOOL)
class MayDistribute(serializers.Field[Any, Any, Any, Any]):
    """Whether the venue may distribute at this moment, the end of its standing included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, source="*", **kwargs)

    def to_representation(self, venue: VenueStanding) -> bool:
        return standing.may_distribute(venue, timezone.now())


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Reasons(serializers.Field[Any, Any, Any, Any]):
    """Why a venue may not distribute. A reason may speak of the score, so it is for the regulator's people only."""

    def to_representation(self, value: list[str]) -> list[str]:
        return list(value) if self.context["request"].user.is_staff else []


class StandingShape(serializers.ModelSerializer[VenueStanding]):
    may_distribute = MayDistribute()
    reasons = Reasons(read_only=True)

    class Meta:
        model = VenueStanding
        fields = ["id", "may_distribute", "holds_until", "reasons", "standing_version", "changed_at"]
        read_only_fields = fields


class LicenceBrief(CaseShape):
    conditions = ConditionBrief(many=True, read_only=True, source="imposed_conditions")
    standing = StandingShape(read_only=True, allow_null=True)
    suspended_by = Colleague()
    revoked_by = Colleague()

    class Meta:
        model = Licence
        fields = [
            *(each for each in CASE if each != "opened_at"),
            "application",
            "holder_name",
            "cuin",
            "activities",
            "conditions",
            "granted_at",
            "valid_from",
            "valid_to",
            "standing",
            "suspended_by",
            "revoked_by",
        ]
        read_only_fields = fields


class LicenceShape(LicenceBrief):
    clocks = Clocks()

    class Meta:
        model = Licence
        fields = [*LicenceBrief.Meta.fields, "clocks"]
        read_only_fields = fields
