"""P3: the subsidiary's application for the full licence."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from licensing.access import Body
from licensing.lifecycle.full import FullLifecycle
from licensing.models.applications import Application, are_different, signature
from licensing.models.fees import Invoice, due, invoice_for
from licensing.models.noc import NocApplication
from licensing.models.setup import SetUp
from licensing.questions import FULL_FORM
from licensing.states import AreaResult, FeeKind, FindingState, FullState, InspectionState
from pvara.kernel import audit, figures


class LicenceApplication(Application, FullLifecycle):
    prefix = "FUL"
    phase = "FULL"
    fee_kind = FeeKind.LICENCE_APPLICATION
    form = FULL_FORM
    imposing = ("approve_in_principle", "approve_with_conditions")
    refusals = ("notify_refusal", "refuse_licence")
    closed_states = frozenset(
        {FullState.LICENSED, FullState.REFUSED, FullState.REJECTED, FullState.WITHDRAWN, FullState.LAPSED}
    )

    setup = models.ForeignKey(SetUp, on_delete=models.PROTECT, related_name="licence_applications")
    granted_by = signature()
    returned_by = signature()
    rejected_by = signature()

    class Meta:
        verbose_name = "licence application"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=are_different("recommended_by", "decided_by"),
                name="full_decider_is_not_recommender",
            ),
            models.CheckConstraint(
                condition=are_different("recommended_by", "granted_by"),
                name="full_granter_is_not_recommender",
            ),
            models.CheckConstraint(
                condition=are_different("decided_by", "granted_by"), name="full_granter_is_not_approver"
            ),
            models.CheckConstraint(
                condition=are_different("case_officer", "recommended_by"),
                name="full_recommender_is_not_case_officer",
            ),
            models.CheckConstraint(
                condition=are_different("case_officer", "decided_by"), name="full_decider_is_not_case_officer"
            ),
            models.CheckConstraint(
                condition=are_different("case_officer", "granted_by"), name="full_granter_is_not_case_officer"
            ),
            models.UniqueConstraint(
                fields=["firm"],
                condition=Q(
                    state__in=[
                        "submitted",
                        "completeness_check",
                        "returned_incomplete",
                        "under_assessment",
                        "rfi",
                        "inspection",
                        "recommended",
                        "minded_to_refuse",
                        "in_principle",
                    ]
                ),
                name="full_one_open_case_a_firm",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"])]

    def get_absolute_url(self) -> str:
        return reverse("staff:full", args=[self.pk])

    @property
    def noc(self) -> NocApplication:
        return self.setup.noc

    @property
    def applicant_name(self) -> str:
        return self.setup.subsidiary_name or str(self.firm)

    def apply_by(self, at: datetime) -> date | None:
        """The last day on which it may be submitted; None as long as the regulations are not in force."""
        today = timezone.localdate(at)
        regulations = figures.value("full.regulations_on", on=today)
        if regulations is None:
            return None
        confirmed = audit.history(self.setup).filter(event="confirm_setup").last()
        begins = max(regulations, timezone.localdate(confirmed.at)) if confirmed else regulations
        last: date = begins + relativedelta(months=int(figures.value("full.window_months", on=today)))
        return last

    @property
    def paid_up_capital(self) -> Decimal | None:
        """In PKR, as verified in milestone M7; None as long as it is not."""
        return self.setup.paid_up_capital

    @property
    def approved_at(self) -> datetime | None:
        return self.moment_of("approve_in_principle", "approve_with_conditions")

    # An approval in principle has a time of its own, that of its conditions: what the applicant does meanwhile is to
    # meet them.
    def silent_since(self) -> datetime:
        approved = self.approved_at if self.state == FullState.IN_PRINCIPLE else None
        return approved or super().silent_since()

    def lapses_on(self) -> date:
        if self.state != FullState.IN_PRINCIPLE:
            return super().lapses_on()
        return figures.last_day("conditions_precedent", timezone.localdate(self.silent_since()), on=self.began_on)

    @property
    def annual_fee_invoice(self) -> Invoice | None:
        """What was charged for the first year; None when nothing was."""
        return invoice_for(self, FeeKind.ANNUAL)

    def annual_fee_due(self, at: datetime) -> Decimal:
        return due(FeeKind.ANNUAL, self.requested_activities, timezone.localdate(at))

    def kept_from_voting(self, body: Body) -> dict[int, str]:
        """The board does not have among its votes that of whoever approved the case in principle."""
        parts = super().kept_from_voting(body)
        if self.decided_by_id is not None and body.code == "board":
            parts[self.decided_by_id] = "Approved it in principle."
        return parts

    # ── Inspections and findings ─────────────────────────────────────────────────────────────────────────────────────
    def inspection_is_required(self, at: datetime) -> bool:
        return bool(figures.value("inspection.required", on=timezone.localdate(at)))

    def open_inspections(self) -> list[Any]:
        return list(self._inspections().filter(state=InspectionState.SCHEDULED))

    def reported_inspections(self) -> list[Any]:
        return list(self._inspections().filter(state=InspectionState.REPORTED))

    def tested_areas(self) -> set[str]:
        """What a reported inspection has tested, whatever the result."""
        reported = self._inspections().filter(state=InspectionState.REPORTED)
        tested = reported.filter(results__result__in=(AreaResult.PASSED, AreaResult.FAILED))
        return set(tested.values_list("results__kind", flat=True))

    def _inspections(self) -> "models.QuerySet[Any]":
        rows: models.QuerySet[Any] = getattr(self, "inspections")  # noqa: B009  rows of the model above
        return rows

    def open_findings(self, *severities: str) -> list[Any]:
        """The firm's findings of these severities that are neither remedied nor closed, whatever they are on."""
        found = self.firm.findings.filter(severity__in=severities)
        return list(found.exclude(state__in=(FindingState.VERIFIED, FindingState.CLOSED)).order_by("pk"))

    @property
    def live_licence(self) -> Any:
        """The licence that the firm holds, in force or suspended, or None."""
        return self.firm.licences.live().first()

    @property
    def issued_licence(self) -> Any:
        """The licence that came of it, or None."""
        return getattr(self, "licence", None)
