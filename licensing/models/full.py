"""P3: the subsidiary's application for the full licence."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing.lifecycle.full import FullLifecycle
from licensing.models.applications import Application, signature
from licensing.models.noc import NocApplication
from licensing.models.setup import SetUp
from licensing.questions import FULL_FORM
from licensing.states import FullState, LicenceState


def _are_different(one: str, other: str) -> Q:
    return Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})


class LicenceApplication(Application, FullLifecycle):
    prefix = "FUL"
    phase = "FULL"
    form = FULL_FORM
    closed_states = frozenset({FullState.LICENSED, FullState.REFUSED})

    setup = models.ForeignKey(SetUp, on_delete=models.PROTECT, related_name="licence_applications")
    granted_by = signature()

    class Meta:
        verbose_name = "licence application"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=_are_different("recommended_by", "decided_by"),
                name="full_decider_is_not_recommender",
            ),
            models.CheckConstraint(
                condition=_are_different("recommended_by", "granted_by"),
                name="full_granter_is_not_recommender",
            ),
            models.CheckConstraint(
                condition=_are_different("decided_by", "granted_by"), name="full_granter_is_not_approver"
            ),
            models.UniqueConstraint(
                fields=["firm"],
                condition=Q(
                    state__in=[
                        "submitted",
                        "completeness_check",
                        "under_assessment",
                        "recommended",
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

    @property
    def live_licence(self) -> Any:
        """The licence that the firm holds, active or suspended, or None."""
        return self.firm.licences.exclude(state=LicenceState.REVOKED).first()

    @property
    def issued_licence(self) -> Any:
        """The licence that came of it, or None."""
        return getattr(self, "licence", None)
