"""How frameworks, evidence, ratings and scores look from outside, and what comes in for them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from licensing import scoring
from licensing.faces.api.shapes import Colleague, FirmName, StateTitle
from licensing.models import Criterion, Domain, Evidence, EvidenceLink, Firm, Framework, GateBar, GateFloor, Rating
from licensing.models.framework import framework_row
from pvara.kernel.api import Plain, Strict, VisibleField


# ── The framework ────────────────────────────────────────────────────────────────────────────────────────────────────
class CriterionShape(serializers.ModelSerializer[Criterion]):
    mark = serializers.CharField(read_only=True, help_text="mandatory, knock_out or empty")

    class Meta:
        model = Criterion
        fields = ["code", "title", "points", "applies_from", "mark", "evidence_wanted", "validity_months"]
        read_only_fields = fields


class DomainShape(serializers.ModelSerializer[Domain]):
    criteria = CriterionShape(many=True, read_only=True)

    class Meta:
        model = Domain
        fields = ["code", "title", "criteria"]
        read_only_fields = fields


class FloorShape(serializers.ModelSerializer[GateFloor]):
    domain = serializers.CharField(read_only=True, source="domain.code")

    class Meta:
        model = GateFloor
        fields = ["domain", "floor"]
        read_only_fields = fields


class GateShape(serializers.ModelSerializer[GateBar]):
    floors = FloorShape(many=True, read_only=True)

    class Meta:
        model = GateBar
        fields = ["code", "title", "phase", "total", "other_floor", "conditions_below", "floors"]
        read_only_fields = fields


class FrameworkShape(serializers.ModelSerializer[Framework]):
    domains = DomainShape(many=True, read_only=True)
    gates = GateShape(many=True, read_only=True)

    class Meta:
        model = Framework
        fields = ["version", "status", "effective_from", "green", "amber", "domains", "gates"]
        read_only_fields = fields


class CriterionField(serializers.SlugRelatedField[Criterion]):
    """A criterion of the framework in force, by its code, such as 1.1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", queryset=Criterion.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[Criterion]:
        return Criterion.objects.filter(domain__framework=framework_row(timezone.localdate()))


# ── Evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class EvidenceLinkShape(serializers.ModelSerializer[EvidenceLink]):
    criterion = serializers.CharField(read_only=True, source="criterion.code")

    class Meta:
        model = EvidenceLink
        fields = ["criterion", "expires_on"]
        read_only_fields = fields


class EvidenceShape(serializers.ModelSerializer[Evidence]):
    firm = FirmName(read_only=True)
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)
    criteria = EvidenceLinkShape(many=True, read_only=True, source="links")
    uploaded_by = serializers.StringRelatedField[Any]()
    accepted_by = Colleague()

    class Meta:
        model = Evidence
        fields = [
            "id",
            "reference",
            "firm",
            "state",
            "state_title",
            "version",
            "title",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "scan",
            "criteria",
            "uploaded_by",
            "uploaded_at",
            "accepted_by",
        ]
        read_only_fields = fields


class UploadBody(Plain):
    firm = VisibleField(queryset=Firm.objects.all())
    title = serializers.CharField(max_length=200)
    criteria = serializers.ListField(
        child=CriterionField(), min_length=1, max_length=60, help_text="Codes of the framework, such as 1.1."
    )
    file = serializers.FileField(allow_empty_file=True, max_length=150)


# ── Ratings ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class RatingShape(serializers.ModelSerializer[Rating]):
    firm = FirmName(read_only=True)
    criterion = serializers.CharField(read_only=True, source="criterion.code")
    criterion_title = serializers.CharField(read_only=True, source="criterion.title")
    label: Any = serializers.CharField(read_only=True, help_text="What counts, in words.")
    assessor = serializers.StringRelatedField[Any]()
    moderator = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = Rating
        fields = [
            "id",
            "firm",
            "criterion",
            "criterion_title",
            "current",
            "rating",
            "not_applicable",
            "label",
            "rationale",
            "assessor",
            "rated_at",
            "moderated_rating",
            "moderator",
            "moderated_at",
            "moderation_note",
        ]
        read_only_fields = fields


class RatingBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())
    criterion = CriterionField()
    rating = serializers.IntegerField(
        min_value=0,
        max_value=scoring.BEST,
        allow_null=True,
        default=None,
        help_text="0 not met, 1 weak, 2 partial, 3 largely met, 4 fully met; null when not applicable.",
    )
    not_applicable = serializers.BooleanField(default=False)
    rationale = serializers.CharField(max_length=20_000)


class ModerationBody(Strict):
    rating = serializers.IntegerField(
        min_value=0,
        max_value=scoring.BEST,
        allow_null=True,
        default=None,
        help_text="Left out: the rating is confirmed.",
    )
    note = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")


# ── Scores ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class DomainScoreShape(Plain):
    code = serializers.CharField()
    title = serializers.CharField()
    colour = serializers.CharField(help_text="green, amber or red; empty where no criterion counts at this phase")
    percent = serializers.CharField(allow_null=True, help_text="Two places, half up. For staff.")


class CriterionScoreShape(Plain):
    code = serializers.CharField()
    title = serializers.CharField()
    domain = serializers.CharField()
    mark = serializers.CharField(help_text="mandatory, knock_out or empty")
    evidence = serializers.CharField(help_text="none, valid, in_grace or expired")
    met = serializers.BooleanField(help_text="Whether the criterion is at least largely met.")
    rating = serializers.CharField(allow_null=True, help_text="As given: 0 to 4, or n/a. For staff.")
    effective = serializers.IntegerField(
        allow_null=True, help_text="What counts after the rules of evidence. For staff."
    )


class BarShape(Plain):
    code = serializers.CharField(help_text="total, a domain, or a criterion")
    sentence = serializers.CharField()


class VerdictShape(Plain):
    gate = serializers.CharField()
    title = serializers.CharField()
    passed = serializers.BooleanField()
    conditions_compulsory = serializers.BooleanField()
    holds_until = serializers.DateField(allow_null=True, help_text="The first day on which it no longer holds.")
    unmet = BarShape(many=True)


class ScoreShape(Plain):
    phase = serializers.CharField()
    on = serializers.DateField()
    framework = serializers.CharField()
    total = serializers.CharField(allow_null=True, help_text="Per cent, two places. For staff.")
    colour = serializers.CharField(allow_null=True, help_text="For staff.")
    domains = DomainScoreShape(many=True)
    criteria = CriterionScoreShape(many=True, help_text="All for staff; for the firm those that are not met.")
    gates = VerdictShape(many=True, help_text="Every gate of this phase. For staff.")


def score_shown(score: scoring.Score, *, in_full: bool) -> dict[str, Any]:
    """A score as staff see it, or as the firm may: colours and what is not met, without a number."""
    criteria = [_criterion_shown(line, in_full=in_full) for line in score.lines]
    return {
        "phase": score.phase,
        "on": score.on,
        "framework": score.framework.version,
        "total": scoring.shown(score.total) if in_full else None,
        "colour": score.colour(score.total) if in_full else None,
        "domains": [
            {
                "code": code,
                "title": score.framework.domains[code],
                "colour": score.colour(value),
                "percent": scoring.shown(value) if in_full and value is not None else None,
            }
            for code, value in score.domains.items()
        ],
        "criteria": [each for each in criteria if in_full or not each["met"]],
        "gates": [_verdict_shown(score, code) for code in _gates_of(score)] if in_full else [],
    }


def _criterion_shown(line: scoring.Line, *, in_full: bool) -> dict[str, Any]:
    return {
        "code": line.criterion.code,
        "title": line.criterion.title,
        "domain": line.criterion.domain,
        "mark": line.criterion.mark.value,
        "evidence": line.evidence.value,
        "met": not line.counts or line.effective >= scoring.KNOCK_OUT_BAR,
        "rating": None if line.rating is None or not in_full else str(line.rating),
        "effective": line.effective if in_full else None,
    }


def _gates_of(score: scoring.Score) -> list[str]:
    return sorted(code for code, gate in score.framework.gates.items() if gate.phase == score.phase)


def _verdict_shown(score: scoring.Score, code: str) -> dict[str, Any]:
    verdict = score.verdict(code)
    return {
        "gate": code,
        "title": verdict.gate.title,
        "passed": verdict.passed,
        "conditions_compulsory": verdict.conditions_compulsory,
        "holds_until": score.holds_until(code) if verdict.passed else None,
        "unmet": [{"code": bar.code, "sentence": bar.sentence} for bar in verdict.failed],
    }
