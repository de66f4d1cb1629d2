"""The endpoints of the registry. The ledger's refusals are answered as a move's are: 422 with every reason."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import standing
from pvara.kernel.api import Moves, Reads
from tokenisation.access import ALLOCATE, VIEW, demand
from tokenisation.actions import assets, attestations, authorisations, ledger, programme, reconciliation, redemptions
from tokenisation.faces.api import bodies, control_shapes, shapes
from tokenisation.faces.api.exposure import Exposed, VenueExposed
from tokenisation.faces.api.files import Files
from tokenisation.ledger import Line
from tokenisation.models import (
    Asset,
    DistributionAuthorisation,
    FxRate,
    JournalEntry,
    Programme,
    ReserveAttestation,
    SettlementAsset,
)

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


class Programmes(Exposed, Reads):
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
        """Record a day's rate, by the source that the setting `fx.source` names. A day's rate is recorded once."""
        said = self.said(bodies.ExchangeRateBody)
        recorded = programme.record_rate(
            said["currency"],
            on=said["date"],
            per_usd=said["per_usd"],
            by=self.person,
            at=timezone.now(),
        )
        return self.answer(recorded, status=201)


class SettlementAssets(Reads):
    """In what placements may be settled: dated rows, of which the newest of a code that has begun counts."""

    queryset = SettlementAsset.objects.all()
    serializer_class = shapes.SettlementAssetShape
    filters = {"code": "code"}

    def get_queryset(self) -> QuerySet[SettlementAsset]:
        return SettlementAsset.objects.visible_to(self.request.user)


# ── Assets ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class Assets(Files, Reads, Moves):
    """Assets of the programme. A venue's people see those that are issued."""

    queryset = Asset.objects.all()
    serializer_class = shapes.AssetShape
    brief_class = shapes.AssetBrief
    filters = {"state": "state", "kind": "kind", "programme": "programme_id"}
    parameters = {
        "cap_table": frozenset({"as", "entry"}),
        "ledger": frozenset({"as", "entry"}),
        "bond_terms": frozenset({"as"}),
    }

    def get_queryset(self) -> QuerySet[Asset]:
        rows = Asset.objects.visible_to(self.request.user).with_placed()
        if self.action == "list":
            return rows
        return rows.select_related(
            "programme", "proposed_by", "approved_by", "issued_by", "debt_terms", "commodity_terms"
        ).prefetch_related("approvals__recorded_by", self._attestations())

    def _attestations(self) -> "Prefetch[Any]":
        told = ReserveAttestation.objects.told_to(self.request.user)
        return Prefetch("attestations", told.select_related("recorded_by", "decided_by"))

    @extend_schema(request=bodies.AssetBody, responses={201: shapes.AssetShape})
    def create(self, request: Request) -> Response:
        """Propose an asset, with its terms or without them for now."""
        said = self.said(bodies.AssetBody)
        asset = assets.propose_asset(said.pop("programme"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(asset), status=201)

    @extend_schema(request=bodies.AmendedBody, responses=shapes.AssetShape)
    @action(detail=True, methods=["put"], url_path="draft", pagination_class=None)
    def draft(self, request: Request, pk: int) -> Response:
        """Change what a draft says. From review on, nothing of it changes but by its moves."""
        asset = assets.amend_draft(
            self.get_object(), **self.said(bodies.AmendedBody), by=self.person, at=timezone.now()
        )
        return self.answer(self.fresh(asset))

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
        """Record the custodian's attestation of the reserve behind a commodity. Another person accepts it by a move."""
        asset = self.get_object()
        attestations.record_attestation(asset, **self.said(bodies.AttestationBody), by=self.person, at=timezone.now())
        return self.answer(self.fresh(asset), status=201)

    @extend_schema(
        request=bodies.TreasuryRedemptionBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def redemptions(self, request: Request, pk: int) -> Response:
        """Redeem units of the treasury: never sold, or taken back."""
        return posted(self, redemptions.redeem_treasury, bodies.TreasuryRedemptionBody)

    @extend_schema(request=bodies.RegisterBody, responses={201: control_shapes.ReconciliationShape})
    @action(detail=True, methods=["post"], url_path="register-statements", pagination_class=None)
    def register_statements(self, request: Request, pk: int) -> Response:
        """Record the traditional register's figure for the end of a day; the answer compares it with the ledger."""
        said = self.said(bodies.RegisterBody)
        made = reconciliation.record_register(self.get_object(), **said, by=self.person, at=timezone.now())
        return Response(control_shapes.ReconciliationShape(made).data, status=201)


# ── Distribution ─────────────────────────────────────────────────────────────────────────────────────────────────────
def posted(view: Any, act: Callable[..., Any], body: type[Any]) -> Response:
    """Make one posting, or find it made, and show its entry."""
    subject = view.get_object()
    key = bodies.idempotency_key(view.request)
    made = act(subject, **view.said(body), key=key, by=view.person, at=timezone.now())
    entry = JournalEntry.objects.select_related("asset", "settlement__settled_in").get(pk=made.entry_id)
    headers = {"Idempotent-Replayed": "true"} if made.replayed else None
    return Response(shapes.JournalEntryShape(entry).data, status=201, headers=headers)


class Venues(VenueExposed, Reads):
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
        rows = DistributionAuthorisation.objects.visible_to(self.request.user).with_placed()
        return rows.select_related("asset", "venue__licence", "venue__firm")

    @extend_schema(request=bodies.AuthorisationBody, responses={201: shapes.AuthorisationShape})
    def create(self, request: Request) -> Response:
        """Authorise a venue in good standing to distribute an issued asset."""
        said = self.said(bodies.AuthorisationBody)
        authorised = authorisations.authorise_venue(
            said.pop("asset"), said.pop("venue"), **said, by=self.person, at=timezone.now()
        )
        return self.answer(self.fresh(authorised), status=201)

    @extend_schema(request=bodies.LastDayBody, responses={200: shapes.AuthorisationShape})
    @action(detail=True, methods=["post"], url_path="last-day", pagination_class=None)
    def last_day(self, request: Request, pk: int) -> Response:
        """Move the last day of an authorisation. One that has lapsed is then renewed by a move."""
        said = self.said(bodies.LastDayBody)
        moved = authorisations.change_last_day(self.get_object(), **said, by=self.person, at=timezone.now())
        return self.answer(self.fresh(moved))

    @extend_schema(request=bodies.UnitsBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"], pagination_class=None)
    def allocations(self, request: Request, pk: int) -> Response:
        """Put units of the treasury on the venue's shelf."""
        return self._post(ledger.allocate)

    @extend_schema(
        request=bodies.PlacementBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def placements(self, request: Request, pk: int) -> Response:
        """Record units placed with the venue's clients, and what was paid in; for the venue's own people."""
        return self._post(ledger.place, bodies.PlacementBody)

    @extend_schema(request=bodies.UnitsBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"], pagination_class=None)
    def returns(self, request: Request, pk: int) -> Response:
        """Bring units that are not placed back into the treasury."""
        return self._post(ledger.take_back)

    @extend_schema(request=bodies.FreezeBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"], pagination_class=None)
    def freezes(self, request: Request, pk: int) -> Response:
        """Freeze units on the venue's shelf or with its clients, under an order. To release them is an order."""
        return self._post(ledger.freeze, bodies.FreezeBody)

    @extend_schema(
        request=bodies.RedemptionBody, responses={201: shapes.JournalEntryShape}, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def redemptions(self, request: Request, pk: int) -> Response:
        """Record that units of the venue's clients, or of its shelf, were paid out and are no more."""
        return self._post(redemptions.redeem, bodies.RedemptionBody)

    @extend_schema(request=bodies.LinesBody, responses={200: shapes.LinesShape, 201: shapes.LinesShape})
    @action(detail=True, methods=["post"], url_path="allocation-files", pagination_class=None)
    def allocation_files(self, request: Request, pk: int) -> Response:
        """Allocate by a file of lines: all of them (201) or none (200), with an answer for every line."""
        demand(self.person, ALLOCATE)
        return self._file()

    @extend_schema(request=bodies.PlacementLinesBody, responses={200: shapes.LinesShape, 201: shapes.LinesShape})
    @action(detail=True, methods=["post"], url_path="placement-files", pagination_class=None)
    def placement_files(self, request: Request, pk: int) -> Response:
        """Record placements by a file of lines: all (201) or none (200), with an answer for every line."""
        if self.person.has_perm(VIEW):
            raise PermissionDenied("Placements are recorded by the venue's own people.")
        return self._file(bodies.PlacementLinesBody)

    def _file(self, body: type[Any] = bodies.LinesBody) -> Response:
        said = self.said(body)
        lines, trial = [Line(**each) for each in said["lines"]], said["trial"]
        answers = ledger.post_file(self.get_object(), lines, by=self.person, at=timezone.now(), trial=trial)
        posted = not trial and not any(each.refusal for each in answers)
        return Response(shapes.LinesShape({"posted": posted, "lines": answers}).data, status=201 if posted else 200)

    def _post(self, act: Callable[..., Any], body: type[Any] = bodies.UnitsBody) -> Response:
        return posted(self, act, body)


class Entries(Reads):
    """The journal: every entry of the ledger. A venue's people see the venue's own."""

    queryset = JournalEntry.objects.all()
    serializer_class = shapes.JournalEntryShape
    filters = {"asset": "asset_id", "venue": "venue_id", "kind": "kind"}

    def get_queryset(self) -> QuerySet[JournalEntry]:
        rows = JournalEntry.objects.select_related("asset", "settlement__settled_in")
        if self.request.user.has_perm(VIEW):
            return rows
        if self.request.user.is_staff:
            return rows.none()
        return rows.filter(venue__in=standing.venues_for(self.request.user))
