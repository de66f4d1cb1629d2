"""How frameworks, evidence, ratings and scores look from outside, and what comes in for them."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from licensing import scoring
from licensing.faces.api.shapes import Colleague, FirmName, StateTitle
from licensing.models import (
    Criterion,
    Domain,
    Evidence,
    EvidenceKind,
    EvidenceLink,
    Firm,
    Framework,
    GateBar,
    GateFloor,
    Rating,
    SealedRating,
)
from licensing.models.assessed import criteria_asked_of
from licensing.models.ratings import judged
from pvara.kernel.api import Plain, SeenField, Strict, VisibleField
from pvara.kernel.seen import mark


# ── The framework ────────────────────────────────────────────────────────────────────────────────────────────────────
class CriterionShape(serializers.ModelSerializer[Criterion]):
    mark = serializers.CharField(read_only=True, help_text="mandatory, knock_out or empty")

    class Meta:
        model = Criterion
        fields = [
            *("code", "title", "points", "applies_from", "mark", "waivable_by_committee"),
            *("evidence_wanted", "kinds", "validity_months"),
        ]
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
        fields = ["edition", "state", "effective_from", "green", "amber", "rated_twice", "domains", "gates"]
        read_only_fields = fields


def asked_of(firm: Firm, codes: list[str], field: str) -> list[Criterion]:
    """The criteria of these codes in the version under which the firm is assessed. Raises by field for another."""
    asked = {each.code: each for each in criteria_asked_of(firm, timezone.now())}
    if unknown := [code for code in codes if code not in asked]:
        said = f"No criterion {', '.join(unknown)} is asked of this firm: take a code of its framework, such as 1.1."
        raise serializers.ValidationError({field: said})
    return [asked[code] for code in codes]


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
    kind = serializers.SlugRelatedField[EvidenceKind](
        slug_field="code", read_only=True, allow_null=True, help_text="Null for what was uploaded before kinds."
    )
    edition = serializers.IntegerField(read_only=True, help_text="Which version of the document it is.")
    replaces = serializers.PrimaryKeyRelatedField[Evidence](
        read_only=True, allow_null=True, help_text="The version that it takes the place of once it is accepted."
    )
    replaced_by = serializers.IntegerField(
        source="next_version.pk", read_only=True, allow_null=True, help_text="The version that was uploaded after it."
    )
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
            "kind",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "scan",
            "edition",
            "replaces",
            "replaced_by",
            "criteria",
            "uploaded_by",
            "uploaded_at",
            "accepted_by",
        ]
        read_only_fields = fields


class UploadBody(Plain):
    firm = VisibleField(queryset=Firm.objects.all())
    title = serializers.CharField(max_length=200)
    kind = serializers.SlugRelatedField(
        slug_field="code", queryset=EvidenceKind.objects.all(), help_text="What the document is, such as policy."
    )
    criteria = serializers.ListField(
        child=serializers.CharField(max_length=6),
        required=False,
        max_length=60,
        help_text="Codes of the framework by which the firm is assessed, such as 1.1. A newer version of a document "
        "serves what the earlier one serves, unless it says more.",
    )
    replaces = VisibleField(
        queryset=Evidence.objects.all(),
        required=False,
        help_text="The document of which this is a newer version: the latest of its versions.",
    )
    file = serializers.FileField(allow_empty_file=True, max_length=150)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "criteria": asked_of(said["firm"], said.get("criteria", []), "criteria")}


# ── Ratings ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class RatingShape(serializers.ModelSerializer[Rating]):
    firm = FirmName(read_only=True)
    criterion = serializers.CharField(read_only=True, source="criterion.code")
    criterion_title = serializers.CharField(read_only=True, source="criterion.title")
    label: Any = serializers.CharField(read_only=True, help_text="What counts, in words.")
    evidence = serializers.PrimaryKeyRelatedField[Evidence](
        many=True, read_only=True, help_text="The documents that it rests on."
    )
    assessor = serializers.StringRelatedField[Any]()
    second_assessor = serializers.StringRelatedField[Any](allow_null=True)
    second_evidence = serializers.PrimaryKeyRelatedField[Evidence](many=True, read_only=True)
    moderator = serializers.StringRelatedField[Any](allow_null=True)
    seen = serializers.SerializerMethodField(help_text="The mark of it, to be sent with what is said next.")

    def get_seen(self, rating: Rating) -> str:
        return mark(judged(rating))

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
            "evidence",
            "assessor",
            "rated_at",
            "second_rating",
            "second_not_applicable",
            "second_rationale",
            "second_evidence",
            "second_assessor",
            "second_at",
            "moderated_rating",
            "moderator",
            "moderated_at",
            "moderation_note",
            "overridden_rating",
            "waived",
            "seen",
        ]
        read_only_fields = fields


class SealedRatingShape(serializers.ModelSerializer[SealedRating]):
    """What was given is null for everybody but who gave it."""

    firm = FirmName(read_only=True)
    criterion = serializers.CharField(read_only=True, source="criterion.code")
    assessor = serializers.StringRelatedField[Any]()
    rating = serializers.SerializerMethodField(help_text="For who gave it.")
    not_applicable = serializers.SerializerMethodField(help_text="For who gave it.")
    rationale = serializers.SerializerMethodField(help_text="For who gave it.")

    class Meta:
        model = SealedRating
        fields = ["id", "firm", "criterion", "assessor", "rated_at", "rating", "not_applicable", "rationale"]
        read_only_fields = fields

    def _is_own(self, sealed: SealedRating) -> bool:
        return sealed.assessor_id == self.context["request"].user.pk

    def get_rating(self, sealed: SealedRating) -> int | None:
        return sealed.rating if self._is_own(sealed) else None

    def get_not_applicable(self, sealed: SealedRating) -> bool | None:
        return sealed.not_applicable if self._is_own(sealed) else None

    def get_rationale(self, sealed: SealedRating) -> str | None:
        return sealed.rationale if self._is_own(sealed) else None


class JudgementBody(Strict):
    """What an assessor says of a criterion."""

    criterion = serializers.CharField(
        max_length=6, help_text="A code of the framework by which the firm is assessed, such as 1.1."
    )
    rating = serializers.IntegerField(
        min_value=0,
        max_value=scoring.BEST,
        allow_null=True,
        default=None,
        help_text="0 not met, 1 weak, 2 partial, 3 largely met, 4 fully met; null when not applicable.",
    )
    not_applicable = serializers.BooleanField(default=False)
    rationale = serializers.CharField(max_length=20_000)
    evidence = serializers.ListField(
        child=VisibleField(queryset=Evidence.objects.all()),
        max_length=60,
        required=False,
        help_text="The firm's documents for the criterion that the rating rests on; from 2 on, accepted ones.",
    )
    seen = SeenField()


class RatingBody(JudgementBody):
    firm = VisibleField(queryset=Firm.objects.all())

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "criterion": asked_of(said["firm"], [said["criterion"]], "criterion")[0]}


class ModerationBody(Strict):
    rating = serializers.IntegerField(
        min_value=0,
        max_value=scoring.BEST,
        allow_null=True,
        default=None,
        help_text="Left out: the rating is confirmed.",
    )
    note = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    seen = SeenField()


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
    rating = serializers.CharField(allow_null=True, help_text="As given: 0 to 4, n/a, or waived. For staff.")
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
    total = serializers.CharField(
        allow_null=True, help_text="Per cent, two places. For staff, and for the firm where a setting says so."
    )
    colour = serializers.CharField(allow_null=True, help_text="Of the total, and for whoever sees that.")
    domains = DomainScoreShape(many=True)
    criteria = CriterionScoreShape(many=True, help_text="All for staff; for the firm those that are not met.")
    gates = VerdictShape(many=True, help_text="Every gate of this phase. For staff.")


def score_shown(score: scoring.Score, *, in_full: bool, total: bool) -> dict[str, Any]:
    """A score as staff see it, or as the firm may: colours and what is not met, and perhaps the total."""
    criteria = [_criterion_shown(line, in_full=in_full) for line in score.lines]
    return {
        "phase": score.phase,
        "on": score.on,
        "framework": score.framework.version,
        "total": scoring.shown(score.total) if total else None,
        "colour": score.colour(score.total) if total else None,
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
