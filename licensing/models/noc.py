"""P1: Form A1 and the No Objection Certificate that it may lead to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing.lifecycle.noc import NocLifecycle
from licensing.models.applications import Application, are_different, signature
from licensing.models.extensions import MayBeExtended
from licensing.models.ratified import Unratified
from licensing.models.refusals import RefusalNotice
from licensing.questions import FORM_A1
from licensing.states import FeeKind, NocState
from pvara.kernel import audit, looks
from pvara.kernel.machine import Move
from pvara.kernel.models import AuditEntry

# What suspends a NOC; what tells its holder first that it may be lost; and what that comes to.
SUSPENDS = ("suspend_noc", "suspend_noc_urgently")
GIVES_NOTICE = ("notify_loss", "notify_loss_suspended")
SETTLES_NOTICE = ("suspend_noc", "revoke_noc", "drop_notice", "drop_notice_suspended")


class NocApplication(Application, MayBeExtended, NocLifecycle):
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
    # Of an urgent suspension: until when the board is to ratify it, who signed that, until when its holder is heard.
    ratify_by = models.DateField(null=True, blank=True, editable=False)
    ratified_by = signature()
    hear_by = models.DateField(null=True, blank=True, editable=False)
    granted_at = models.DateTimeField(null=True, blank=True, editable=False)
    valid_to = models.DateField(null=True, blank=True, editable=False)

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
            models.CheckConstraint(
                condition=are_different("suspended_by", "ratified_by"), name="noc_ratifier_is_not_suspender"
            ),
            models.CheckConstraint(
                condition=are_different("case_officer", "ratified_by"), name="noc_ratifier_is_not_case_officer"
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
    def has_an_officer_at_work(self) -> bool:
        """The officer of a NOC has its set-up in hand too, as long as it may come to one."""
        return super().has_an_officer_at_work or (self.case_officer_id is not None and self.is_live)

    @property
    def is_live(self) -> bool:
        """Whether it was granted and has neither expired nor been revoked; it may be suspended."""
        return self.state in (NocState.GRANTED, NocState.SUSPENDED)

    # ── Suspended at once ────────────────────────────────────────────────────────────────────────────────────────────
    way_out_unratified = "lift_unratified"

    def to_be_ratified(self) -> Unratified | None:
        """The urgent suspension that waits for the votes of the board."""
        if self.state != NocState.SUSPENDED or self.ratify_by is None or self.ratified_by_id is not None:
            return None
        return Unratified(self.reference, self.ratify_by, frozenset({self.suspended_by_id}))

    # ── Before it is taken away ──────────────────────────────────────────────────────────────────────────────────────
    def notice_that_waits(self) -> Any:
        """For a NOC that was granted, the notice that it may be suspended or revoked, until that is decided."""
        return _notice_of_loss(self) if self.is_live else super().notice_that_waits()

    @property
    def may_draft_grounds(self) -> bool:
        return super().may_draft_grounds or (self.is_live and self.notice_that_waits() is None)

    def terms_of(self, move: str) -> list[str]:
        if move == "ratify_suspension":
            made = audit.history(self).filter(event="suspend_noc_urgently").last()
            return [made.note] if made else []
        if move not in SETTLES_NOTICE:
            return super().terms_of(move)
        notice = self.notice_that_waits()
        return [str(each) for each in notice.grounds.select_related("criterion", "noc")] if notice else []

    # ── After an appeal ──────────────────────────────────────────────────────────────────────────────────────────────
    def decision_that_holds(self) -> AuditEntry | None:
        """A NOC that an appeal brought back suspended is held by its suspension, which was not taken away."""
        if self.state == NocState.SUSPENDED:
            return audit.history(self).filter(event__in=SUSPENDS).last()
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
        found = audit.history(self).filter(event__in=SUSPENDS).last()
        overturned = Appeal.objects.that_took_away().filter(decision=found)
        return None if overturned.exists() else found

    # ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def is_put(self, move: str) -> bool:
        if move == "extend_noc":
            return self.extension_asked_at is not None and self.extended_at is None
        if move == "ratify_suspension":
            return self.to_be_ratified() is not None
        return move not in SETTLES_NOTICE or self.notice_that_waits() is not None

    def waits_for(self, move: str) -> bool:
        """A NOC that was granted is decided, until the firm asks for longer or it is suspended."""
        return move in ("extend_noc", "reinstate_noc", "ratify_suspension", *SETTLES_NOTICE) or super().waits_for(move)

    @classmethod
    def waiting_for(cls, moves: Iterable[Move]) -> Q:
        names = {row.name for row in moves}
        if "ratify_suspension" in names:
            return super().waiting_for(moves) | Q(state=NocState.SUSPENDED, ratify_by__isnull=False, ratified_by=None)
        if "extend_noc" not in names:
            return super().waiting_for(moves)
        asked = Q(state=NocState.GRANTED, extension_asked_at__isnull=False, extended_at=None)
        noticed = RefusalNotice.objects.filter(given_at__gte=F("noc__granted_at")).values("noc")
        told = Q(state=NocState.GRANTED, pk__in=noticed)
        return super().waiting_for(moves) | asked | told | Q(state=NocState.SUSPENDED)

    def kept_from_move(self, move: str) -> dict[int, str]:
        """Whoever suspended it, alone, has no vote on what becomes of it, nor whoever gave the notice."""
        kept = {}
        if move in ("reinstate_noc", "revoke_noc", "ratify_suspension") and self.suspended_by_id is not None:
            kept[self.suspended_by_id] = "Suspended it."
        if move in SETTLES_NOTICE and (notice := self.notice_that_waits()):
            kept[notice.given_by_id] = "Gave the notice."
        return kept

    def is_in_force(self, at: datetime) -> bool:
        """Whether this NOC is granted and its term has not ended; whole days, in Pakistan's time."""
        from django.utils import timezone

        return self.state == NocState.GRANTED and self.valid_to is not None and timezone.localdate(at) <= self.valid_to


@looks.remembered
def _notice_of_loss(noc: NocApplication) -> RefusalNotice | None:
    """The newest notice on a NOC that was granted, unless the log says that it came to something since."""
    told = [event for event, _, _ in audit.outline(noc) if event in (*GIVES_NOTICE, *SETTLES_NOTICE)]
    if not told or told[-1] not in GIVES_NOTICE:
        return None
    found: RefusalNotice | None = noc.notice_of_refusal()
    return found
