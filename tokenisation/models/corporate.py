"""Corporate actions: payments to the holders of an asset, the record of who they were, and events of credit.

The registry keeps when something is due, to whom and on what evidence it was paid; it moves no money. Records of
holders and evidence only grow. A record can be made again from the postings up to its number, and is, every night.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils import timezone

from licensing import standing
from pvara.kernel import merkle, roles
from pvara.kernel.models import User
from tokenisation import schedule
from tokenisation.access import VIEW
from tokenisation.lifecycle import CorporateActionLifecycle, RateFixingLifecycle
from tokenisation.models.assets import Asset, signature
from tokenisation.models.ledger import Account
from tokenisation.states import (
    EVENTS,
    PAYMENTS,
    PERIODIC,
    TOLD_ACTIONS,
    AccountKind,
    ActionKind,
    ActionState,
    FixingState,
)


class CorporateActionQuerySet(models.QuerySet["CorporateAction"]):
    def visible_to(self, user: Any) -> "CorporateActionQuerySet":
        """All for the state's people; for a venue what two people decided, of the assets that it may distribute."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user):
            return self.none()
        own = standing.venues_for(user)
        return self.told().filter(asset__authorisations__venue__in=own).distinct()

    def told(self) -> "CorporateActionQuerySet":
        return self.filter(state__in=TOLD_ACTIONS)

    def over(self) -> "CorporateActionQuerySet":
        return self.filter(state__in=[ActionState.PAID, ActionState.CALLED_OFF])

    def coming(self) -> "CorporateActionQuerySet":
        """What is not over, and what befell the issuer."""
        return self.exclude(state__in=[ActionState.PAID, ActionState.CALLED_OFF])

    def by_date(self) -> "CorporateActionQuerySet":
        return self.order_by(F("due_date").asc(nulls_last=True), "pk")


@dataclass(frozen=True)
class Due:
    """What one venue held at the record date, and what is due on it; None as long as the rate is not fixed."""

    venue: standing.VenueStanding
    units: int
    amount: Decimal | None


class CorporateAction(CorporateActionLifecycle):
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="corporate_actions")
    kind = models.CharField(max_length=12, choices=ActionKind.choices)
    # Which period of the terms it pays; 0 for what is not of a period.
    number = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    record_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    occurred_on = models.DateField(null=True)
    rate_bp = models.PositiveIntegerField("rate, basis points", null=True)
    # In the asset's currency, rounded half up to this scale; unknown until the rate of the period is fixed.
    per_unit = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    case_ref = models.CharField("reference of the case", max_length=120, blank=True)
    reasons = models.TextField(blank=True)
    # Nobody for what the terms promise.
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = signature()
    # Who recorded the latest evidence, so that a constraint of this table can see both people.
    evidenced_by = signature()
    confirmed_by = signature()

    objects = CorporateActionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=PAYMENTS,
                    record_date__isnull=False,
                    due_date__gte=F("record_date"),
                    occurred_on__isnull=True,
                )
                | Q(kind__in=EVENTS, record_date__isnull=True, due_date__isnull=True, occurred_on__isnull=False),
                name="action_has_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True, kind__in=[*PERIODIC, ActionKind.REDEMPTION])
                | (Q(proposed_by__isnull=False, kind__in=[ActionKind.PARTIAL, *EVENTS]) & ~Q(case_ref="")),
                name="action_is_of_the_terms_or_of_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=PERIODIC) | Q(number__gt=0, starts_on__lt=F("ends_on")),
                name="coupon_is_of_a_period",
            ),
            models.CheckConstraint(
                condition=Q(per_unit__isnull=True) | Q(per_unit__gte=0), name="action_pays_and_takes_nothing"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="action_decider_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("evidenced_by")),
                name="action_confirmer_is_not_recorder",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.PAID)
                | Q(confirmed_by__isnull=False, evidenced_by__isnull=False, per_unit__isnull=False),
                name="paid_action_has_evidence",
            ),
            models.UniqueConstraint(
                fields=["asset", "kind", "number"], condition=Q(proposed_by__isnull=True), name="one_payment_a_period"
            ),
        ]

    def __str__(self) -> str:
        period = f" {self.number}" if self.number else ""
        return f"{self.asset.code}: {self.get_kind_display()}{period}"

    def get_absolute_url(self) -> str:
        return reverse("staff:corporate_action", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"CA-{timezone.localdate(self.proposed_at):%Y}-{self.pk:05d}"

    @property
    def is_payment(self) -> bool:
        return self.kind in PAYMENTS

    @property
    def is_of_terms(self) -> bool:
        return self.proposed_by_id is None

    @property
    def awaits_rate(self) -> bool:
        return self.kind in PERIODIC and self.rate_bp is None

    @property
    def record(self) -> "Snapshot | None":
        """The record of the holders, once it was taken."""
        return getattr(self, "snapshot", None)

    @property
    def held_units(self) -> int | None:
        """Units at venues at the record date; the treasury's own are owed nothing. None before the record."""
        return self.record.venue_units if self.record else None

    @property
    def dues(self) -> list[Due]:
        """What each venue held and is due, by the record; empty before it."""
        return self.record.dues(self.per_unit) if self.record else []

    def due_to(self, units: int | None) -> Decimal | None:
        """What a holder of so many units is due; None as long as the units or the rate are not known."""
        return None if units is None or self.per_unit is None else schedule.due_on(units, self.per_unit)

    @property
    def total_due(self) -> Decimal | None:
        """What is due to all venues together, each rounded by itself; None while it is unknown."""
        amounts = [each.amount for each in self.dues]
        known = [each for each in amounts if each is not None]
        return sum(known, Decimal("0.00")) if self.record and len(known) == len(amounts) else None

    @property
    def latest_evidence(self) -> "PaymentEvidence | None":
        return self.evidence.order_by("-pk").first()


class RateFixingQuerySet(models.QuerySet["RateFixing"]):
    def visible_to(self, user: Any) -> "RateFixingQuerySet":
        """For the state's people: a venue sees the rate once it is fixed."""
        return self if user.has_perm(VIEW) else self.none()


class RateFixing(RateFixingLifecycle):
    """A rate proposed for one period of a floating debt, with the publication that it was read from."""

    action = models.ForeignKey(CorporateAction, on_delete=models.PROTECT, related_name="fixings")
    rate_bp = models.PositiveIntegerField("rate, basis points")
    source = models.CharField("publication of the rate", max_length=200)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = signature()

    objects = RateFixingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")), name="fixer_is_not_proposer"
            ),
            models.UniqueConstraint(
                fields=["action"],
                condition=Q(state__in=[FixingState.PROPOSED, FixingState.FIXED]),
                name="one_standing_rate_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.rate_bp} basis points"

    def get_absolute_url(self) -> str:
        return reverse("staff:rate_fixing", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"RF-{timezone.localdate(self.proposed_at):%Y}-{self.pk:05d}"


class PaymentEvidence(models.Model):
    """A document that shows a payment to the holders; a better one is a newer row, and the newest counts."""

    action = models.ForeignKey(CorporateAction, on_delete=models.PROTECT, related_name="evidence")
    paid_on = models.DateField()
    amount = models.DecimalField(max_digits=24, decimal_places=2)
    reference = models.CharField("reference of the proof of payment", max_length=120)
    document_sha256 = models.CharField("SHA-256 of the document", max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "payment evidence"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="evidence_shows_an_amount"),
            models.CheckConstraint(
                condition=Q(document_sha256__regex="^[0-9a-f]{64}$"), name="evidence_names_its_document"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount:,} on {self.paid_on}, {self.reference}"


# ── The record of the holders ────────────────────────────────────────────────────────────────────────────────────────
class Snapshot(models.Model):
    """Every balance of an asset at the number that its journal had at the end of the record date.

    The root is that of a Merkle tree over the balances, so that one of them can be shown to be in it without the rest.
    """

    action = models.OneToOneField(CorporateAction, on_delete=models.PROTECT, related_name="snapshot")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="snapshots")
    record_date = models.DateField()
    at_seq = models.PositiveBigIntegerField()
    root_sha256 = models.BinaryField(max_length=32)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.asset.code} #{self.at_seq}, {self.record_date}"

    @property
    def root_hex(self) -> str:
        return bytes(self.root_sha256).hex()

    @property
    def venue_units(self) -> int:
        return self.balances.filter(account__venue__isnull=False).aggregate(units=Sum("units"))["units"] or 0

    def dues(self, per_unit: Decimal | None) -> list[Due]:
        """What each venue held on all its accounts together, and what is due on it."""
        held: dict[Any, int] = {}
        rows = self.balances.filter(account__venue__isnull=False)
        for row in rows.select_related("account__venue__licence", "account__venue__firm"):
            held[row.account.venue] = held.get(row.account.venue, 0) + row.units
        return [
            Due(venue, units, None if per_unit is None else schedule.due_on(units, per_unit))
            for venue, units in held.items()
        ]


class SnapshotBalance(models.Model):
    """What lay on one account at the record date. The contra account is none, and empty ones are left out."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="balances")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    units = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0), name="snapshot_balance_has_units"),
            models.UniqueConstraint(fields=["snapshot", "account"], name="one_snapshot_balance_an_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.units:,}"


def held_by(venue: standing.VenueStanding, actions: Iterable[CorporateAction]) -> dict[int, int]:
    """What a venue held at the record date of each of these actions, by primary key; one query however many."""
    rows = SnapshotBalance.objects.filter(snapshot__action__in=list(actions), account__venue=venue)
    summed = rows.values_list("snapshot__action").annotate(units=Sum("units")).order_by("snapshot__action")
    return dict(summed)


def balances_at(asset_id: int, seq: int) -> list[tuple[Account, int]]:
    """Every balance but the contra account's, rebuilt from the postings up to a number of the journal."""
    rows = Account.objects.filter(asset_id=asset_id).exclude(kind=AccountKind.SUPPLY)
    summed = rows.annotate(then=Sum("postings__units", filter=Q(postings__entry__seq__lte=seq))).order_by("pk")
    return [(each, each.then) for each in summed if each.then]


def root_of(asset_id: int, seq: int, balances: Iterable[tuple[Account, int]]) -> bytes:
    """The root over balances in the order of their accounts; a leaf is the JSON of where the units lay."""
    tree = merkle.Frontier()
    for account, units in balances:
        leaf = [asset_id, seq, account.pk, account.kind, account.venue_id, units]
        tree.append(merkle.leaf_hash(json.dumps(leaf).encode()))
    return tree.root()
