"""P1: Form A1 and the No Objection Certificate that it may lead to."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing.lifecycle.noc import NocLifecycle
from licensing.models.applications import Application
from licensing.questions import FORM_A1
from licensing.states import NocState


class NocApplication(Application, NocLifecycle):
    prefix = "NOC"
    phase = "NOC"
    form = FORM_A1
    closed_states = frozenset({NocState.GRANTED, NocState.REFUSED})

    granted_at = models.DateTimeField(null=True, blank=True, editable=False)
    valid_to = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "NOC application"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recommended_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(recommended_by=F("decided_by")),
                name="noc_decider_is_not_recommender",
            ),
            models.UniqueConstraint(
                fields=["firm"],
                condition=Q(state__in=["submitted", "completeness_check", "under_assessment", "recommended"]),
                name="noc_one_open_case_a_firm",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"])]

    def get_absolute_url(self) -> str:
        return reverse("staff:noc", args=[self.pk])

    def is_in_force(self, at: datetime) -> bool:
        """Whether this NOC is granted and its term has not ended; whole days, in Pakistan's time."""
        from django.utils import timezone

        return self.state == NocState.GRANTED and self.valid_to is not None and timezone.localdate(at) <= self.valid_to
