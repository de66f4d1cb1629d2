"""In what placements are settled: what is permitted on which day, and what each placement was settled in.

Both tables only grow. A permission is given and taken away by a newer row; the choice is made with the placement, by
the same statement (`settlements_sql.py`), and refused on a day on which it is not permitted.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q, Sum

from licensing import standing
from pvara.kernel import roles
from tokenisation.access import VIEW
from tokenisation.models.assets import Asset
from tokenisation.models.ledger import JournalEntry
from tokenisation.states import SettlementKind


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
