"""The classes that every endpoint is made of: who may call, what is read, and lists by keyset."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import models
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from knox.auth import TokenAuthentication
from rest_framework import exceptions, filters, viewsets
from rest_framework.authentication import get_authorization_header
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from pvara.kernel.models import User

from .schema import Contract
from .strict import StrictJSON

# The mark of what is written over, where the body has no place for it: absent, it says that nothing was there.
SEEN = OpenApiParameter(
    "seen", str, description="The `seen` of what is written over, as you read it; 409 if it is another by now."
)
SEEN_HERE = frozenset({"seen"})


class BearerToken(TokenAuthentication):
    """A token of ours (kept hashed, expiring, revocable) in `Authorization: Bearer …`; `Token …` is understood too."""

    def authenticate(self, request: Request) -> Any:
        said = get_authorization_header(request).split()
        if not said:
            return None
        if said[0].lower() not in (b"bearer", b"token") or len(said) != 2:
            raise exceptions.AuthenticationFailed("Say “Authorization: Bearer” and your token.", code="invalid_token")
        if not said[1].isalnum():
            raise exceptions.AuthenticationFailed("This is not a token of ours.", code="invalid_token")
        return self.authenticate_credentials(said[1])

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeysetPages(CursorPagination):
    """Pages by keyset: as fast on the last page as on the first, and no row twice while others write."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    page_size_query_description = "How many rows a page has, 1 to 200."
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        said = request.query_params.get(self.page_size_query_param)
        if said is None:
            return self.page_size
        if not (said.isascii() and said.isdigit() and len(said) <= 3 and 1 <= int(said) <= self.max_page_size):
            raise exceptions.ValidationError({"limit": f"Ask for 1 to {self.max_page_size} rows."})
        return int(said)

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        if cursor is not None and not self._is_ours(cursor, request.query_params[self.cursor_query_param]):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor

    def _is_ours(self, cursor: Cursor, said: str) -> bool:
        """Whether a cursor is one that we would give out: DRF reads much else as one, and hands it to the database."""
        position = str(cursor.position or "0")
        written = parse_qs(urlsplit(self.encode_cursor(cursor)).query).get(self.cursor_query_param)
        # All our keysets are by number.
        return written == [said] and position.isascii() and position.isdigit()

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for each in parameters:
            if each["name"] == "limit":
                each["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return parameters


class Exact(filters.BaseFilterBackend):
    """`?state=draft&firm=7`: equality on the columns that the endpoint names in `filters`, and nothing else.

    A number that belongs to nobody, or to nobody you may see, gives an empty list: neither is told from the other.
    """

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        for name, column in view.filters.items():
            if name not in request.query_params:
                continue
            said, field = request.query_params[name], _column(view, column)
            allowed = [value for value, _ in field.flatchoices]
            if allowed and said not in allowed:
                raise exceptions.ValidationError({name: f"Choose one of: {', '.join(allowed)}."})
            if _is_number(field) and not (said.isascii() and said.isdigit() and len(said) <= 18):
                raise exceptions.ValidationError({name: "Give a number."})
            if field.get_internal_type() == "BooleanField":
                if said not in ("true", "false"):
                    raise exceptions.ValidationError({name: "Say true or false."})
                queryset = queryset.filter(**{column: said == "true"})
                continue
            if "\0" in said:
                raise exceptions.ValidationError({name: "A text cannot hold a NUL."})
            queryset = queryset.filter(**{column: said})
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found = []
        for name, column in view.filters.items():
            field = _column(view, column)
            kind: dict[str, Any] = {"type": "string"}
            if field.flatchoices:
                kind["enum"] = [value for value, _ in field.flatchoices]
            elif field.get_internal_type() == "BooleanField":
                kind = {"type": "boolean"}
            elif _is_number(field):
                kind = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
            found.append({"name": name, "in": "query", "required": False, "schema": kind})
        return found


def _column(view: Any, column: str) -> Any:
    return view.queryset.model._meta.get_field(column)


def _is_number(field: "models.Field[Any, Any]") -> bool:
    return field.get_internal_type() in ("ForeignKey", "OneToOneField", "BigIntegerField", "BigAutoField")


class Endpoint(viewsets.GenericViewSet[Any]):
    """A set of endpoints for people with a token. Says no to any query parameter that it does not know."""

    authentication_classes = [BearerToken]
    permission_classes = [IsAuthenticated]
    parser_classes = [StrictJSON]
    renderer_classes = [JSONRenderer]
    pagination_class: Any = None
    filter_backends = []
    metadata_class = None  # OPTIONS would say less than the contract does
    schema = Contract()
    lookup_value_converter = "int"
    # Query parameters besides those of pages and filters, by the name of the method that takes them.
    parameters: dict[str, frozenset[str]] = {}
    # What a list may be narrowed by: the parameter's name and its column.
    filters: dict[str, str] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        known = set(self.parameters.get(self.action or "", ()))
        if self.action == "list":
            known |= {"limit", "cursor", *self.filters}
        if unknown := set(request.query_params) - known:
            raise exceptions.ValidationError(
                {
                    name: [exceptions.ErrorDetail("There is no such parameter.", code="unknown_parameter")]
                    for name in sorted(unknown)
                }
            )

    @property
    def person(self) -> User:
        """Who calls: nobody without a token comes this far."""
        user = self.request.user
        if not isinstance(user, User):
            raise exceptions.NotAuthenticated
        return user

    @property
    def seen(self) -> str:
        """What the program had before it, by the mark in the address; empty if it says that nothing was there."""
        return self.request.query_params.get("seen", "")

    def said(self, body: type[Any]) -> dict[str, Any]:
        """What was sent, read by a strict serializer."""
        reading = body(data=self.request.data, context=self.get_serializer_context())
        reading.is_valid(raise_exception=True)
        return dict(reading.validated_data)

    def answer(self, subject: Any, *, status: int = 200) -> Response:
        """An object as its detail page shows it."""
        shape: Any = self.serializer_class
        return Response(shape(subject, context=self.get_serializer_context()).data, status=status)


class PublicEndpoint(Endpoint):
    """For everybody: no token is asked for, and none is looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]


@extend_schema(exclude=True)
class Nowhere(PublicEndpoint):
    """Any address of the API that does not exist, whatever the method."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404

    def nothing(self, request: Request) -> Response:
        raise Http404


class Reads(Endpoint):
    """List and detail of what the person may see. Another firm's object does not exist for them: 404, not 403."""

    pagination_class = KeysetPages
    filter_backends = [Exact]
    brief_class: Any = None

    def get_serializer_class(self) -> Any:
        return self.brief_class if self.action == "list" and self.brief_class else self.serializer_class

    def list(self, request: Request) -> Response:
        rows = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        return self.answer(self.get_object())
