"""The first of two blind ratings, sealed until the second is in. Nobody but who gave it reads it before that."""

import hashlib
import json
from typing import Any

from django.db import models
from django.db.models import Q

from licensing import scoring
from licensing.models.evidence import Evidence
from licensing.models.firms import Firm, StaffOnlyQuerySet
from licensing.models.framework import Criterion, published_versions
from licensing.models.ratings import Rating
from pvara.kernel import looks
from pvara.kernel.models import User


class SealedRating(models.Model):
    """What one assessor gave, before another gave theirs. Opened it is part of a rating, and stays here as it was.

    No rating exists before both are in, so nothing that is made of ratings can tell what the first one was.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="sealed_ratings")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    # Whether it still waits for the second: not once it is opened, given anew, or asked for anew.
    waits = models.BooleanField(default=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    not_applicable = models.BooleanField(default=False)
    rationale = models.TextField()
    evidence = models.ManyToManyField(Evidence, related_name="+", blank=True)
    assessor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rated_at = models.DateTimeField()
    # The log has a hash of all of it from the first moment; the salt keeps five marks from being tried out on it.
    salt = models.CharField(max_length=64)
    opened_as = models.OneToOneField(
        Rating, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="sealed"
    )

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["firm", "criterion"], condition=Q(waits=True), name="one_sealed_rating"),
            models.CheckConstraint(condition=Q(waits=False) | Q(opened_as__isnull=True), name="what_is_opened_is_over"),
            models.CheckConstraint(
                condition=Q(not_applicable=True, rating__isnull=True)
                | Q(not_applicable=False, rating__isnull=False, rating__gte=0, rating__lte=scoring.BEST),
                name="sealed_rating_on_the_scale",
            ),
            models.CheckConstraint(condition=~Q(rationale=""), name="sealed_rating_gives_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: sealed"

    @property
    def given(self) -> str:
        return "Not applicable" if self.rating is None else f"{self.rating} {Rating.LABELS[self.rating]}"

    @property
    def fingerprint(self) -> str:
        """A hash over what was given: whoever opens it shows that it is what was sealed."""
        said: dict[str, Any] = {
            "salt": self.salt,
            "criterion": self.criterion.code,
            "rating": scoring.NOT_APPLICABLE if self.rating is None else self.rating,
            "rationale": self.rationale,
        }
        plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()


@looks.remembered
def waiting_for_a_second(firm: Firm) -> dict[str, SealedRating]:
    """The sealed rating of each criterion that waits for another assessor's, by its code."""
    # Where no version of the framework ever asked for two, nothing is sealed.
    if not any(version.rated_twice for version in published_versions()):
        return {}
    rows = SealedRating.objects.filter(firm=firm, waits=True).select_related("criterion", "assessor")
    return {each.criterion.code: each for each in rows}
