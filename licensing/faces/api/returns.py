"""What is missing in an application: the checklist of a case, and deficiencies with their answers.

Drafts are the regulator's: for a firm they do not exist until they are returned.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import READ_CASES
from licensing.actions import checklists, deficiencies
from licensing.faces.api.bodies import APPLICATIONS, AboutCase
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.shapes import Colleague, FirmName
from licensing.models import Deficiency
from licensing.models.checklists import checklist_of
from licensing.states import ChecklistVerdict
from pvara.kernel.api import SEEN, SEEN_HERE, Endpoint, OneFile, Plain, Reads, SeenField, Strict
from pvara.kernel.seen import mark

# By the names that their own endpoints have.
KINDS = [(each, each) for each in APPLICATIONS]


class CaseBody(AboutCase):
    """The application that something new is about."""

    kind = serializers.ChoiceField(choices=KINDS)
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The number of the application.")


class AnswerBody(Strict):
    answer = serializers.CharField(max_length=deficiencies.LONGEST)
    seen = SeenField()


# ── The checklist ────────────────────────────────────────────────────────────────────────────────────────────────────
class ChecklistItemShape(Plain):
    item = serializers.CharField(source="key")
    title = serializers.CharField()
    hint = serializers.CharField()
    verdict = serializers.CharField(help_text="in_order or wanting; empty as long as nothing that holds was found.")
    words = serializers.CharField(help_text="The verdict in words; also that something has changed since.")
    note = serializers.SerializerMethodField()
    recorded_by = serializers.SerializerMethodField()
    recorded_at = serializers.SerializerMethodField()
    seen = serializers.SerializerMethodField(help_text="The mark of it, to be sent with what takes its place.")

    def get_seen(self, item: Any) -> str:
        return mark({item.key: item.found})

    def get_note(self, item: Any) -> str:
        return item.tick.note if item.tick else ""

    def get_recorded_by(self, item: Any) -> str | None:
        return str(item.tick.recorded_by) if item.tick else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_recorded_at(self, item: Any) -> Any:
        return item.tick.recorded_at if item.tick else None


class ChecklistShape(Plain):
    complete = serializers.BooleanField(help_text="Whether every item is in order.")
    items = ChecklistItemShape(many=True)


class ChecklistItemBody(Strict):
    item = serializers.CharField(max_length=60)
    verdict = serializers.ChoiceField(choices=ChecklistVerdict.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    seen = SeenField()


class ChecklistBody(Strict):
    items = ChecklistItemBody(many=True, allow_empty=False)


class WithChecklist(Endpoint):
    """Adds `checklist/` to the endpoints of an application; it is the regulator's."""

    @extend_schema(methods=["GET"], responses=ChecklistShape)
    @extend_schema(methods=["PUT"], request=ChecklistBody, responses=ChecklistShape)
    @action(detail=True, methods=["get", "put"], pagination_class=None)
    def checklist(self, request: Request, pk: int) -> Response:
        """What a complete application has, item by item, and what was found of each; PUT records what was found."""
        if not request.user.has_perm(READ_CASES):
            raise PermissionDenied("The checklist is the regulator's.")
        case, at = self.get_object(), timezone.now()
        if request.method == "PUT":
            said = self.said(ChecklistBody)["items"]
            found = {each["item"]: (each["verdict"], each.get("note", "")) for each in said}
            seen = " ".join(each["seen"] for each in said)
            checklists.check_items(case, found, by=self.person, at=at, seen=seen)
        items = checklist_of(case, at)
        complete = all(each.verdict == ChecklistVerdict.IN_ORDER for each in items)
        return Response(ChecklistShape({"complete": complete, "items": items}).data)


# ── Deficiencies ─────────────────────────────────────────────────────────────────────────────────────────────────────
class DeficiencyShape(serializers.ModelSerializer[Deficiency]):
    firm = FirmName(read_only=True)
    drafted_by = Colleague()
    returned_by = Colleague()
    answered_by = serializers.StringRelatedField[Any](allow_null=True)
    is_open = serializers.BooleanField(read_only=True, help_text="Whether the firm may still answer it.")
    seen = serializers.SerializerMethodField(help_text="The mark of the draft, and once it is returned of the answer.")

    def get_seen(self, row: Deficiency) -> str:
        return mark(row.drafted if row.is_draft else row.answered)

    class Meta:
        model = Deficiency
        fields = [
            "id",
            "firm",
            "subject_type",
            "subject_id",
            "round",
            "item",
            "item_title",
            "missing",
            "drafted_by",
            "drafted_at",
            "returned_by",
            "returned_at",
            "answer",
            "answered_by",
            "answered_at",
            "settled_at",
            "is_open",
            "seen",
        ]
        read_only_fields = fields


class WantingBody(Strict):
    item = serializers.CharField(
        required=False, allow_blank=True, max_length=60, help_text="An item of the checklist, or nothing."
    )
    missing = serializers.CharField(max_length=deficiencies.LONGEST)


class DeficiencyBody(CaseBody, WantingBody):
    pass


class RedraftBody(WantingBody):
    seen = SeenField()


class Deficiencies(Reads):
    """What is missing in an application: drafted, returned with it, and answered by the firm."""

    parameters = {"destroy": SEEN_HERE}
    queryset = Deficiency.objects.all()
    serializer_class = DeficiencyShape
    filters = {"firm": "firm_id", "subject_type": "subject_type", "subject": "subject_id"}

    def get_queryset(self) -> "QuerySet[Any]":
        return Deficiency.objects.visible_to(self.request.user).select_related(
            "firm", "drafted_by", "returned_by", "answered_by"
        )

    def fresh(self, row: Deficiency) -> Any:
        return self.get_queryset().get(pk=row.pk)

    @extend_schema(request=DeficiencyBody, responses={201: DeficiencyShape})
    def create(self, request: Request) -> Response:
        """Draft what is missing; the firm reads it when the application is returned."""
        said = self.said(DeficiencyBody)
        row = deficiencies.draft_deficiency(said.pop("case"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(row), status=201)

    @extend_schema(request=RedraftBody)
    def update(self, request: Request, pk: int) -> Response:
        """Put a draft right."""
        row = deficiencies.redraft_deficiency(
            self.get_object(), by=self.person, at=timezone.now(), **self.said(RedraftBody)
        )
        return self.answer(self.fresh(row))

    @extend_schema(request=None, responses={204: None}, parameters=[SEEN])
    def destroy(self, request: Request, pk: int) -> Response:
        """Drop a draft."""
        deficiencies.drop_deficiency(self.get_object(), by=self.person, at=timezone.now(), seen=self.seen)
        return Response(status=204)

    @extend_schema(request=AnswerBody, responses=DeficiencyShape)
    @action(detail=True, methods=["put"], url_path="answer", url_name="answer", pagination_class=None)
    def answered(self, request: Request, pk: int) -> Response:
        """Answer one item; the answer may change until the application is submitted again."""
        said = self.said(AnswerBody)
        row = deficiencies.answer_deficiency(self.get_object(), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(row))

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Attach a document to the answer."""
        said = self.said(DocumentBody)
        document = deficiencies.attach_to_deficiency(
            self.get_object(), said["file"], title=said["title"], by=self.person, at=timezone.now()
        )
        return Response(DocumentShape(document).data, status=201)
