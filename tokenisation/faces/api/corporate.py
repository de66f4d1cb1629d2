"""The endpoints of corporate actions: what is due and to whom, rates of floating periods, evidence, and defaults."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pvara.kernel.api import Moves, Reads
from tokenisation.actions import corporate
from tokenisation.faces.api import corporate_shapes as shapes
from tokenisation.models import CorporateAction, RateFixing
from tokenisation.states import ActionKind


class CorporateActions(Reads, Moves):
    """Payments that assets are bound to make, and events of credit. A venue's people see those of their assets."""

    queryset = CorporateAction.objects.all()
    serializer_class = shapes.CorporateActionShape
    brief_class = shapes.CorporateActionBrief
    filters = {"state": "state", "asset": "asset_id", "kind": "kind"}

    def get_queryset(self) -> QuerySet[CorporateAction]:
        rows = CorporateAction.objects.visible_to(self.request.user).select_related("asset")
        return rows if self.action == "list" else rows.select_related("snapshot").prefetch_related("evidence")

    @extend_schema(request=shapes.CorporateActionBody, responses={201: shapes.CorporateActionShape})
    def create(self, request: Request) -> Response:
        """Propose a partial redemption, a credit event or a default; another person announces or establishes it."""
        said = self.said(shapes.CorporateActionBody)
        act: dict[str, Any] = {"by": self.person, "at": timezone.now()}
        if said["kind"] == ActionKind.PARTIAL:
            said.pop("kind")
            proposed = corporate.propose_partial(said.pop("asset"), **said, **act)
        else:
            kind = ActionKind(said.pop("kind"))
            proposed = corporate.propose_event(said.pop("asset"), kind=kind, **said, **act)
        return self.answer(self.fresh(proposed), status=201)

    @extend_schema(request=shapes.RateBody, responses={201: shapes.RateFixingShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def rates(self, request: Request, pk: int) -> Response:
        """Propose the rate of a floating period, as it was published; another person fixes it."""
        said = self.said(shapes.RateBody)
        made = corporate.propose_rate(self.get_object(), **said, by=self.person, at=timezone.now())
        return Response(shapes.RateFixingShape(made).data, status=201)

    @extend_schema(request=shapes.PaymentEvidenceBody, responses={201: shapes.CorporateActionShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def evidence(self, request: Request, pk: int) -> Response:
        """Record the evidence of a payment that is due or was missed; another person confirms the payment by it."""
        found, said = self.get_object(), self.said(shapes.PaymentEvidenceBody)
        corporate.record_payment(found, **said, by=self.person, at=timezone.now())
        return self.answer(self.fresh(found), status=201)


class RateFixings(Reads, Moves):
    """Rates proposed for periods of floating debts, and what became of them."""

    queryset = RateFixing.objects.all()
    serializer_class = shapes.RateFixingShape
    filters = {"state": "state", "action": "action_id"}

    def get_queryset(self) -> QuerySet[RateFixing]:
        return RateFixing.objects.visible_to(self.request.user).select_related("proposed_by", "decided_by")
