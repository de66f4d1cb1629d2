"""P1: Form A1 and the No Objection Certificate that it may lead to."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse

from licensing.lifecycle.noc import NocLifecycle
from licensing.models.applications import Application, are_different, signature
from licensing.questions import FORM_A1
from licensing.states import OVERTURNED, FeeKind, NocState
from pvara.kernel import audit
from pvara.kernel.machine import Move
from pvara.kernel.models import AuditEntry


class NocApplication(Application, NocLifecycle):
    prefix = "NOC"
    phase = "NOC"
    fee_kind = FeeKind.NOC_APPLICATION
    form = FORM_A1
    imposing = ("grant_with_conditions",)
    refusals = ("notify_refusal", "refuse_noc")
    closed_states = frozenset(
        {
            NocState.GRANTED,
            NocState.REFUSED,
            NocState.REJECTED,
            NocState.WITHDRAWN,
            NocState.LAPSED,
            NocState.SUSPENDED,
            NocState.REVOKED,
            NocState.EXPIRED,
        }
    )

    returned_by = signature()
    rejected_by = signature()
    suspended_by = signature()
    revoked_by = signature()
    granted_at = models.DateTimeField(null=True, blank=True, editable=False)
    valid_to = models.DateField(null=True, blank=True, editable=False)
    extension_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    extended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "NOC application"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=are_different("recommended_by", "decided_by"),
                name="noc_decider_is_not_recommender",
            ),
            models.CheckConstraint(
                condition=are_different("case_officer", "recommended_by"),
                name="noc_recommender_is_not_case_officer",
            ),
            models.CheckConstraint(
                condition=are_different("case_officer", "decided_by"), name="noc_decider_is_not_case_officer"
            ),
            models.CheckConstraint(
                condition=are_different("case_officer", "revoked_by"), name="noc_revoker_is_not_case_officer"
            ),
            models.CheckConstraint(
                condition=are_different("suspended_by", "revoked_by"), name="noc_revoker_is_not_suspender"
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
                        "recommended",
                        "minded_to_refuse",
                    ]
                ),
                name="noc_one_open_case_a_firm",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"])]

    def get_absolute_url(self) -> str:
        return reverse("staff:noc", args=[self.pk])

    @property
    def is_live(self) -> bool:
        """Whether it was granted and has neither expired nor been revoked; it may be suspended."""
        return self.state in (NocState.GRANTED, NocState.SUSPENDED)

    # ── After an appeal ──────────────────────────────────────────────────────────────────────────────────────────────
    def decision_that_holds(self) -> AuditEntry | None:
        """A NOC that an appeal brought back suspended is held by its suspension, which was not taken away."""
        if self.state == NocState.SUSPENDED:
            return audit.history(self).filter(event="suspend_noc").last()
        return super().decision_that_holds()

    def other_live_nocs(self) -> list[str]:
        live = NocApplication.objects.filter(firm=self.firm_id, state__in=(NocState.GRANTED, NocState.SUSPENDED))
        return [each.reference for each in live.exclude(pk=self.pk)]

    def suspension_beneath(self) -> AuditEntry | None:
        """The suspension that held when the NOC was revoked, and that no appeal took away."""
        from licensing.models.appeals import Appeal

        revoked = audit.history(self).filter(event="revoke_noc").last()
        if revoked is None or revoked.from_state != NocState.SUSPENDED:
            return None
        found = audit.history(self).filter(event="suspend_noc").last()
        overturned = Appeal.objects.filter(decision=found, state__in=OVERTURNED)
        return None if overturned.exists() else found

    # ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def is_put(self, move: str) -> bool:
        asked = self.extension_asked_at is not None and self.extended_at is None
        return move != "extend_noc" or asked

    def waits_for(self, move: str) -> bool:
        """A NOC that was granted is decided, until the firm asks for longer or it is suspended."""
        return move in ("extend_noc", "reinstate_noc") or super().waits_for(move)

    @classmethod
    def waiting_for(cls, moves: Iterable[Move]) -> Q:
        names = {row.name for row in moves}
        if "extend_noc" not in names:
            return super().waiting_for(moves)
        asked = Q(state=NocState.GRANTED, extension_asked_at__isnull=False, extended_at=None)
        return super().waiting_for(moves) | asked | Q(state=NocState.SUSPENDED)

    def kept_from_move(self, move: str) -> dict[int, str]:
        """Whoever suspended it, alone, has no vote on what becomes of it."""
        alone = self.suspended_by_id if move in ("reinstate_noc", "revoke_noc") else None
        return {alone: "Suspended it."} if alone is not None else {}

    def is_in_force(self, at: datetime) -> bool:
        """Whether this NOC is granted and its term has not ended; whole days, in Pakistan's time."""
        from django.utils import timezone

        return self.state == NocState.GRANTED and self.valid_to is not None and timezone.localdate(at) <= self.valid_to
