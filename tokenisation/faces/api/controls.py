"""The endpoints by which the ledger is held to other people's word: orders, breaks and returns of holdings."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from pvara.kernel.api import Moves, Reads
from tokenisation.actions import orders, reconciliation
from tokenisation.faces.api import bodies
from tokenisation.faces.api import control_shapes as shapes
from tokenisation.models import Break, HoldingsReturn, LedgerCheck, Order
from tokenisation.states import EntryKind


class Orders(Reads, Moves):
    """Releases of frozen units, forced transfers and corrections: proposed here, posted when another confirms."""

    queryset = Order.objects.all()
    serializer_class = shapes.OrderShape
    filters = {"state": "state", "asset": "asset_id", "kind": "kind"}

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to(self.request.user).select_related("proposed_by", "decided_by")

    @extend_schema(request=bodies.OrderBody, responses={201: shapes.OrderShape})
    def create(self, request: Request) -> Response:
        """Propose an order, with the reference of its case and the reasons."""
        said = self.said(bodies.OrderBody)
        act: dict[str, Any] = {"by": self.person, "at": timezone.now()}
        match said.pop("kind"):
            case EntryKind.CORRECT:
                order = orders.propose_correction(said.pop("entry"), **said, **act)
            case EntryKind.FORCED:
                order = orders.propose_forced_transfer(said.pop("authorisation"), **said, **act)
            case _:
                order = orders.propose_release(said.pop("authorisation"), **said, **act)
        return self.answer(self.fresh(order), status=201)


class Breaks(Reads, Moves):
    """Differences between the ledger and another record, and conditions of an asset that a return does not keep.

    While one stands, nothing more of its asset is issued.
    """

    queryset = Break.objects.all()
    serializer_class = shapes.BreakShape
    filters = {"state": "state", "asset": "asset_id"}

    def get_queryset(self) -> QuerySet[Break]:
        return Break.objects.visible_to(self.request.user).select_related("explained_by", "closed_by")


class HoldingsReturns(Reads):
    """What venues say their clients hold, day by day. A venue's people see and file the venue's own."""

    queryset = HoldingsReturn.objects.all()
    serializer_class = shapes.HoldingsReturnShape
    filters = {"authorisation": "authorisation_id"}

    def get_queryset(self) -> QuerySet[HoldingsReturn]:
        return HoldingsReturn.objects.visible_to(self.request.user)

    @extend_schema(request=bodies.HoldingsBody, responses={201: shapes.ReconciliationShape(many=True)})
    def create(self, request: Request) -> Response:
        """File a return of one or more rows, all or none; the answer compares each with the ledger and holds it to the
        conditions of its asset. The SHA-256 of the body is kept with each row."""
        # Read before it is parsed: afterwards the bytes are gone.
        handed_in = request.body
        rows = [
            (row.pop("authorisation"), row.pop("as_of"), reconciliation.Holdings(**row))
            for row in map(dict, self.said(bodies.HoldingsBody)["rows"])
        ]
        made = reconciliation.file_holdings(rows, by=self.person, at=timezone.now(), handed_in=handed_in)
        return Response(shapes.ReconciliationShape(made, many=True).data, status=201)


class LedgerChecks(Reads):
    """What each check of the ledger's invariants found, the newest first; one is made every night."""

    queryset = LedgerCheck.objects.all()
    serializer_class = shapes.LedgerCheckShape

    def get_queryset(self) -> QuerySet[LedgerCheck]:
        return LedgerCheck.objects.visible_to(self.request.user)
