"""Proposals to override a moderated rating. A body decides by its votes; the ratings of before are kept beside it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing import scoring
from licensing.access import Body
from licensing.lifecycle.overrides import RatingOverrideLifecycle
from licensing.models.firms import Firm, StaffOnlyQuerySet, signature
from licensing.models.officers import officers_of
from licensing.models.ratings import Rating
from licensing.models.scores import people_who_assessed
from licensing.models.votes import DecidedByVote
from licensing.states import OverrideState
from pvara.kernel.models import User


class RatingOverride(RatingOverrideLifecycle, DecidedByVote):
    """One rating and what it is to count instead. Of a knock-out there is none: the database keeps that too."""

    # With its criterion at once: a body's list asks for every machine.
    voted_with: ClassVar[tuple[Any, ...]] = (models.Prefetch("rating", Rating.objects.select_related("criterion")),)
    closed_states = frozenset({OverrideState.MADE, OverrideState.DROPPED})

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="rating_overrides")
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="overrides")
    # The mark of the criterion, so that a CHECK can see it; a trigger keeps it true.
    mark = models.CharField(max_length=10, blank=True, editable=False)
    to_rating = models.PositiveSmallIntegerField()
    reasons = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = signature()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "override of a rating"
        verbose_name_plural = "overrides of ratings"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(mark="knock_out"), name="no_knock_out_is_overridden"),
            models.CheckConstraint(condition=Q(to_rating__lte=scoring.BEST), name="override_on_the_scale"),
            models.CheckConstraint(condition=~Q(reasons=""), name="rating_override_gives_reasons"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="override_decider_is_not_proposer",
            ),
            models.UniqueConstraint(
                fields=["rating"], condition=Q(state="proposed"), name="one_override_proposed_a_rating"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:override", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"OVR-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def becomes(self) -> str:
        return f"{self.to_rating} {Rating.LABELS[self.to_rating]}"

    # ── What a body votes on ─────────────────────────────────────────────────────────────────────────────────────────
    def officer_ids(self) -> frozenset[int]:
        """Everybody who has or had an application of the firm in hand: its score is what their cases rest on."""
        return officers_of(self.firm)

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)

    def kept_from_voting(self, body: Body) -> dict[int, str]:
        return super().kept_from_voting(body) | {self.proposed_by_id: "Proposed the override."}

    def terms_of(self, move: str) -> list[str]:
        criterion = self.rating.criterion
        return [f"{criterion.code} counts {self.becomes}, instead of {self.rating.moderated}: {self.reasons}"]
