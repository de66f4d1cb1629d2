"""Orders: a release of frozen units, a forced transfer, or the correction of an entry; each by two people's hands."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.lifecycle import OrderLifecycle
from tokenisation.models.assets import Asset
from tokenisation.models.ledger import JournalEntry
from tokenisation.models.programme import signature
from tokenisation.states import AccountKind, EntryKind

KINDS = [(each.value, each.label) for each in (EntryKind.UNFREEZE, EntryKind.FORCED, EntryKind.CORRECT)]


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> "OrderQuerySet":
        """For the state's people: a venue learns of an order from the entry."""
        return self if user.has_perm(VIEW) else self.none()


class Order(OrderLifecycle):
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=10, choices=KINDS)
    source = models.CharField(max_length=16, choices=AccountKind.choices, blank=True)
    venue = models.ForeignKey("licensing.VenueStanding", null=True, on_delete=models.PROTECT, related_name="orders")
    to_venue = models.ForeignKey("licensing.VenueStanding", null=True, on_delete=models.PROTECT, related_name="+")
    reverses = models.ForeignKey(JournalEntry, null=True, on_delete=models.PROTECT, related_name="corrections_proposed")
    units = models.PositiveBigIntegerField()
    case_ref = models.CharField("reference of the case", max_length=120)
    reasons = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = signature()
    entry = models.OneToOneField(
        JournalEntry, null=True, editable=False, on_delete=models.PROTECT, related_name="order"
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0), name="order_has_units"),
            models.CheckConstraint(condition=~Q(case_ref=""), name="order_names_its_case"),
            models.CheckConstraint(
                condition=Q(kind="correct", reverses__isnull=False) | ~Q(kind="correct") & Q(venue__isnull=False),
                name="order_says_about_what",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="order_confirmer_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=Q(state="carried_out") | Q(entry__isnull=True), name="only_a_carried_out_order_has_an_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.units:,} {self.asset.code}"

    def get_absolute_url(self) -> str:
        return reverse("staff:order", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"LO-{timezone.localdate(self.proposed_at):%Y}-{self.pk:05d}"
