"""P4: the licence that a subsidiary holds."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.licences import LicenceLifecycle
from licensing.models.applications import signature
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.full import LicenceApplication
from licensing.models.scores import facts, score_of
from licensing.scoring import Score
from licensing.states import Activity


class Licence(LicenceLifecycle):
    """One subsidiary's licence for certain activities and a term."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="licences")
    application = models.OneToOneField(LicenceApplication, on_delete=models.PROTECT, related_name="licence")
    holder_name = models.CharField(max_length=200)
    cuin = models.CharField("SECP CUIN", max_length=20, blank=True)
    activities = ArrayField(models.CharField(max_length=20, choices=Activity.choices))
    conditions = models.JSONField(default=list, blank=True)
    granted_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_to = models.DateField()
    suspended_by = signature()
    revoked_by = signature()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_from__lt=F("valid_to")), name="licence_term_is_forward"),
            models.UniqueConstraint(
                fields=["firm"],
                condition=Q(state__in=["active", "suspended"]),
                name="one_live_licence_a_firm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.holder_name}"

    def get_absolute_url(self) -> str:
        return reverse("staff:licence", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"LIC-{self.granted_at:%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def activity_titles(self) -> list[str]:
        return [Activity(each).label for each in self.activities]

    def is_in_term(self, at: datetime) -> bool:
        return self.valid_from <= timezone.localdate(at) <= self.valid_to

    def score(self, at: datetime) -> Score:
        return score_of(self.firm, "FULL", at)

    def score_facts(self, at: datetime) -> dict[str, Any]:
        return facts(self.score(at))
