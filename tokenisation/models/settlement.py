"""In what placements are settled: what is permitted on which day, and what each placement was settled in.

The list and the choices only grow. A permission is given and taken away by a newer row, which is in the list that an
installation is loaded with or follows a proposal that another person confirmed (`SettlementPermission`). The choice is
made with the placement, by the same statement (`settlements_sql.py`), and refused on a day that does not permit it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils import timezone

from licensing import standing
from pvara.kernel import roles
from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.lifecycle import SettlementPermissionLifecycle
from tokenisation.models.assets import Asset, signature
from tokenisation.models.ledger import JournalEntry
from tokenisation.states import PermissionState, SettlementKind


class SettlementAssetQuerySet(models.QuerySet["SettlementAsset"]):
    def visible_to(self, user: Any) -> "SettlementAssetQuerySet":
        """For the registry's people, and for those of venues."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user) or not standing.venues_for(user).exists():
            return self.none()
        return self


class SettlementAsset(models.Model):
    """One settlement asset and whether it is permitted, from a day on until the next row of its code."""

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=SettlementKind.choices)
    currency = models.CharField(max_length=3)
    permitted = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False, help_text="Counts where a placement names none.")
    effective_from = models.DateField()
    mark = models.CharField(max_length=6)
    source = models.TextField()
    # None for what an installation is loaded with.
    permission = models.OneToOneField(
        "SettlementPermission", null=True, on_delete=models.PROTECT, related_name="row", editable=False
    )

    objects = SettlementAssetQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from"], name="settlement_terms_once_a_day"),
            models.CheckConstraint(condition=Q(permitted=True) | Q(is_default=False), name="default_is_permitted"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(source=""), name="settlement_asset_has_a_source"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_words(self) -> str:
        return "permitted" if self.permitted else "not permitted"


class SettlementPermissionQuerySet(models.QuerySet["SettlementPermission"]):
    def visible_to(self, user: Any) -> "SettlementPermissionQuerySet":
        """For the state's people; a venue reads the list that comes of it."""
        return self if user.has_perm(VIEW) else self.none()


class SettlementPermission(SettlementPermissionLifecycle):
    """The proposal of a newer row of the list: that something is permitted from a day on, or no longer."""

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=SettlementKind.choices)
    currency = models.CharField(max_length=3)
    permitted = models.BooleanField()
    effective_from = models.DateField()
    source = models.CharField("decided by", max_length=300)
    reasons = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = signature()

    objects = SettlementPermissionQuerySet.as_manager()

    class Meta:
        verbose_name = "permission to settle"
        verbose_name_plural = "permissions to settle"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex="^[A-Z0-9]{2,10}$", currency__regex="^[A-Z]{3}$") & ~Q(name="") & ~Q(source=""),
                name="settlement_permission_says_of_what",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="settlement_confirmer_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=~Q(state=PermissionState.CONFIRMED) | Q(decided_by__isnull=False),
                name="settlement_permission_is_signed",
            ),
            models.UniqueConstraint(
                fields=["code", "effective_from"],
                condition=Q(state="confirmed"),
                name="one_settlement_permission_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code}): {'permitted' if self.permitted else 'no longer permitted'}"

    def get_absolute_url(self) -> str:
        return reverse("staff:settlement_permission", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"SP-{timezone.localdate(self.proposed_at):%Y}-{self.pk:05d}"

    def of_code(self) -> "SettlementAssetQuerySet":
        """Everything that the list says of its code, the latest first."""
        return SettlementAsset.objects.filter(code=self.code).order_by("-effective_from")

    def listed(self) -> SettlementAsset | None:
        """What the list says of its code for the day on which it takes effect."""
        return self.of_code().filter(effective_from__lte=self.effective_from).first()

    def listed_later(self) -> SettlementAsset | None:
        """What the list says of its code from that day or a later one."""
        return self.of_code().filter(effective_from__gte=self.effective_from).exclude(permission=self.pk).first()


def settlement_assets(on: date) -> list[SettlementAsset]:
    """Every settlement asset by its terms of a day, the default first."""
    rows = SettlementAsset.objects.filter(effective_from__lte=on)
    latest = rows.order_by("code", F("effective_from").desc()).distinct("code")
    return sorted(latest, key=lambda each: (not each.is_default, not each.permitted, each.code))


def not_permitted(codes: Iterable[str], on: date) -> set[str]:
    """Those of the codes in which nothing may be settled on a day; no code at all is the default, or nothing."""
    permitted = {each.code for each in settlement_assets(on) if each.permitted}
    return {code for code in codes if code and code not in permitted}


class Settlement(models.Model):
    """What one placement was settled in; written with it."""

    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, related_name="settlement")
    settled_in = models.ForeignKey(SettlementAsset, on_delete=models.PROTECT, related_name="settlements")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.entry.reference}: {self.settled_in.code}"


def placed_by_settlement(asset: Asset) -> list[dict[str, Any]]:
    """Units placed with clients by what they were settled in, placements that were corrected since left out."""
    rows = Settlement.objects.filter(entry__asset=asset, entry__reversed_by=None)
    by_code: Any = rows.values("settled_in__code", "settled_in__name").annotate(units=Sum("entry__units"))
    return list(by_code.order_by("settled_in__code"))
