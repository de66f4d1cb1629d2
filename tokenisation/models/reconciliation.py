"""What others say is there: the traditional register, and each venue of its clients' holdings; and where they differ.

Statements and returns are only added: a corrected one is a newer row, and the newest of a day counts. A comparison
that does not agree names its break, by constraint; as long as one is open nothing more of the asset is issued. A
return is compared with the ledger and held to the asset's conditions, each by a comparison of its own.
"""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from licensing import standing
from pvara.kernel import roles
from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.conditions import Held, held_to
from tokenisation.lifecycle import BreakLifecycle
from tokenisation.models.assets import Asset
from tokenisation.models.distribution import DistributionAuthorisation
from tokenisation.models.programme import signature
from tokenisation.states import CONDITIONS, Against, BreakState


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


def _exact(name: str) -> Cast:
    return Cast(name, models.DecimalField(max_digits=40, decimal_places=0))


class HoldingsReturnQuerySet(models.QuerySet["HoldingsReturn"]):
    def visible_to(self, user: Any) -> "HoldingsReturnQuerySet":
        """All for the state's people, its own for a venue."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user):
            return self.none()
        return self.filter(authorisation__venue__in=standing.venues_for(user))

    def with_since(self) -> "HoldingsReturnQuerySet":
        """With the day of the return before each, for lists: else every row asks by itself."""
        same = HoldingsReturn.objects.filter(authorisation=models.OuterRef("authorisation"))
        before = same.filter(as_of__lt=models.OuterRef("as_of")).order_by("-as_of").values("as_of")[:1]
        return self.select_related("authorisation__asset").annotate(before=models.Subquery(before))

    def latest_of(self, asset: Asset) -> "HoldingsReturnQuerySet":
        """The last return of each venue that distributes the asset."""
        rows = self.filter(authorisation__asset=asset).with_since()
        rows = rows.select_related(
            "authorisation__asset", "authorisation__venue__licence", "authorisation__venue__firm"
        )
        return rows.order_by("authorisation_id", "-as_of", "-pk").distinct("authorisation_id")


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
    # Asked for later: a return that was filed before, or leaves them out, says nothing of them.
    retail_holders = models.PositiveIntegerField(null=True, blank=True)
    largest_holding = models.PositiveBigIntegerField("largest holding of one investor, units", null=True, blank=True)
    transferred_units = models.PositiveBigIntegerField(
        "units that moved between investors since the last return", null=True, blank=True
    )
    # Of the whole hand-in that the row came in; empty where that was not kept.
    sha256 = models.CharField("SHA-256 of what was handed in", max_length=64, blank=True)
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
            models.CheckConstraint(
                condition=Q(retail_holders__isnull=True)
                | Q(retail_holders=0, retail_units=0)
                | Q(retail_holders__gt=0, retail_units__gt=0, retail_holders__lte=F("holders")),
                name="retail_holders_hold_retail_units",
                violation_error_message="Where there are retail units there are retail holders, and no more than all.",
            ),
            models.CheckConstraint(
                condition=Q(largest_holding__isnull=True)
                # Of any precision: the product of two such columns can be too large for either.
                | Q(
                    largest_holding__lte=F("units_held"), units_held__lte=_exact("largest_holding") * _exact("holders")
                ),
                name="largest_holding_is_one_of_them",
                violation_error_message="The largest holding is at most all units, at least an equal share of them.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation.reference}: {self.units_held:,} on {self.as_of}"

    @property
    def since(self) -> date:
        """The end of this day: what moved between investors after it is in this return."""
        if "before" in self.__dict__:
            last: date | None = self.__dict__["before"]
        else:
            earlier = HoldingsReturn.objects.filter(authorisation_id=self.authorisation_id, as_of__lt=self.as_of)
            last = earlier.aggregate(last=models.Max("as_of"))["last"]
        return last or timezone.localdate(self.authorisation.authorised_at) - timedelta(days=1)

    @property
    def conditions(self) -> list[Held]:
        """What the asset's conditions permit, and what this return says of each."""
        return held_to(self.authorisation.asset, self, since=self.since)


class BreakQuerySet(models.QuerySet["Break"]):
    def visible_to(self, user: Any) -> "BreakQuerySet":
        """For the state's people."""
        return self if user.has_perm(VIEW) else self.none()

    def standing(self) -> "BreakQuerySet":
        return self.exclude(state=BreakState.CLOSED)

    def of_conditions(self) -> "BreakQuerySet":
        return self.filter(against__in=CONDITIONS)

    def counted(self) -> dict[str, int]:
        """How many are of records that differ, and how many of conditions that are not kept."""
        unkept = Q(against__in=CONDITIONS)
        return self.aggregate(differing=models.Count("pk", filter=~unkept), unkept=models.Count("pk", filter=unkept))


class Break(BreakLifecycle):
    """A difference between the ledger and another record, until two people have explained and closed it.

    Or a condition of the asset that a venue's return does not keep: then what is permitted stands where the ledger's
    figure stands otherwise.
    """

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
            models.CheckConstraint(
                condition=(~Q(against__in=CONDITIONS) & ~Q(ledger_units=F("found_units")))
                | Q(against__in=CONDITIONS, venue__isnull=False, found_units__gt=F("ledger_units")),
                name="break_is_a_difference",
            ),
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
        if self.is_of_a_condition:
            said = f"{self.found_units:,} units by the venue's return, {self.ledger_units:,} permitted"
            return f"{self.asset.code}, {self.get_against_display().lower()}: {said}"
        return f"{self.asset.code}: {self.difference:+,} units by the {self.get_against_display().lower()}"

    def get_absolute_url(self) -> str:
        return reverse("staff:break", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"BR-{self.as_of:%Y}-{self.pk:05d}"

    @property
    def is_of_a_condition(self) -> bool:
        return self.against in CONDITIONS

    @property
    def difference(self) -> int:
        """By how many units the other record says more than the ledger, or than is permitted."""
        return self.found_units - self.ledger_units

    @property
    def latest(self) -> "Reconciliation | None":
        """The last comparison with the same record."""
        same = Reconciliation.objects.filter(asset_id=self.asset_id, against=self.against, venue_id=self.venue_id)
        return same.order_by("-as_of", "-pk").first()


class Reconciliation(models.Model):
    """One comparison for the end of a day: with the ledger, or with what a condition permits."""

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
                condition=Q(ledger_units=F("found_units"))
                | Q(against__in=CONDITIONS, found_units__lt=F("ledger_units"))
                | Q(difference__isnull=False),
                name="difference_has_a_break",
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset.code} on {self.as_of}: {self.ledger_units:,} / {self.found_units:,}"

    @property
    def is_of_a_condition(self) -> bool:
        return self.against in CONDITIONS

    @property
    def agrees(self) -> bool:
        if self.is_of_a_condition:
            return self.found_units <= self.ledger_units
        return self.ledger_units == self.found_units
