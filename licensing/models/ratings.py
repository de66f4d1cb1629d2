"""Ratings: what an assessor gave a firm on a criterion and why, and what the moderator made of it. Both are kept."""

from django.db import models
from django.db.models import F, Q

from licensing import scoring
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.framework import Criterion
from pvara.kernel.models import User


class Rating(models.Model):
    """From 0 (not met) to 4 (fully met), or not applicable. A new rating replaces the old one, which is kept."""

    LABELS = {0: "Not met", 1: "Weak", 2: "Partial", 3: "Largely met", 4: "Fully met"}

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="ratings")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="ratings")
    current = models.BooleanField(default=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    not_applicable = models.BooleanField(default=False)
    rationale = models.TextField()
    assessor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rated_at = models.DateTimeField()
    moderated_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    moderator = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moderated_at = models.DateTimeField(null=True, blank=True)
    moderation_note = models.TextField(blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["criterion__domain__order", "criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["firm", "criterion"], condition=Q(current=True), name="one_current_rating"),
            models.CheckConstraint(
                condition=Q(moderator__isnull=True) | ~Q(moderator=F("assessor")), name="moderator_is_not_assessor"
            ),
            models.CheckConstraint(
                condition=Q(not_applicable=True, rating__isnull=True)
                | Q(not_applicable=False, rating__isnull=False, rating__gte=0, rating__lte=scoring.BEST),
                name="rating_on_the_scale",
            ),
            models.CheckConstraint(
                condition=Q(moderated_rating__isnull=True) | Q(moderated_rating__lte=scoring.BEST),
                name="moderated_rating_on_the_scale",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: {self.label}"

    @property
    def reference(self) -> str:
        return f"{self.firm} {self.criterion.code}"

    @property
    def counts(self) -> scoring.Rating:
        """What the engine takes: the moderator's word if there is one, else the assessor's."""
        if self.not_applicable:
            return scoring.NOT_APPLICABLE
        return self.rating if self.moderated_rating is None else self.moderated_rating

    @property
    def label(self) -> str:
        counts = self.counts
        return "Not applicable" if not isinstance(counts, int) else f"{counts} {self.LABELS[counts]}"

    @property
    def is_moderated(self) -> bool:
        return self.moderated_at is not None
