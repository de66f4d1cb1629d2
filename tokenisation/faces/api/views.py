"""The endpoints of the registry. The ledger's refusals are answered as a move's are: 422 with every reason."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import standing
from pvara.kernel.api import Moves, Reads
from tokenisation.access import VIEW, demand
from tokenisation.actions import assets, authorisations, ledger, programme
from tokenisation.faces.api import bodies, shapes
from tokenisation.models import Asset, DistributionAuthorisation, FxRate, JournalEntry, Programme

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]{1,100}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="Your own name for this posting. Sent again, it gives the first answer again and posts nothing.",
)


def _person(request: Request) -> Any:
    """Who calls; nobody gets this far without a token."""
    return request.user


class Programmes(Reads):
    """Programmes with their caps, what is committed and what is left."""

    queryset = Programme.objects.all()
    serializer_class = shapes.ProgrammeShape

    def get_queryset(self) -> QuerySet[Programme]:
        demand(_person(self.request), VIEW)
        return Programme.objects.all()

    @extend_schema(request=bodies.ProgrammeBody, responses={201: shapes.ProgrammeShape})
    def create(self, request: Request) -> Response:
        """Open a programme under a cap."""
        opened = programme.open_programme(**self.said(bodies.ProgrammeBody), by=self.person, at=timezone.now())
        return self.answer(opened, status=201)


class Rates(Reads):
    """The dated rates by which assets in other currencies count against the cap."""

    queryset = FxRate.objects.all()
    serializer_class = shapes.ExchangeRateShape
    filters = {"currency": "currency"}

    def get_queryset(self) -> QuerySet[FxRate]:
        demand(_person(self.request), VIEW)
        return FxRate.objects.all()

    @extend_schema(request=bodies.ExchangeRateBody, responses={201: shapes.ExchangeRateShape})
    def create(self, request: Request) -> Response:
        """Record a day's rate. A day's rate is recorded once."""
        said = self.said(bodies.ExchangeRateBody)
        recorded = programme.record_rate(
            said["currency"],
            on=said["date"],
            per_usd=said["per_usd"],
            source=said["source"],
            by=self.person,
            at=timezone.now(),
        )
        return self.answer(recorded, status=201)


# ── Assets ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class Assets(Reads, Moves):
    """Assets of the programme. A venue's people see those that are issued."""

    queryset = Asset.objects.all()
    serializer_class = shapes.AssetShape
    brief_class = shapes.AssetBrief
    filters = {"state": "state", "kind": "kind", "programme": "programme_id"}

    def get_queryset(self) -> QuerySet[Asset]:
        rows = Asset.objects.visible_to(self.request.user)
        if self.action == "list":
            return rows
        return rows.select_related(
            "programme", "proposed_by", "approved_by", "issued_by", "debt_terms", "commodity_terms"
        ).prefetch_related("approvals__recorded_by", "attestations__recorded_by")

    @extend_schema(request=bodies.AssetBody, responses={201: shapes.AssetShape})
    def create(self, request: Request) -> Response:
        """Propose an asset, with its terms or without them for now."""
        said = self.said(bodies.AssetBody)
        asset = assets.propose_asset(said.pop("programme"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(asset), status=201)

    @extend_schema(request=bodies.ApprovalBody, responses={201: shapes.AssetShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def approvals(self, request: Request, pk: int) -> Response:
        """Record an authority's approval, by the reference of its letter."""
        asset = self.get_object()
        assets.record_approval(asset, **self.said(bodies.ApprovalBody), by=self.person, at=timezone.now())
        return self.answer(self.fresh(asset), status=201)

    @extend_schema(request=bodies.AttestationBody, responses={201: shapes.AssetShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def attestations(self, request: Request, pk: int) -> Response:
        """Record the custodian's attestation of the reserve behind a commodity."""
        asset = self.get_object()
        assets.record_attestation(asset, **self.said(bodies.AttestationBody), by=self.person, at=timezone.now())
        return self.answer(self.fresh(asset), status=201)


# ── Distribution ─────────────────────────────────────────────────────────────────────────────────────────────────────
class Venues(Reads):
    """Licensed venues and whether they may distribute now: all for the state's people, its own for a venue's."""

    queryset = standing.VenueStanding.objects.all()
    serializer_class = shapes.VenueShape

    def get_queryset(self) -> Any:
        if self.request.user.has_perm(VIEW):
            return standing.venues()
        return standing.venues_for(self.request.user)


class Authorisations(Reads, Moves):
    """Which venue may distribute which asset, up to how many units; and the postings made under it."""

    queryset = DistributionAuthorisation.objects.all()
    serializer_class = shapes.AuthorisationShape
    filters = {"state": "state", "asset": "asset_id", "venue": "venue_id"}

    def get_queryset(self) -> QuerySet[DistributionAuthorisation]:
        rows = DistributionAuthorisation.objects.visible_to(self.request.user)
        return rows.select_related("asset", "venue__licence", "venue__firm")

    @extend_schema(request=bodies.AuthorisationBody, responses={201: shapes.AuthorisationShape})
    def create(self, request: Request) -> Response:
        """Authorise a venue in good standing to distribute an issued asset."""
        said = self.said(bodies.AuthorisationBody)
        authorised = authorisations.authorise_venue(
            said["asset"], said["venue"], limit_units=said["limit_units"], by=self.person, at=timezone.now()
        )
        return self.answer(self.fresh(authorised), status=201)

    @extend_schema(request=bodies.UnitsBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"], pagination_class=None)
    def allocations(self, request: Request, pk: int) -> Response:
        """Put units of the treasury on the venue's shelf."""
        return self._post(ledger.allocate)

    @extend_schema(request=bodies.UnitsBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"], pagination_class=None)
    def placements(self, request: Request, pk: int) -> Response:
        """Record units placed with the venue's clients; for the venue's own people."""
        return self._post(ledger.place)

    @extend_schema(request=bodies.UnitsBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"], pagination_class=None)
    def returns(self, request: Request, pk: int) -> Response:
        """Bring units that are not placed back into the treasury."""
        return self._post(ledger.take_back)

    def _post(self, act: Callable[..., Any]) -> Response:
        authorisation = self.get_object()
        key = bodies.idempotency_key(self.request)
        posted = act(authorisation, **self.said(bodies.UnitsBody), key=key, by=self.request.user, at=timezone.now())
        entry = JournalEntry.objects.select_related("asset").get(pk=posted.entry_id)
        headers = {"Idempotent-Replayed": "true"} if posted.replayed else None
        return Response(shapes.JournalEntryShape(entry).data, status=201, headers=headers)


class Entries(Reads):
    """The journal: every issue, allocation, placement and return. A venue's people see the venue's own."""

    queryset = JournalEntry.objects.all()
    serializer_class = shapes.JournalEntryShape
    filters = {"asset": "asset_id", "venue": "venue_id", "kind": "kind"}

    def get_queryset(self) -> QuerySet[JournalEntry]:
        rows = JournalEntry.objects.select_related("asset")
        if self.request.user.has_perm(VIEW):
            return rows
        if self.request.user.is_staff:
            return rows.none()
        return rows.filter(venue__in=standing.venues_for(self.request.user))
