"""How the readiness of a firm looks from outside: colours and documents, and no figure of the score."""

from typing import Any

from rest_framework import serializers

from licensing.faces.readiness import total_of, validity, what_is_next
from licensing.models.readiness import Asked, Readiness
from pvara.kernel.api import Plain


class PieceShape(Plain):
    id = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True, help_text="Its last day for this criterion.")
    edition = serializers.IntegerField(help_text="Which version of the document it is.")
    replaced_by = serializers.IntegerField(allow_null=True, help_text="The newer version of it that is there.")


class UnmetCriterionShape(Plain):
    code = serializers.CharField()
    title = serializers.CharField()
    mark = serializers.CharField(help_text="mandatory, knock_out or empty")
    evidence_wanted = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField(), help_text="Accepted kinds; none: every kind.")
    validity = serializers.CharField(help_text="For how long a document is good, in words.")
    documents = serializers.CharField(help_text="accepted, in_grace, waiting, expired, rejected or missing")
    assessment = serializers.CharField(help_text="not_assessed or not_met")
    next = serializers.CharField(help_text="What the firm is to do, in words.")
    pieces = PieceShape(many=True)


class DomainReadinessShape(Plain):
    code = serializers.CharField()
    title = serializers.CharField()
    documents = serializers.CharField(help_text="green, amber or red: what is there of what is asked for")
    assessment = serializers.CharField(help_text="green, amber or red; empty before anything is assessed")
    unmet = UnmetCriterionShape(many=True)
    met = serializers.ListField(child=serializers.CharField(), help_text="The codes of the criteria that are met.")


class ReadinessShape(Plain):
    phase = serializers.CharField()
    on = serializers.DateField()
    framework = serializers.CharField()
    total = serializers.CharField(allow_null=True, help_text="Per cent, two places, where a setting says so.")
    domains = DomainReadinessShape(many=True)


def readiness_shown(found: Readiness, *, total: bool) -> dict[str, Any]:
    return {
        "phase": found.phase,
        "on": found.score.on,
        "framework": found.score.framework.version,
        "total": (total_of(found) or None) if total else None,
        "domains": [
            {
                "code": each.code,
                "title": each.title,
                "documents": each.documents,
                "assessment": each.assessment,
                "unmet": [_unmet_shown(asked) for asked in each.unmet],
                "met": [asked.criterion.code for asked in each.met],
            }
            for each in found.domains
        ],
    }


def _unmet_shown(asked: Asked) -> dict[str, Any]:
    return {
        "code": asked.criterion.code,
        "title": asked.criterion.title,
        "mark": asked.criterion.mark,
        "evidence_wanted": asked.criterion.evidence_wanted,
        "kinds": asked.criterion.kinds,
        "validity": validity(asked),
        "documents": asked.showing.value,
        "assessment": asked.assessed.value,
        "next": what_is_next(asked),
        "pieces": [
            {
                "id": piece.evidence.pk,
                "title": piece.evidence.title,
                "state": piece.evidence.state,
                "expires_on": piece.expires_on,
                "edition": piece.evidence.edition,
                "replaced_by": piece.replaced_by and piece.replaced_by.pk,
            }
            for piece in asked.pieces
        ],
    }
