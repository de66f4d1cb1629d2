"""What a custodian says of the reserve behind a commodity, and which of its words backs units at a moment.

What is recorded is never changed: a wrong one is rejected or withdrawn and recorded anew. The posting function asks for
the same one before it issues (`postings_sql.ISSUE`).
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.lifecycle import AttestationLifecycle
from tokenisation.models.assets import Asset
from tokenisation.models.programme import signature
from tokenisation.states import AttestationState


class AttestationQuerySet(models.QuerySet["ReserveAttestation"]):
    def visible_to(self, user: Any) -> "AttestationQuerySet":
        """For the state's people; a venue's see with its asset the one that is accepted."""
        return self if user.has_perm(VIEW) else self.none()

    def told_to(self, user: Any) -> "AttestationQuerySet":
        """As part of an asset: all of them for the state's people, what is accepted for everybody else."""
        return self if user.has_perm(VIEW) else self.filter(state=AttestationState.ACCEPTED)

    def in_force(self, at: datetime) -> "AttestationQuerySet":
        """Accepted and not run out at a moment, the latest first; those in another unit of measure left out."""
        return self.filter(
            state=AttestationState.ACCEPTED,
            as_of__lte=at,
            expires_at__gt=at,
            unit_of_measure=F("asset__commodity_terms__unit_of_measure"),
        ).order_by("-as_of", "-pk")

    def waiting(self, at: datetime) -> "AttestationQuerySet":
        """Recorded, not run out, and not decided yet."""
        return self.filter(state=AttestationState.SUBMITTED, expires_at__gt=at)


class ReserveAttestation(AttestationLifecycle):
    """A custodian's word that a quantity is there, in whole units of measure. It runs out."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="attestations")
    custodian = models.CharField(max_length=200)
    quantity = models.PositiveBigIntegerField()
    unit_of_measure = models.CharField(max_length=20)
    as_of = models.DateTimeField()
    expires_at = models.DateTimeField()
    document_sha256 = models.CharField("SHA-256 of the custodian's document", max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    decided_by = signature()

    objects = AttestationQuerySet.as_manager()

    class Meta:
        verbose_name = "reserve attestation"
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(as_of__lt=F("expires_at")), name="attestation_runs_forward"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("recorded_by")),
                name="attestation_decider_is_not_recorder",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rejected", "superseded"]) | Q(decided_by__isnull=False),
                name="attestation_is_signed",
            ),
        ]

    def __str__(self) -> str:
        on = f"{timezone.localtime(self.as_of):%-d %B %Y}"
        return f"{self.quantity:,} {self.unit_of_measure} with {self.custodian} on {on}"

    def get_absolute_url(self) -> str:
        return reverse("staff:attestation", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"RA-{timezone.localdate(self.recorded_at):%Y}-{self.pk:05d}"

    def differences(self) -> dict[str, str]:
        """What it says otherwise than the terms of its asset, by the name of the field."""
        terms: Any = self.asset.terms
        said = {
            "unit_of_measure": (self.unit_of_measure, "The terms count in {}."),
            "custodian": (self.custodian, "The terms name as custodian: {}."),
        }
        return {
            name: words.format(getattr(terms, name))
            for name, (found, words) in said.items()
            if found != getattr(terms, name)
        }

    def accepted_later(self) -> "ReserveAttestation | None":
        """Another of the same asset that is accepted and speaks of a later moment, or of the same and came after it."""
        later = Q(as_of__gt=self.as_of) | Q(as_of=self.as_of, pk__gt=self.pk)
        rows = ReserveAttestation.objects.filter(later, asset_id=self.asset_id, state=AttestationState.ACCEPTED)
        return rows.order_by("-as_of", "-pk").first()
