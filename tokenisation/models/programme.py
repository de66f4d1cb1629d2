"""The programme and its cap, and the dated rates by which assets in other currencies count against it."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from pvara.kernel import figures
from pvara.kernel.models import User
from tokenisation.valuation import DOLLAR, Rate


def signature() -> Any:
    """Who made a move; written by the move alone."""
    return models.ForeignKey(User, null=True, editable=False, on_delete=models.PROTECT, related_name="+")


class Programme(models.Model):
    """A ceiling in US dollars. Approving an asset commits its whole value; nothing but cancelling gives it back."""

    name = models.CharField(max_length=120, unique=True)
    cap_usd_cents = models.BigIntegerField()
    committed_usd_cents = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(committed_usd_cents__gte=0, committed_usd_cents__lte=F("cap_usd_cents")),
                name="programme_within_cap",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def headroom_usd_cents(self) -> int:
        return self.cap_usd_cents - self.committed_usd_cents


class FxRateQuerySet(models.QuerySet["FxRate"]):
    def rate(self, currency: str, on: date) -> Rate | None:
        """The latest rate of a currency on or before a day by the source that counts on that day, or None."""
        if currency == DOLLAR.currency:
            return DOLLAR
        counts = self.filter(currency=currency, date__lte=on, source=figures.value("fx.source", on=on))
        found = counts.order_by("-date").first()
        return Rate(found.currency, found.per_usd, found.date, found.source) if found else None


class FxRate(models.Model):
    """How many units of a currency buy one US dollar, on a date, by a source."""

    currency = models.CharField(max_length=3)
    date = models.DateField()
    per_usd = models.DecimalField(max_digits=24, decimal_places=4)
    source = models.CharField(max_length=200)

    objects = FxRateQuerySet.as_manager()

    class Meta:
        ordering = ["currency", "-date"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "date"], name="one_rate_a_day"),
            models.CheckConstraint(condition=Q(per_usd__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.per_usd} on {self.date}"
