"""Consultation of other agencies on a case. What they say is the state's own affair: no firm ever sees a row of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from licensing.access import Body
from licensing.lifecycle.consultations import ConsultationLifecycle
from licensing.models.agencies import Agency
from licensing.models.firms import Firm, StaffOnlyQuerySet
from licensing.models.full import LicenceApplication
from licensing.models.noc import NocApplication
from licensing.models.votes import DecidedByVote
from licensing.states import ConsultationState, ReplyVerdict
from pvara.kernel import clock, figures
from pvara.kernel.machine import Move
from pvara.kernel.models import User


class Consultation(ConsultationLifecycle, DecidedByVote):
    """One agency asked about one case. The board votes on an objection of it that blocks."""

    voted_with: ClassVar[tuple[str, ...]] = ("agency", "noc", "full", "reply__override")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    noc = models.ForeignKey(NocApplication, null=True, on_delete=models.PROTECT, related_name="consultations")
    full = models.ForeignKey(LicenceApplication, null=True, on_delete=models.PROTECT, related_name="consultations")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="consultations")
    points = models.TextField("what we ask them to look at", blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    chased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The reply that counts, the latest; the earlier ones are kept.
    reply = models.OneToOneField("AgencyReply", null=True, on_delete=models.PROTECT, related_name="+")

    objects = StaffOnlyQuerySet.as_manager()

    closed_states = frozenset({ConsultationState.REPLIED, ConsultationState.NO_REPLY, ConsultationState.ENDED})

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(noc__isnull=False, full__isnull=True) | Q(noc__isnull=True, full__isnull=False),
                name="consultation_is_on_one_case",
            ),
            models.UniqueConstraint(fields=["noc", "agency"], name="agency_once_a_noc_case"),
            models.UniqueConstraint(fields=["full", "agency"], name="agency_once_a_full_case"),
            models.CheckConstraint(
                condition=~Q(state="replied") | Q(reply__isnull=False), name="consultation_has_its_reply"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.agency}"

    def get_absolute_url(self) -> str:
        return reverse("staff:consultation", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"CON-{timezone.localdate(self.requested_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def case(self) -> NocApplication | LicenceApplication:
        case = self.noc or self.full
        assert case is not None
        return case

    @property
    def replied(self) -> dict[str, Any]:
        """What the agency said last, by the names of the form; empty until it replied."""
        return {name: getattr(self.reply, name, None) for name in ("verdict", "received_on", "text")}

    @property
    def override(self) -> "ObjectionOverride | None":
        """The board's decision to go on over the reply that counts."""
        return getattr(self.reply, "override", None)

    @property
    def blocks(self) -> bool:
        """Whether the reply that counts is an objection of an agency whose objection blocks, overridden or not."""
        return self.agency.blocks and self.reply is not None and self.reply.verdict == ReplyVerdict.OBJECTION

    @property
    def objection_sentence(self) -> str:
        assert self.reply is not None
        return f"{self.agency} objects, in its reply of {self.reply.received_on:%-d %B %Y}."

    # ── What the board votes on ──────────────────────────────────────────────────────────────────────────────────────
    def is_put(self, move: str) -> bool:
        """An objection that blocks a case which is not decided, and over which the board has not gone on."""
        return self.blocks and self.override is None and self.case.state not in self.case.closed_states

    def waits_for(self, move: str) -> bool:
        return self.is_put(move)

    @classmethod
    def waiting_for(cls, moves: Iterable[Move]) -> Q:
        return Q(agency__blocks=True, reply__verdict=ReplyVerdict.OBJECTION, reply__override__isnull=True)

    def officer_ids(self) -> frozenset[int]:
        officers: frozenset[int] = self.case.officer_ids()
        return officers

    def assessor_ids(self) -> set[int]:
        assessors: set[int] = self.case.assessor_ids()
        return assessors

    def kept_from_voting(self, body: Body) -> dict[int, str]:
        return self.case.kept_from_voting(body)

    def terms_of(self, move: str) -> list[str]:
        return [self.objection_sentence]

    def time_to_reply(self, at: datetime) -> clock.Reading:
        limit = figures.limit("consultation.reply", on=timezone.localdate(self.requested_at))
        return clock.reading(self, "reply", limit=limit, at=at)


class AgencyReply(models.Model):
    """What an agency said, as a case officer took it down; a later reply is another row."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="replies")
    verdict = models.CharField(max_length=15, choices=ReplyVerdict.choices)
    text = models.TextField(blank=True)
    received_on = models.DateField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "reply of an agency"
        verbose_name_plural = "replies of agencies"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict="no_objection") | ~Q(text=""), name="reply_says_what_it_minds")
        ]

    def __str__(self) -> str:
        return f"{self.consultation.agency}: {self.get_verdict_display().lower()}"


class ObjectionOverride(models.Model):
    """The board goes on over one objection, and says why. Another objection asks for another decision."""

    reply = models.OneToOneField(AgencyReply, on_delete=models.PROTECT, related_name="override")
    reasons = models.TextField()
    overridden_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    overridden_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reasons=""), name="override_gives_reasons")]

    def __str__(self) -> str:
        return f"{self.reply}: overridden by {self.overridden_by}"
