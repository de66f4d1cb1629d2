"""The dated tables for programs of the regulator's people: every row there is and was, and proposals of others."""

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
from licensing.actions import tables
from licensing.faces.api.interests import PersonName
from licensing.faces.api.shapes import StateTitle
from licensing.models import TableChange
from licensing.models.tables import TABLES
from licensing.states import TableAct
from pvara.kernel.api import Endpoint, Moves, Plain, Reads, Strict

NAME = OpenApiParameter("table", str, OpenApiParameter.PATH, enum=list(TABLES))
CONTENT = "By the names of its columns; what is not named stays as the row before says it."


class ColumnShape(Plain):
    name = serializers.CharField()
    title = serializers.CharField()


class RowShape(Plain):
    effective_from = serializers.DateField()
    ended = serializers.SerializerMethodField(help_text="Whether the entry has its end on that day.")
    content = serializers.SerializerMethodField()
    source: Any = serializers.CharField()

    def get_ended(self, row: Any) -> bool:
        return bool(getattr(row, "ended", False))

    def get_content(self, row: Any) -> dict[str, Any]:
        table = next(each for each in TABLES.values() if isinstance(row, each.model))
        return {name: said for name, said in (table.content(row) or {}).items() if name != "ended"}


class EntryShape(Plain):
    code = serializers.CharField()
    title = serializers.CharField()
    in_force = serializers.SerializerMethodField(help_text="Null before its first day and after its end.")
    versions = RowShape(many=True, help_text="All that are published, the newest first.")

    def get_in_force(self, entry: Any) -> dict[str, Any] | None:
        now = entry.on(timezone.localdate())
        return RowShape(now).data if now else None


class TableShape(Plain):
    name = serializers.CharField()
    title = serializers.CharField()
    holds = serializers.CharField(help_text="For whom a new row holds.")
    may_end = serializers.BooleanField(help_text="Whether an entry may come to its end.")
    columns = ColumnShape(many=True)


class OneTableShape(TableShape):
    entries = EntryShape(many=True)


class TableChangeShape(serializers.ModelSerializer[TableChange]):
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    was = serializers.JSONField(read_only=True, allow_null=True)
    content = serializers.JSONField(read_only=True)
    proposed_by = PersonName(read_only=True)
    published_by = PersonName(read_only=True, allow_null=True)
    refused_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = TableChange
        fields = [
            "id",
            "reference",
            "table",
            "code",
            "act",
            "title",
            "was",
            "content",
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


class RowProposalBody(Strict):
    table = serializers.ChoiceField(choices=[(name, each.title) for name, each in TABLES.items()])
    code = serializers.CharField(max_length=20)
    act = serializers.ChoiceField(choices=TableAct.choices, default=TableAct.CHANGE)
    content = serializers.DictField(required=False, default=dict, help_text=CONTENT)
    effective_from = serializers.DateField(help_text="A day to come.")
    source: Any = serializers.CharField(max_length=500, help_text="The decision, rule or notification.")
    reasons = serializers.CharField(max_length=20000)


def _staff(user: Any) -> None:
    if not user.has_perm(READ_CASES):
        raise PermissionDenied("The tables are read by the regulator's people.")


class Tables(Endpoint):
    """What the regime says in more than a number: activities, agencies, returns, and the wording of letters."""

    serializer_class = TableShape

    @extend_schema(operation_id="tables", responses=TableShape(many=True))
    def retrieve(self, request: Request) -> Response:
        """The tables there are, with their columns."""
        _staff(request.user)
        return Response(TableShape(list(TABLES.values()), many=True).data)


class OneTable(Endpoint):
    serializer_class = OneTableShape

    @extend_schema(operation_id="table", parameters=[NAME], responses=OneTableShape)
    def retrieve(self, request: Request, table: str) -> Response:
        """One table: every entry with all its rows."""
        _staff(request.user)
        found = TABLES.get(table)
        if found is None:
            raise Http404(f"There is no table “{table}”.")
        return Response(OneTableShape(found).data)


class TableChanges(Reads, Moves):
    """Proposals of a row; publishing one adds it, and it takes effect on its day."""

    queryset = TableChange.objects.all()
    serializer_class = TableChangeShape
    filters = {"state": "state", "table": "table", "code": "code"}

    def get_queryset(self) -> QuerySet[TableChange]:
        _staff(self.request.user)
        rows = TableChange.objects.visible_to(self.request.user)
        return rows.select_related("proposed_by", "published_by", "refused_by")

    @extend_schema(request=RowProposalBody, responses={201: TableChangeShape})
    def create(self, request: Request) -> Response:
        """Propose a row: a new entry, a new version of one, or its end. Somebody else publishes or refuses it."""
        said = self.said(RowProposalBody)
        made = tables.propose(
            said.pop("table"), said.pop("code"), said.pop("content"), by=self.person, at=timezone.now(), **said
        )
        return self.answer(self.fresh(made), status=201)
