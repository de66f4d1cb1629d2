"""What every check of the ledger's invariants found, kept for whoever asks the next morning."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from tokenisation.access import VIEW

# A check is made every night; one that is a night and half a day old was missed.
LATE_AFTER = timedelta(hours=36)


@dataclass(frozen=True)
class Health:
    """The last check, and whether the one after it should have come already."""

    latest: "LedgerCheck | None"
    is_late: bool

    @property
    def is_good(self) -> bool:
        return self.latest is not None and self.latest.holds and not self.is_late


class LedgerCheckQuerySet(models.QuerySet["LedgerCheck"]):
    def visible_to(self, user: Any) -> "LedgerCheckQuerySet":
        """For the state's people."""
        return self if user.has_perm(VIEW) else self.none()

    def health(self, at: datetime) -> Health:
        latest = self.order_by("-pk").first()
        return Health(latest, is_late=latest is None or latest.made_at < at - LATE_AFTER)


class LedgerCheck(models.Model):
    """One check: how many invariants were asked, over how many entries, and which of them were broken by which rows."""

    made_at = models.DateTimeField()
    invariants = models.PositiveIntegerField()
    entries = models.PositiveBigIntegerField()
    # {"name": …, "rows": […]} for each invariant that did not hold.
    broken = models.JSONField(default=list, blank=True)

    objects = LedgerCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "check of the ledger"
        verbose_name_plural = "checks of the ledger"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.invariants - len(self.broken)} of {self.invariants} invariants hold"

    @property
    def holds(self) -> bool:
        return not self.broken
