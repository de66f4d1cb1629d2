"""Ratings: what an assessor gave a firm on a criterion and why, and what the moderator made of it. Both are kept."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from licensing import scoring
from licensing.models.evidence import Evidence
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
    # The documents that it rests on, as the assessor chose them from those that the firm gave for the criterion.
    evidence = models.ManyToManyField(Evidence, related_name="ratings", blank=True)
    assessor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rated_at = models.DateTimeField()
    moderated_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    moderator = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moderated_at = models.DateTimeField(null=True, blank=True)
    moderation_note = models.TextField(blank=True)
    # What another assessor gave without having seen the first, where the framework has each criterion rated twice.
    second_rating = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    second_not_applicable = models.BooleanField(default=False, db_default=False, editable=False)
    second_rationale = models.TextField(blank=True, db_default="", editable=False)
    second_evidence = models.ManyToManyField(Evidence, related_name="second_ratings", blank=True)
    second_assessor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What the committee or the board made of it by its votes; what was given and moderated stays beside it.
    overridden_rating = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    # Or by the committee alone: that the criterion is not asked of the firm. A new rating takes the place of that too.
    waived = models.BooleanField(default=False, db_default=False, editable=False)

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
            models.CheckConstraint(
                condition=Q(
                    second_assessor__isnull=True,
                    second_at__isnull=True,
                    second_rating__isnull=True,
                    second_not_applicable=False,
                )
                | Q(second_assessor__isnull=False, second_at__isnull=False)
                & (
                    Q(second_not_applicable=True, second_rating__isnull=True)
                    | Q(second_not_applicable=False, second_rating__isnull=False, second_rating__lte=scoring.BEST)
                ),
                name="second_rating_on_the_scale",
            ),
            models.CheckConstraint(
                condition=Q(second_assessor__isnull=True)
                | ~Q(second_assessor=F("assessor")) & (Q(moderator__isnull=True) | ~Q(moderator=F("second_assessor"))),
                name="second_assessor_is_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(overridden_rating__isnull=True)
                | Q(overridden_rating__lte=scoring.BEST, moderated_rating__isnull=False),
                name="what_is_overridden_was_moderated",
            ),
            models.CheckConstraint(
                condition=Q(waived=False) | Q(moderated_rating__isnull=False, overridden_rating__isnull=True),
                name="what_is_waived_was_moderated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: {self.label}"

    @property
    def reference(self) -> str:
        return f"{self.firm} {self.criterion.code}"

    @property
    def counts(self) -> scoring.Rating:
        """What the engine takes: what a body made of it by vote, else the moderator's word, else the assessor's."""
        if self.waived:
            return scoring.WAIVED
        if self.not_applicable:
            return scoring.NOT_APPLICABLE
        words = (self.overridden_rating, self.moderated_rating, self.rating)
        return next((each for each in words if each is not None), None)

    @property
    def label(self) -> str:
        counts = self.counts
        if self.waived:
            return "Waived by the committee"
        return "Not applicable" if not isinstance(counts, int) else f"{counts} {self.LABELS[counts]}"

    @property
    def given(self) -> str:
        """What the assessor gave, in words; whatever was made of it since."""
        return "Not applicable" if self.rating is None else f"{self.rating} {self.LABELS[self.rating]}"

    @property
    def has_second(self) -> bool:
        return self.second_assessor_id is not None

    @property
    def second(self) -> str:
        """What the second assessor gave, in words; empty where nobody was asked."""
        if not self.has_second:
            return ""
        if self.second_rating is None:
            return "Not applicable"
        return f"{self.second_rating} {self.LABELS[self.second_rating]}"

    @property
    def moderated(self) -> str:
        """What the moderator made of it, in words; whatever a body decided since."""
        if self.moderated_rating is None:
            return "Not applicable"
        return f"{self.moderated_rating} {self.LABELS[self.moderated_rating]}"

    @property
    def is_overridden(self) -> bool:
        """Whether a body decided what it counts, or that it is not asked of the firm."""
        return self.overridden_rating is not None or self.waived

    @property
    def is_moderated(self) -> bool:
        return self.moderated_at is not None


def judged(rating: Rating | None) -> dict[str, Any]:
    """All that was said of a criterion: what whoever rates or moderates it has before them."""
    if rating is None:
        return {"rating_given": "", "its_rationale": "", "second_rating_given": "", "its_reasons": "", "moderation": ""}
    moderation = f"{rating.moderated}. {rating.moderation_note}".strip() if rating.is_moderated else ""
    return {
        "rating_given": f"{rating.given}, by {rating.assessor}",
        "its_rationale": rating.rationale,
        "second_rating_given": f"{rating.second}, by {rating.second_assessor}" if rating.has_second else "",
        "its_reasons": rating.second_rationale,
        "moderation": moderation,
    }
