"""Requests for information: questions that are drafted, put, answered, talked about and put again.

Drafts are the regulator's: for a firm they do not exist until they are put.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import requests
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.returns import AnswerBody, CaseBody
from licensing.faces.api.shapes import Clocks, Colleague, FirmName, StateTitle
from licensing.models import InformationRequest, RequestItem, RequestMessage
from licensing.states import RequestState
from pvara.kernel.api import SEEN, SEEN_HERE, Moves, OneFile, Reads, SeenField, Strict
from pvara.kernel.seen import mark


class RequestMessageShape(serializers.ModelSerializer[RequestMessage]):
    said_by: Any = serializers.SerializerMethodField()

    class Meta:
        model = RequestMessage
        fields = ["id", "kind", "round", "words", "from_staff", "said_by", "said_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_said_by(self, message: RequestMessage) -> str | None:
        """Who of the regulator's people asks, a firm is not told."""
        hidden = message.from_staff and not self.context["request"].user.is_staff
        return None if hidden else str(message.said_by)


@extend_schema_field(serializers.CharField(help_text="What is to be asked next; the regulator's until it is put."))
class FollowUp(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: str) -> str:
        return value if self.context["request"].user.is_staff else ""


class RequestItemShape(serializers.ModelSerializer[RequestItem]):
    reference = serializers.CharField(source="request.reference", read_only=True)
    follow_up = FollowUp(read_only=True)
    answered_by = serializers.StringRelatedField[Any](allow_null=True)
    is_open = serializers.BooleanField(read_only=True, help_text="Whether the firm may still answer it.")
    messages = RequestMessageShape(many=True, read_only=True)
    seen = serializers.SerializerMethodField(help_text="The mark of what may be written over now.")

    def get_seen(self, item: RequestItem) -> str:
        """Of the words while they are drafted, of the answer while it is awaited, of the follow-up after it."""
        match item.request.state:
            case RequestState.DRAFT:
                return mark(item.drafted)
            case RequestState.ANSWERED:
                return mark(item.followed_up) if self.context["request"].user.is_staff else ""
        return mark(item.answered)

    class Meta:
        model = RequestItem
        fields = [
            "id",
            "request",
            "reference",
            "number",
            "question",
            "round",
            "follow_up",
            "answer",
            "answered_by",
            "answered_at",
            "is_open",
            "messages",
            "seen",
        ]
        read_only_fields = fields


class InformationRequestBrief(serializers.ModelSerializer[InformationRequest]):
    firm = FirmName(read_only=True)
    reference = serializers.CharField(read_only=True)
    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)
    due_on = serializers.DateField(read_only=True, allow_null=True)

    class Meta:
        model = InformationRequest
        fields = [
            "id",
            "reference",
            "firm",
            "subject_type",
            "subject_id",
            "state",
            "state_title",
            "version",
            "round",
            "raised_at",
            "due_on",
        ]
        read_only_fields = fields


class InformationRequestShape(InformationRequestBrief):
    drafted_by = Colleague()
    raised_by = Colleague()
    items = RequestItemShape(many=True, read_only=True)
    clocks = Clocks()

    class Meta:
        model = InformationRequest
        fields = [
            *InformationRequestBrief.Meta.fields,
            "drafted_by",
            "raised_by",
            "extension_reasons",
            "extension_asked_at",
            "extension_decided_at",
            "extended_by_days",
            "items",
            "clocks",
        ]
        read_only_fields = fields


class QuestionWordsBody(Strict):
    question = serializers.CharField(max_length=requests.LONGEST)


class DraftQuestionBody(CaseBody, QuestionWordsBody):
    pass


class RedraftQuestionBody(QuestionWordsBody):
    seen = SeenField()


class WordsBody(Strict):
    words = serializers.CharField(max_length=requests.LONGEST)


class FollowUpBody(Strict):
    words = serializers.CharField(
        max_length=requests.LONGEST, allow_blank=True, help_text="What is still to be told; nothing takes it back."
    )
    seen = SeenField()


class InformationRequests(Reads, Moves):
    """Requests for information. They are put with `raise_rfi` and sent back with `answer_rfi` of their application."""

    queryset = InformationRequest.objects.all()
    serializer_class = InformationRequestShape
    brief_class = InformationRequestBrief
    filters = {"state": "state", "firm": "firm_id", "subject_type": "subject_type", "subject": "subject_id"}

    def get_queryset(self) -> "QuerySet[Any]":
        rows = InformationRequest.objects.visible_to(self.request.user).select_related("firm")
        if self.action == "list":
            return rows
        return rows.select_related("drafted_by", "raised_by").prefetch_related(
            "items__request", "items__answered_by", "items__messages__said_by"
        )


class RequestItems(Reads):
    """Questions: drafted by the regulator, answered by the firm, each with what was said about it."""

    parameters = {"destroy": SEEN_HERE}
    queryset = RequestItem.objects.all()
    serializer_class = RequestItemShape
    filters = {"request": "request_id"}

    def get_queryset(self) -> "QuerySet[Any]":
        rows = RequestItem.objects.visible_to(self.request.user).select_related("request", "answered_by")
        return rows.prefetch_related("messages__said_by")

    def fresh(self, item: RequestItem) -> Any:
        return self.get_queryset().get(pk=item.pk)

    @extend_schema(request=DraftQuestionBody, responses={201: RequestItemShape})
    def create(self, request: Request) -> Response:
        """Draft a question; the first one of a case begins its next request."""
        said = self.said(DraftQuestionBody)
        item = requests.draft_question(said.pop("case"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(item), status=201)

    @extend_schema(request=RedraftQuestionBody)
    def update(self, request: Request, pk: int) -> Response:
        """Put the words of a drafted question right."""
        item = requests.redraft_question(
            self.get_object(), by=self.person, at=timezone.now(), **self.said(RedraftQuestionBody)
        )
        return self.answer(self.fresh(item))

    @extend_schema(request=None, responses={204: None}, parameters=[SEEN])
    def destroy(self, request: Request, pk: int) -> Response:
        """Drop a drafted question."""
        requests.drop_question(self.get_object(), by=self.person, at=timezone.now(), seen=self.seen)
        return Response(status=204)

    @extend_schema(request=AnswerBody, responses=RequestItemShape)
    @action(detail=True, methods=["put"], url_path="answer", url_name="answer", pagination_class=None)
    def answered(self, request: Request, pk: int) -> Response:
        """Answer one question; the answer may change until all are sent with `answer_rfi`."""
        item = requests.answer_question(self.get_object(), by=self.person, at=timezone.now(), **self.said(AnswerBody))
        return self.answer(self.fresh(item))

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Attach a document to the answer."""
        said = self.said(DocumentBody)
        document = requests.attach_to_question(
            self.get_object(), said["file"], title=said["title"], by=self.person, at=timezone.now()
        )
        return Response(DocumentShape(document).data, status=201)

    @extend_schema(request=WordsBody, responses={201: RequestMessageShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def messages(self, request: Request, pk: int) -> Response:
        """Say something about a question while its answer is awaited; the other side reads it at once."""
        message = requests.remark(self.get_object(), by=self.person, at=timezone.now(), **self.said(WordsBody))
        return Response(RequestMessageShape(message, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=FollowUpBody, responses=RequestItemShape)
    @action(detail=True, methods=["put"], url_path="follow-up", pagination_class=None)
    def follow_up(self, request: Request, pk: int) -> Response:
        """Draft what is to be asked on top of an answer; it is put with the next `raise_rfi`."""
        item = requests.follow_up(self.get_object(), by=self.person, at=timezone.now(), **self.said(FollowUpBody))
        return self.answer(self.fresh(item))
