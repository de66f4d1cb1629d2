"""How decisions come about: votes, conditions, and a refusal with its grounds, its notice and the firm's answer."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.actions import conditions, refusals, votes
from licensing.faces.api.bodies import AboutCase
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import Colleague, ConditionBrief, FirmName
from licensing.models import (
    Condition,
    Consultation,
    Licence,
    LicenceApplication,
    Motion,
    NocApplication,
    RatingOverride,
    RefusalGround,
    RefusalNotice,
    Renewal,
    Representation,
    Variation,
    Vote,
)
from licensing.models.conditions import default_due
from licensing.states import ConditionKind, VoteChoice
from pvara.kernel.api import Moves, OneFile, Plain, Reads, Strict

# What is decided with conditions or refused with grounds, by the name of its own endpoint; and all that is voted on.
CASES: dict[str, Any] = {"noc-applications": NocApplication, "licence-applications": LicenceApplication}
VOTED: dict[str, Any] = {
    **CASES,
    "consultations": Consultation,
    "licences": Licence,
    "renewals": Renewal,
    "variations": Variation,
    "rating-overrides": RatingOverride,
}
VOTED_KINDS = [(each, each) for each in VOTED]


class CaseBody(AboutCase):
    """Which case something is about."""

    cases, named_by = VOTED, "case_kind"

    case_kind = serializers.ChoiceField(choices=[(each, each) for each in CASES])
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The number of the case.")


# ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class VoteShape(serializers.ModelSerializer[Vote]):
    member = PersonName(read_only=True)

    class Meta:
        model = Vote
        fields = ["id", "motion", "member", "choice", "reasons", "cast_at", "supersedes"]
        read_only_fields = fields


class MotionShape(serializers.ModelSerializer[Motion]):
    firm = FirmName(read_only=True)
    terms = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="The conditions or grounds that go with it."
    )

    class Meta:
        model = Motion
        fields = ["id", "firm", "subject_type", "subject_id", "subject_version", "move", "body", "terms", "opened_at"]
        read_only_fields = fields


class VoteBody(CaseBody):
    case_kind = serializers.ChoiceField(choices=VOTED_KINDS)
    move = serializers.CharField(max_length=60, help_text="The name of the move that is voted on.")
    expected_version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The version of the case as you read it."
    )
    choice = serializers.ChoiceField(choices=VoteChoice.choices)
    reasons = serializers.CharField(
        required=False, allow_blank=True, max_length=4000, help_text="Needed for a vote against."
    )


class Motions(Reads):
    """The decisions on which somebody voted, each about one version of a case. The regulator's only."""

    queryset = Motion.objects.all()
    serializer_class = MotionShape
    filters = {"firm": "firm_id", "subject_type": "subject_type", "subject_id": "subject_id", "move": "move"}

    def get_queryset(self) -> QuerySet[Motion]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Votes are read by the regulator's people.")
        return Motion.objects.visible_to(self.request.user).select_related("firm")


class Votes(Reads):
    """The votes of the committee and the board; a later vote of a member supersedes an earlier one."""

    queryset = Vote.objects.all()
    serializer_class = VoteShape
    filters = {"motion": "motion_id", "member": "member_id", "choice": "choice"}

    def get_queryset(self) -> QuerySet[Vote]:
        if not self.request.user.has_perm(READ_CASES):
            raise PermissionDenied("Votes are read by the regulator's people.")
        return Vote.objects.visible_to(self.request.user).select_related("member")

    @extend_schema(request=VoteBody, responses={201: VoteShape})
    def create(self, request: Request) -> Response:
        """Vote on a decision of your body: 409 if the case is no longer as you read it."""
        said = self.said(VoteBody)
        cast = votes.cast_vote(said.pop("case"), said.pop("move"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=cast.pk), status=201)


# ── Conditions ───────────────────────────────────────────────────────────────────────────────────────────────────────
class ConditionShape(ConditionBrief):
    firm = FirmName(read_only=True)
    submitted_by = serializers.StringRelatedField[Any](allow_null=True)
    verified_by = Colleague()
    waived_by = Colleague()

    class Meta:
        model = Condition
        fields = [
            *ConditionBrief.Meta.fields,
            "firm",
            "noc",
            "application",
            "licence",
            "imposed_at",
            "submitted_by",
            "verified_by",
            "waived_by",
        ]
        read_only_fields = fields


class ConditionBody(CaseBody):
    kind = serializers.ChoiceField(choices=ConditionKind.choices)
    text = serializers.CharField(max_length=4000)
    due_on = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="The usual day, if it is left out; null for a continuing condition that has none.",
    )
    is_public = serializers.BooleanField(default=True)


class Conditions(Reads, Moves):
    """Conditions of NOCs, approvals and licences; what is only drafted is the regulator's."""

    queryset = Condition.objects.all()
    serializer_class = ConditionShape
    filters = {
        "state": "state",
        "kind": "kind",
        "firm": "firm_id",
        "noc": "noc_id",
        "application": "application_id",
        "licence": "licence_id",
    }

    def get_queryset(self) -> QuerySet[Condition]:
        people = ("submitted_by", "verified_by", "waived_by")
        return Condition.objects.visible_to(self.request.user).select_related(
            "firm", "noc", "application", "licence", *people
        )

    @extend_schema(request=ConditionBody, responses={201: ConditionShape})
    def create(self, request: Request) -> Response:
        """Draft a condition on a case that waits for its decision; the decision imposes it."""
        said, at = self.said(ConditionBody), timezone.now()
        said.setdefault("due_on", default_due(said["kind"], at))
        made = conditions.draft_condition(said.pop("case"), by=self.person, at=at, **said)
        return self.answer(self.fresh(made), status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", pagination_class=None)
    def take_back(self, request: Request, pk: int) -> Response:
        """Take a draft back."""
        conditions.take_back(self.get_object(), by=self.person, at=timezone.now())
        return Response(status=204)

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Attach a document that proves a condition, before its evidence is submitted."""
        document = conditions.prove_condition(
            self.get_object(), by=self.person, at=timezone.now(), **self.said(DocumentBody)
        )
        return Response(DocumentShape(document).data, status=201)


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class RefusalGroundShape(serializers.ModelSerializer[RefusalGround]):
    about = serializers.CharField(read_only=True, help_text="The criterion, or the section of the form.")

    class Meta:
        model = RefusalGround
        fields = ["id", "noc", "application", "about", "text", "notice", "drafted_at"]
        read_only_fields = fields


class GroundBody(CaseBody):
    about = serializers.CharField(max_length=40, help_text="A criterion's code, or the key of a section of the form.")
    text = serializers.CharField(max_length=4000)


class Grounds(Reads):
    """The grounds of refusals; what is only drafted is the regulator's."""

    queryset = RefusalGround.objects.all()
    serializer_class = RefusalGroundShape
    filters = {"noc": "noc_id", "application": "application_id", "notice": "notice_id"}

    def get_queryset(self) -> QuerySet[RefusalGround]:
        rows = RefusalGround.objects.visible_to(self.request.user)
        return rows.select_related("criterion", "noc", "application")

    @extend_schema(request=GroundBody, responses={201: RefusalGroundShape})
    def create(self, request: Request) -> Response:
        """Draft a ground on a case that waits for its decision; the notice of refusal gives it to the firm."""
        said = self.said(GroundBody)
        made = refusals.draft_ground(said.pop("case"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=made.pk), status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", pagination_class=None)
    def take_back(self, request: Request, pk: int) -> Response:
        """Take a draft back."""
        refusals.take_back_ground(self.get_object(), by=self.person, at=timezone.now())
        return Response(status=204)


class NoticeShape(serializers.ModelSerializer[RefusalNotice]):
    firm = FirmName(read_only=True)

    class Meta:
        model = RefusalNotice
        fields = ["id", "firm", "noc", "application", "number", "given_at", "last_day"]
        read_only_fields = fields


class Notices(Reads):
    """Notices that the committee is minded to refuse, each with the last day for representations."""

    queryset = RefusalNotice.objects.all()
    serializer_class = NoticeShape
    filters = {"firm": "firm_id", "noc": "noc_id", "application": "application_id"}

    def get_queryset(self) -> QuerySet[RefusalNotice]:
        return RefusalNotice.objects.visible_to(self.request.user).select_related("firm")


class RepresentationShape(serializers.ModelSerializer[Representation]):
    made_by = serializers.StringRelatedField[Any]()
    considered = serializers.SerializerMethodField(help_text="Whether the committee has considered it.")

    class Meta:
        model = Representation
        fields = ["id", "notice", "text", "made_by", "made_at", "considered"]
        read_only_fields = fields

    def get_considered(self, made: Representation) -> bool:
        return hasattr(made, "consideration")


class RepresentationBody(CaseBody):
    text = serializers.CharField(max_length=20000)


class ConsiderationBody(Strict):
    note = serializers.CharField(max_length=4000, help_text="What was considered, and what came of it.")


class ConsiderationShape(Plain):
    note = serializers.CharField()
    considered_by = PersonName()
    considered_at = serializers.DateTimeField()


class Representations(Reads):
    """What firms say to a notice of refusal."""

    queryset = Representation.objects.all()
    serializer_class = RepresentationShape
    filters = {"notice": "notice_id"}

    def get_queryset(self) -> QuerySet[Representation]:
        rows = Representation.objects.visible_to(self.request.user)
        return rows.select_related("made_by", "consideration", "notice__firm", "notice__noc", "notice__application")

    @extend_schema(request=RepresentationBody, responses={201: RepresentationShape})
    def create(self, request: Request) -> Response:
        """Answer the notice of refusal on a case of your firm, until its last day."""
        said = self.said(RepresentationBody)
        made = refusals.make_representations(said.pop("case"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=made.pk), status=201)

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Attach a document to an answer that you gave, until the last day."""
        document = refusals.support(self.get_object(), by=self.person, at=timezone.now(), **self.said(DocumentBody))
        return Response(DocumentShape(document).data, status=201)

    @extend_schema(request=ConsiderationBody, responses={201: ConsiderationShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def consideration(self, request: Request, pk: int) -> Response:
        """Record, for the committee, that it was considered and what came of it."""
        said = self.said(ConsiderationBody)
        made = refusals.consider(self.get_object(), by=self.person, at=timezone.now(), **said)
        return Response(ConsiderationShape(made).data, status=201)
