"""Reading what was sent: UTF-8 JSON and nothing cleverer, no field that we do not know, no value of another type.

A program that misspells a field should be told, not obeyed halfway; and a number is not a text that looks like one.
"""

import json
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

BODY_LIMIT = 1024 * 1024  # bytes
DEPTH_LIMIT = 16


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = f"A request may have {BODY_LIMIT:,} bytes at most."


class StrictJSON(BaseParser):
    """JSON by RFC 8259: UTF-8 whatever the header claims, no NaN, no key twice, nothing the database cannot keep."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(BODY_LIMIT + 1)
        if len(body) > BODY_LIMIT:
            raise BodyTooLarge()
        try:
            said = json.loads(body.decode("utf-8"), object_pairs_hook=_each_key_once, parse_constant=_refuse)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError as exc:
            raise ParseError(f"This is not JSON: {exc}") from None
        if fault := fault_in(said):
            raise ParseError(fault)
        return said


class OneFile(MultiPartParser):
    """A form with a file, where one comes in. What is announced as larger than a file may be is not even read."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        announced = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > settings.UPLOAD_LIMIT_BYTES + 64 * 1024:
            raise BodyTooLarge(f"A file may have {settings.UPLOAD_LIMIT_BYTES:,} bytes at most.")
        form = super().parse(stream, media_type, parser_context)
        if fault := fault_in(dict(form.data.lists())):
            raise ParseError(fault)
        return form


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a key appears twice in one object")
    return said


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def fault_in(said: Any) -> str | None:
    """Why a parsed value cannot be kept: text that is no Unicode, NUL, numbers without bound, nesting without end."""
    waiting = [(said, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEPTH_LIMIT:
            return f"It is nested more than {DEPTH_LIMIT} deep."
        if isinstance(value, str) and ("\0" in value or any("\ud800" <= each <= "\udfff" for each in value)):
            return "A text holds a NUL or half a surrogate pair."
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            return "A number is too large."
        if isinstance(value, dict):
            waiting += [(key, depth) for key in value]
            waiting += [(each, depth + 1) for each in value.values()]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
    return None


# ── Serializers ──────────────────────────────────────────────────────────────────────────────────────────────────────
class Plain(serializers.Serializer[Any]):
    """What is sent out, or comes in as a form with a file: no field that we do not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := {
                key: [serializers.ErrorDetail("There is no such field here.", code="unknown_field")]
                for key in data
                if key not in writable
            }:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class Strict(Plain):
    """What comes in as JSON: every value of the type that the contract says, none converted."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (
            wrong := {
                name: [serializers.ErrorDetail(f"This is to be {expected}.", code="wrong_type")]
                for name, field in self.fields.items()
                if not field.read_only and data.get(name) is not None and (expected := _expected(field, data[name]))
            }
        ):
            raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


_TYPES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "true or false"),
    (serializers.IntegerField, (int,), "a whole number"),
    (serializers.MultipleChoiceField, (list,), "a list"),
    (serializers.ListField, (list,), "a list"),
    (serializers.DictField, (dict,), "an object"),
    (serializers.PrimaryKeyRelatedField, (int,), "a whole number"),
    (serializers.JSONField, (dict, list, str, int, float, bool), "JSON"),
    (serializers.BaseSerializer, (dict, list), "an object"),
)


def _expected(field: Any, value: Any) -> str | None:
    """The words for what the field wants, if the value is something else. Whatever is not listed is sent as text."""
    for kind, types, words in _TYPES:
        if isinstance(field, kind):
            fits = isinstance(value, types) and not (isinstance(value, bool) and bool not in types)
            return None if fits else words
    return None if isinstance(value, str) else "a text"


class ObjectField(serializers.DictField):
    """A JSON object that is kept as it is."""


class SeenField(serializers.CharField):
    """The mark of what was there when it was read; left out by who saw nothing there, and so overwrites nothing."""

    def __init__(self, **told: Any) -> None:
        words = "The `seen` of what is written over, as you read it; refused with 409 if it is another by now."
        super().__init__(**{"required": False, "allow_blank": True, "default": "", "help_text": words, **told})


class VisibleField(serializers.PrimaryKeyRelatedField[Any]):
    """The number of an object that the person may see; any other is said not to exist."""

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.visible_to(self.context["request"].user)
