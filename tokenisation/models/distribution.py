"""Which venue may distribute which asset, up to how many units.

The authorisation is the debt office's word; the venue's standing is the regulator's. A posting needs both.
"""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing import standing
from pvara.kernel import roles
from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.lifecycle import AuthorisationLifecycle
from tokenisation.models.assets import Asset
from tokenisation.models.placed import placed_of, placed_units


class AuthorisationQuerySet(models.QuerySet["DistributionAuthorisation"]):
    def with_placed(self) -> "AuthorisationQuerySet":
        return self.annotate(placed=placed_of(asset=models.OuterRef("asset"), venue=models.OuterRef("venue")))

    def visible_to(self, user: Any) -> "AuthorisationQuerySet":
        """All of them for the state's people, its own for a venue."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user):
            return self.none()
        return self.filter(venue__in=standing.venues_for(user))


class DistributionAuthorisation(AuthorisationLifecycle):
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="authorisations")
    venue = models.ForeignKey("licensing.VenueStanding", on_delete=models.PROTECT, related_name="authorisations")
    limit_units = models.PositiveBigIntegerField()
    allocated_units = models.PositiveBigIntegerField(default=0, editable=False)
    # The first and the last day on which anything is allocated or placed under it; without one there is no such bound.
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    authorised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    authorised_at = models.DateTimeField()

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "venue"], name="one_authorisation_a_venue"),
            models.CheckConstraint(condition=Q(limit_units__gt=0), name="authorisation_has_units"),
            models.CheckConstraint(condition=Q(allocated_units__lte=F("limit_units")), name="allocated_within_limit"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="authorisation_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset.code} at {self.venue}"

    def get_absolute_url(self) -> str:
        return reverse("staff:authorisation", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"DA-{timezone.localdate(self.authorised_at):%Y}-{self.pk:05d}"

    def is_valid_on(self, day: date) -> bool:
        begun = self.valid_from is None or day >= self.valid_from
        return begun and (self.valid_to is None or day <= self.valid_to)

    @property
    def validity(self) -> str:
        """Its days for people."""
        first = f"from {self.valid_from:%-d %B %Y}" if self.valid_from else "from the day on which it was authorised"
        last = f"to {self.valid_to:%-d %B %Y}" if self.valid_to else "with no last day"
        return f"Valid {first} {last}."

    @property
    def distributed_units(self) -> int:
        """Units with the venue's clients."""
        return placed_units(self, self.asset.accounts.filter(venue_id=self.venue_id))

    @property
    def shelf_units(self) -> int:
        """Allocated to the venue and not yet placed with its clients."""
        return self.allocated_units - self.distributed_units
