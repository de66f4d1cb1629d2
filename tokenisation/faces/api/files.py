"""The files of an asset for programs, written row by row: JSON, or CSV with `as=csv`."""

from typing import Any

from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from pvara.kernel.api import Plain
from pvara.kernel.downloads import FORMS
from tokenisation import exports
from tokenisation.access import VIEW, demand
from tokenisation.faces import exports as files
from tokenisation.models import Asset

AS = OpenApiParameter("as", {"type": "string", "enum": list(FORMS)}, description="JSON when it is not given.")
ENTRY = OpenApiParameter(
    "entry",
    {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    description="The number of the entry up to which it goes; the last when it is not given.",
)


class CapTableShape(Plain):
    asset = serializers.CharField()
    as_of_entry = serializers.IntegerField(help_text="Right after this entry; 0 before the first.")
    hash = serializers.CharField(allow_blank=True, help_text="Of that entry.")
    place = serializers.CharField(help_text="A venue, or the treasury.")
    licence = serializers.CharField(allow_blank=True)
    account = serializers.CharField()
    units = serializers.IntegerField()
    usd_cents = serializers.IntegerField(help_text="At the rate of the approval.")


class LedgerLineShape(Plain):
    asset = serializers.CharField()
    seq = serializers.IntegerField()
    kind = serializers.CharField()
    account = serializers.CharField(allow_blank=True, help_text="The account that the units came from.")
    licence = serializers.CharField(allow_blank=True)
    to_licence = serializers.CharField(allow_blank=True)
    units = serializers.IntegerField()
    reverses = serializers.IntegerField(allow_null=True, help_text="The number of the entry that it corrects.")
    case_ref = serializers.CharField(allow_blank=True)
    key = serializers.CharField()
    effective_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    layout = serializers.IntegerField()
    prev_hash = serializers.CharField(allow_blank=True)
    said = serializers.CharField(help_text="The text that is hashed after the bytes of prev_hash, in UTF-8.")
    hash = serializers.CharField()


def _form(request: Request) -> str:
    said: str = request.query_params.get("as", "json")
    if said not in FORMS:
        raise ValidationError({"as": f"Choose one of: {', '.join(FORMS)}."})
    return said


def _entry(request: Request, asset: Asset) -> int | None:
    said = request.query_params.get("entry")
    if said is None:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 18 and 1 <= int(said) <= asset.last_entry):
        raise ValidationError({"entry": f"The entries of this asset are numbered from 1 to {asset.last_entry}."})
    return int(said)


def _rows(shape: Any) -> dict[Any, Any]:
    return {(200, "application/json"): shape(many=True), (200, "text/csv"): OpenApiTypes.STR}


class Files:
    """Mixed into the assets' endpoints."""

    @extend_schema(operation_id="assets_cap_table", parameters=[AS, ENTRY], responses=_rows(CapTableShape))
    @action(detail=True, methods=["get"], url_path="cap-table", pagination_class=None)
    def cap_table(self: Any, request: Request, pk: int) -> StreamingHttpResponse:
        """Where the units of the asset are by venue and account, now or right after an entry."""
        demand(self.person, VIEW)
        asset = self.get_object()
        return files.cap_table(asset, _form(request), seq=_entry(request, asset))

    @extend_schema(operation_id="assets_ledger", parameters=[AS, ENTRY], responses=_rows(LedgerLineShape))
    @action(detail=True, methods=["get"], pagination_class=None)
    def ledger(self: Any, request: Request, pk: int) -> StreamingHttpResponse:
        """The journal of the asset with its chain of hashes. Whoever has it can verify it with nothing else:
        `hash` is the SHA-256 of the bytes of `prev_hash` and the text `said`."""
        demand(self.person, VIEW)
        asset = self.get_object()
        return files.journal(asset, _form(request), seq=_entry(request, asset))

    @extend_schema(
        operation_id="assets_bond_terms",
        parameters=[AS],
        responses={
            (200, "application/json"): {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "object"}},
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    @action(detail=True, methods=["get"], url_path="bond-terms", pagination_class=None)
    def bond_terms(self: Any, request: Request, pk: int) -> StreamingHttpResponse:
        """The terms of a bill, bond or sukuk under names after ICMA's Bond Data Taxonomy; 404 for a commodity."""
        asset = self.get_object()
        terms = exports.bond_terms(asset)
        if terms is None:
            raise Http404
        return files.bond_terms(asset, terms, _form(request))
