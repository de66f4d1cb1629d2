"""What others say is there: the traditional register, and each venue of its clients' holdings; and where they differ.

Statements and returns are only added: a corrected one is a newer row, and the newest of a day counts. A comparison
that does not agree names its break, by constraint; as long as one is open nothing more of the asset is issued.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing import standing
from pvara.kernel import roles
from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.lifecycle import BreakLifecycle
from tokenisation.models.assets import Asset
from tokenisation.models.distribution import DistributionAuthorisation
from tokenisation.models.programme import signature
from tokenisation.states import Against, BreakState


class RegisterStatement(models.Model):
    """The units that stand in the traditional register at the end of a day."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="register_statements")
    as_of = models.DateField()
    units = models.PositiveBigIntegerField("units in the register")
    reference = models.CharField("reference of the statement", max_length=120)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of", "-pk"]

    def __str__(self) -> str:
        return f"{self.asset.code}: {self.units:,} on {self.as_of}"


class HoldingsReturnQuerySet(models.QuerySet["HoldingsReturn"]):
    def visible_to(self, user: Any) -> "HoldingsReturnQuerySet":
        """All for the state's people, its own for a venue."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user):
            return self.none()
        return self.filter(authorisation__venue__in=standing.venues_for(user))


class HoldingsReturn(models.Model):
    """What a venue's clients hold of an asset at the end of a day, by the venue's own books; nobody is named."""

    authorisation = models.ForeignKey(
        DistributionAuthorisation, on_delete=models.PROTECT, related_name="holdings_returns"
    )
    as_of = models.DateField()
    units_held = models.PositiveBigIntegerField()
    holders = models.PositiveIntegerField()
    retail_units = models.PositiveBigIntegerField()
    institutional_units = models.PositiveBigIntegerField()
    non_resident_units = models.PositiveBigIntegerField()
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()

    objects = HoldingsReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(units_held=F("retail_units") + F("institutional_units") + F("non_resident_units")),
                name="return_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(holders=0, units_held=0) | Q(holders__gt=0, units_held__gt=0), name="holders_hold_units"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation.reference}: {self.units_held:,} on {self.as_of}"


class BreakQuerySet(models.QuerySet["Break"]):
    def visible_to(self, user: Any) -> "BreakQuerySet":
        """For the state's people."""
        return self if user.has_perm(VIEW) else self.none()

    def standing(self) -> "BreakQuerySet":
        return self.exclude(state=BreakState.CLOSED)


class Break(BreakLifecycle):
    """A difference between the ledger and another record, until two people have explained and closed it."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="breaks")
    against = models.CharField(max_length=10, choices=Against.choices)
    venue = models.ForeignKey("licensing.VenueStanding", null=True, on_delete=models.PROTECT, related_name="breaks")
    as_of = models.DateField()
    ledger_units = models.BigIntegerField()
    found_units = models.BigIntegerField()
    opened_at = models.DateTimeField()
    explained_by = signature()
    closed_by = signature()

    objects = BreakQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(ledger_units=F("found_units")), name="break_is_a_difference"),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("explained_by")),
                name="break_closer_is_not_explainer",
            ),
            models.UniqueConstraint(
                fields=["asset", "against", "venue"],
                condition=~Q(state="closed"),
                nulls_distinct=False,
                name="one_standing_break_a_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset.code}: {self.difference:+,} units by the {self.get_against_display().lower()}"

    def get_absolute_url(self) -> str:
        return reverse("staff:break", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"BR-{self.as_of:%Y}-{self.pk:05d}"

    @property
    def difference(self) -> int:
        """By how many units the other record says more than the ledger."""
        return self.found_units - self.ledger_units

    @property
    def latest(self) -> "Reconciliation | None":
        """The last comparison with the same record."""
        same = Reconciliation.objects.filter(asset_id=self.asset_id, against=self.against, venue_id=self.venue_id)
        return same.order_by("-as_of", "-pk").first()


class Reconciliation(models.Model):
    """One comparison for the end of a day."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="reconciliations")
    against = models.CharField(max_length=10, choices=Against.choices)
    venue = models.ForeignKey("licensing.VenueStanding", null=True, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    ledger_units = models.BigIntegerField()
    found_units = models.BigIntegerField()
    difference = models.ForeignKey(Break, null=True, on_delete=models.PROTECT, related_name="reconciliations")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ledger_units=F("found_units")) | Q(difference__isnull=False), name="difference_has_a_break"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset.code} on {self.as_of}: {self.ledger_units:,} / {self.found_units:,}"

    @property
    def agrees(self) -> bool:
        return self.ledger_units == self.found_units
