"""The history of scores: what a firm's score was from a day on, and why it was another than before. It only grows."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q

from licensing.models.firms import Firm, StaffOnlyQuerySet
from licensing.models.framework import Criterion, Framework
from licensing.scoring import Cause, EvidenceStanding, Held


class ScoreEntry(models.Model):
    """A firm's score at a phase from a day on, until the next entry. Points are exact; the public never sees any."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="score_entries")
    phase = models.CharField(max_length=5, choices=Criterion.PHASES)
    number = models.PositiveIntegerField(help_text="1 for the first of the firm at the phase.")
    day = models.DateField()
    at = models.DateTimeField()
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="+")
    gained = models.DecimalField(max_digits=9, decimal_places=4)
    possible = models.DecimalField(max_digits=7, decimal_places=2)
    # {"D1": ["6.5", "12"]}: gained and possible, written exactly.
    domains = models.JSONField()
    # {"1.1": [3, "valid", 3, "2"]}: rating, evidence, what counts, points.
    criteria = models.JSONField()
    # {"G3": ["total", "D1", "1.1"]}: the bars that each gate of the phase misses.
    missed = models.JSONField(default=dict)
    level = models.CharField(max_length=10, blank=True, help_text="What it asks of supervision.")
    # [["1.1", "1.1 … rated 3 (was 2): +0.50 in D1 …", "0.5"], …]
    causes = models.JSONField()
    # The state of the whole sheet as the night's query numbers it.
    digest = models.BigIntegerField()
    former = models.CharField(max_length=64, blank=True, help_text="The hash of the entry before it.")
    hash = models.CharField(max_length=64)

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "score entries"
        ordering = ["firm", "phase", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["firm", "phase", "number"], name="score_entry_once"),
            models.CheckConstraint(condition=Q(gained__gte=0, gained__lte=F("possible")), name="score_entry_in_range"),
        ]

    def __str__(self) -> str:
        return f"Score of {self.firm} at {self.phase} from {self.day}"

    @property
    def total(self) -> Decimal:
        """Per cent, unrounded."""
        return 100 * self.gained / self.possible if self.possible else Decimal(0)

    @property
    def by_domain(self) -> dict[str, Decimal]:
        """Per cent, unrounded, of the domains in which something counts."""
        pairs = {code: (Decimal(gained), Decimal(possible)) for code, (gained, possible) in self.domains.items()}
        return {code: 100 * gained / possible for code, (gained, possible) in pairs.items() if possible}

    @property
    def held(self) -> dict[str, Held]:
        return {
            code: Held(code, rating, EvidenceStanding(evidence), effective, Decimal(points))
            for code, (rating, evidence, effective, points) in self.criteria.items()
        }

    @property
    def why(self) -> list[Cause]:
        return [
            Cause(code, sentence, None if points is None else Decimal(points)) for code, sentence, points in self.causes
        ]


def history_of(firm: Firm, phase: str) -> "models.QuerySet[Any]":
    """The entries of a firm at a phase, the youngest first."""
    return ScoreEntry.objects.filter(firm=firm, phase=phase).select_related("framework")
