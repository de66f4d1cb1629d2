"""P4: the orderly end of a business whose licence was taken or ran out."""

from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.wind_downs import WindDownLifecycle
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.licences import Licence
from licensing.states import WindDownState


class WindDown(WindDownLifecycle):
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="wind_downs")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="wind_downs")
    opened_at = models.DateTimeField()
    # The last day of the whole, as the firm's letter gave it or as a stay has put it off.
    due_on = models.DateField()
    plan = models.TextField(blank=True, help_text="How clients get their assets back, by when, and who sees to it.")
    submitted_by = signature()
    approved_by = signature()
    closed_by = signature()

    objects = CaseQuerySet.as_manager()

    closed_states = frozenset({WindDownState.FINISHED, WindDownState.ENDED})

    class Meta:
        verbose_name = "wind-down"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["licence"], condition=~Q(state__in=["finished", "ended"]), name="one_open_wind_down"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.licence.holder_name}"

    def get_absolute_url(self) -> str:
        return reverse("staff:wind_down", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"WIN-{timezone.localdate(self.opened_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    def officer_ids(self) -> frozenset[int]:
        """Whoever had the application in hand decides nothing about the end of what came of it."""
        officers: frozenset[int] = self.licence.officer_ids()
        return officers

    def assessor_ids(self) -> set[int]:
        assessors: set[int] = self.licence.assessor_ids()
        return assessors

    @property
    def began_on(self) -> date:
        return timezone.localdate(self.opened_at)

    @property
    def planned(self) -> dict[str, str]:
        """What two people of the firm may both be writing."""
        return {"plan": self.plan}

    @property
    def is_open(self) -> bool:
        return self.state not in self.closed_states

    def is_late(self, at: datetime) -> bool:
        return self.is_open and timezone.localdate(at) > self.due_on
