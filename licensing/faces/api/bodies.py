"""What comes in, read strictly, and how the forms describe themselves."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from licensing.models import Firm, LicenceApplication, NocApplication, SetUp
from licensing.questions import Question, Section, is_answered
from licensing.states import Activity
from pvara.kernel.api import Plain, SeenField, Strict, VisibleField
from pvara.kernel.seen import mark


class FirmBody(Strict):
    legal_name = serializers.CharField(max_length=200)
    trading_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    country = serializers.CharField(max_length=80, help_text="Country of incorporation.")
    home_regulator = serializers.CharField(max_length=200, required=False, allow_blank=True)
    home_licence_number = serializers.CharField(max_length=100, required=False, allow_blank=True)
    website = serializers.URLField(max_length=200, required=False, allow_blank=True)
    lei = serializers.CharField(max_length=20, required=False, allow_blank=True)


# What is applied for, by the name that its own endpoint has.
APPLICATIONS: dict[str, Any] = {"noc-applications": NocApplication, "licence-applications": LicenceApplication}


class AboutCase(Strict):
    """About one case, named by its kind and its number; one that you may not see is not there."""

    # The kinds by their names, and the field that says which.
    cases: ClassVar[Mapping[str, Any]] = APPLICATIONS
    named_by: ClassVar[str] = "kind"

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        rows = self.cases[said.pop(self.named_by)].objects.visible_to(self.context["request"].user)
        found = rows.select_related("firm").filter(pk=said["case"]).first()
        if found is None:
            raise serializers.ValidationError({"case": "There is no such case."}, code="does_not_exist")
        return {**said, "case": found}


class OpenNocBody(Strict):
    firm = VisibleField(queryset=Firm.objects.all())


class OpenFullBody(Strict):
    setup = VisibleField(queryset=SetUp.objects.all())


class AmlRequestBody(Strict):
    setup = VisibleField(queryset=SetUp.objects.all())
    services = serializers.ListField(
        child=serializers.ChoiceField(choices=Activity.choices), min_length=1, max_length=len(Activity)
    )
    reasons = serializers.CharField(max_length=4000, help_text="What is to be offered, to whom, from when.")


class FeeReferenceBody(Strict):
    fee_reference = serializers.CharField(max_length=60)
    seen = SeenField()


class SignatureBody(Strict):
    seen = SeenField()


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class ChoiceShape(Plain):
    value = serializers.CharField()
    label: Any = serializers.CharField()


class QuestionShape(Plain):
    key = serializers.CharField()
    label: Any = serializers.CharField()
    kind = serializers.CharField(
        help_text="text, long, number, percent, date, yes_no, email, choices, cuin, ntn or goaml"
    )
    required: Any = serializers.BooleanField()
    hint = serializers.CharField()
    choices = ChoiceShape(many=True)
    answered = serializers.BooleanField()


class SectionShape(Plain):
    key = serializers.CharField()
    title = serializers.CharField()
    questions = QuestionShape(many=True)
    seen = serializers.CharField(help_text="The mark of its answers, to be sent with those that take their place.")


def questions_of(asked: Iterable[Question], said: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "key": question.key,
            "label": question.label,
            "kind": question.kind,
            "required": question.required,
            "hint": question.hint,
            "choices": [{"value": value, "label": label} for value, label in question.choices],
            "answered": is_answered(question, said.get(question.key)),
        }
        for question in asked
    ]


def sections_of(form: Iterable[Section], said: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "key": section.key,
            "title": section.title,
            "questions": questions_of(section.questions, said.get(section.key, {})),
            "seen": mark(said.get(section.key, {})),
        }
        for section in form
    ]


class ReasonsBody(Strict):
    reasons = serializers.CharField(max_length=4000)
