"""The contract: OpenAPI generated from the endpoints, with every refusal documented once for all of them."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from pvara.kernel.machine import SYSTEM, moves_of

REFUSALS = {
    "400": ("Invalid", "The request cannot be understood: a field or a parameter is wrong or unknown."),
    "401": ("Unauthenticated", "There is no valid token in the Authorization header."),
    "403": ("Denied", "You are not among those who may do this."),
    "404": ("NotFound", "There is no such thing, or it is not yours to see."),
    "405": ("MethodNotAllowed", "This address does not take that method."),
    "406": ("NotAcceptable", "The answer is only to be had as the type documented."),
    "409": ("Conflict", "It has changed since you saw it: `version` is the present one, `now` what is written."),
    "413": ("TooLarge", "The request is too large."),
    "415": ("UnsupportedType", "The request is of a type that is not taken here."),
    "422": ("Refused", "The regime does not allow it now; `errors` names every gate that is shut."),
    "429": ("TooMany", "Too many attempts; Retry-After says when to come back."),
}

PROBLEM = {
    "type": "object",
    "required": ["code", "detail", "errors"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "description": "For programs; does not change."},
        "detail": {"type": "string", "description": "For people."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail", "field", "details"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string", "description": "The gate's or the fault's name."},
                    "detail": {"type": "string"},
                    "field": {
                        "type": ["string", "null"],
                        "description": "The path of the field, if it is one's fault.",
                    },
                    "details": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "version": {"type": "integer", "description": "With 409: the object's present version."},
        "now": {"type": "object", "description": "With 409: what is written there now, by its names."},
        "seen": {"type": "string", "description": "With 409: what to send as `seen` once you have read `now`."},
    },
}

READS = ("get", "head")


class Contract(AutoSchema):
    """Takes what it says of an operation from the docstring: the first sentence is the summary."""

    def get_summary(self) -> str:
        return self._said().partition(". ")[0].rstrip(".")

    # drf-spectacular gives it no arguments; the stubs know its ancestor only.
    def get_description(self) -> str:  # type: ignore[override]
        return self._said()

    def _said(self) -> str:
        action = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        said = (getattr(action, "__doc__", None) or "").strip()
        if said:
            return " ".join(said.split())
        about = " ".join((type(self.view).__doc__ or "").split())
        return about if getattr(self.view, "action", None) == "list" else f"One of: {about}"

    def get_override_parameters(self) -> list[Any]:
        if getattr(self.view, "action", None) != "move":
            return super().get_override_parameters()
        model = self.view.queryset.model  # type: ignore[attr-defined]  # only sets of endpoints have moves
        names = [row.name for row in moves_of(model).values() if row.permissions != (SYSTEM,)]
        named = {"type": "string", "enum": names}
        return [OpenApiParameter("name", named, OpenApiParameter.PATH, description="The move.")]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return super().get_serializer_name(serializer, direction).removesuffix("Shape")


class BearerTokenScheme(OpenApiAuthenticationExtension):
    target_class = "pvara.kernel.api.bases.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "From `POST /api/login/`."}


def document_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: give every operation the refusals that it can answer with."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        name: {"description": words, "content": body} for name, words in sorted(REFUSALS.values())
    }
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for code in _refusals_of(method, operation):
                operation["responses"].setdefault(code, {"$ref": f"#/components/responses/{REFUSALS[code][0]}"})
    return result


def _refusals_of(method: str, operation: dict[str, Any]) -> list[str]:
    codes = ["400", "404", "405", "406"]
    if any(operation.get("security", [])):
        codes += ["401", "403"]
    if method not in READS:
        codes += ["409", "422"]
    if "requestBody" in operation:
        codes += ["413", "415"]
    if operation["operationId"] == "login":
        codes += ["401", "403", "429"]
    return sorted(set(codes))
