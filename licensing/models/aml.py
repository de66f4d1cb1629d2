"""P2: a NOC holder's request for AML Registered Services, and the permission that may come of it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from licensing.access import Body
from licensing.lifecycle.aml import AmlLifecycle
from licensing.models.activities import terms_in_force
from licensing.models.appealed import MayBeAppealed
from licensing.models.applications import signature
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.noc import NocApplication
from licensing.models.scores import criteria_outstanding, facts, people_who_assessed, score_of
from licensing.models.setup import Milestone, SetUp
from licensing.models.votes import DecidedByVote
from licensing.scoring import Score
from licensing.states import Activity, AmlState, FullState, MilestoneCode, MilestoneState
from pvara.kernel import figures
from pvara.kernel.machine import Move

# What the AML permission rests on: a company, its goAML number, its officers.
NEEDED = (MilestoneCode.M1, MilestoneCode.M3, MilestoneCode.M6)


def registrable(on: date) -> list[str]:
    """The services that may be registered on a date, by the terms of each activity."""
    return [code for code, terms in terms_in_force(on).items() if terms.aml_service]


class AmlRegistration(MayBeAppealed, DecidedByVote, AmlLifecycle):
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="aml_registrations")
    setup = models.ForeignKey(SetUp, on_delete=models.PROTECT, related_name="aml_registrations")
    services = ArrayField(models.CharField(max_length=20, choices=Activity.choices))
    reasons = models.TextField("why these services", blank=True)
    requested_by = signature()
    requested_at = models.DateTimeField()
    decided_by = signature()
    ended_by = signature()

    objects = CaseQuerySet.as_manager()

    refusals = ("refuse_aml_services",)

    class Meta:
        verbose_name = "AML registration"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["firm"],
                condition=Q(state__in=["requested", "permitted"]),
                name="one_live_aml_registration_a_firm",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:aml_registration", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"AML-{timezone.localdate(self.requested_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def began_on(self) -> date:
        return timezone.localdate(self.requested_at)

    @property
    def noc(self) -> NocApplication:
        return self.setup.noc

    def licence_is_decided(self) -> bool:
        """Whether the full licence for which the firm set up was granted or refused."""
        decided = (FullState.LICENSED, FullState.REFUSED)
        return self.setup.licence_applications.filter(state__in=decided).exists()

    def open_siblings(self) -> "models.QuerySet[AmlRegistration]":
        """Another request of the firm that is not decided, or its permission."""
        live = AmlRegistration.objects.filter(firm=self.firm_id, state__in=(AmlState.REQUESTED, AmlState.PERMITTED))
        return live.exclude(pk=self.pk)

    def service_titles(self) -> list[tuple[str, str]]:
        return [(each, str(Activity(each).label)) for each in self.services]

    def are_switched_on(self, at: datetime) -> bool:
        return bool(figures.value("aml.enabled", on=timezone.localdate(at)))

    def registrable(self, at: datetime) -> list[str]:
        return registrable(timezone.localdate(at))

    def unverified_milestones(self) -> list[Milestone]:
        needed = self.setup.milestones.filter(code__in=NEEDED)
        return list(needed.exclude(state=MilestoneState.VERIFIED))

    def verifier_ids(self) -> set[int]:
        verified = self.setup.milestones.filter(code__in=NEEDED, verified_by__isnull=False)
        return set(verified.values_list("verified_by", flat=True))

    def officer_ids(self) -> frozenset[int]:
        return self.noc.officer_ids()

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)

    # ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def waits_for(self, move: str) -> bool:
        """What was permitted is decided; it may be ended, and waits for nobody."""
        return self.state == AmlState.REQUESTED

    @classmethod
    def waiting_for(cls, moves: Iterable[Move]) -> Q:
        return Q(state=AmlState.REQUESTED)

    def kept_from_voting(self, body: Body) -> dict[int, str]:
        """Beside those who had the case in hand: whoever verified a milestone that the permission rests on."""
        return dict.fromkeys(self.verifier_ids(), "Verified a milestone.") | super().kept_from_voting(body)

    def score(self, at: datetime) -> Score:
        return score_of(self.firm, "SETUP", at, self.setup.framework_at(at))

    def score_facts(self, at: datetime) -> dict[str, Any]:
        return facts(self.score(at), self.firm)

    def ratings_outstanding(self, at: datetime) -> list[str]:
        """A sentence for each criterion of the set-up that is not rated or not moderated yet."""
        return criteria_outstanding(self.firm, "SETUP", at, self.setup.framework_at(at))
