"""Proposals to override a moderated rating. A body decides by its votes; the ratings of before are kept beside it.

A waiver is an override by which the criterion is not asked of the firm at all: the committee alone makes it, and only
where the version of the framework lets it.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing import scoring
from licensing.access import Body
from licensing.lifecycle.overrides import RatingOverrideLifecycle
from licensing.models.assessed import assessed_by
from licensing.models.firms import Firm, StaffOnlyQuerySet, signature
from licensing.models.framework import Criterion, Framework
from licensing.models.officers import officers_of
from licensing.models.ratings import Rating
from licensing.models.scores import people_who_assessed
from licensing.models.votes import DecidedByVote
from licensing.states import OverrideState
from pvara.kernel.models import User


class RatingOverride(RatingOverrideLifecycle, DecidedByVote):
    """One rating and what it is to count instead; nothing, where it waives the criterion.

    Of a knock-out there is none: the database keeps that too.
    """

    # With its criterion at once: a body's list asks for every machine.
    voted_with: ClassVar[tuple[Any, ...]] = (models.Prefetch("rating", Rating.objects.select_related("criterion")),)
    closed_states = frozenset({OverrideState.MADE, OverrideState.DROPPED})

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="rating_overrides")
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="overrides")
    # The mark of the criterion, so that a CHECK can see it; a trigger keeps it true.
    mark = models.CharField(max_length=10, blank=True, editable=False)
    # None: the criterion is waived.
    to_rating = models.PositiveSmallIntegerField(null=True, blank=True)
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
    def waives(self) -> bool:
        """Whether it takes the criterion away, instead of giving it another rating."""
        return self.to_rating is None

    def closed_to_waivers(self, at: datetime) -> list[Framework]:
        """The versions that ask its criterion of everybody: of that of the rating, and that of the firm's case."""
        return closed_to_waivers(self.rating, at)

    @property
    def kind(self) -> str:
        return "Waiver" if self.waives else "Override"

    @property
    def title(self) -> str:
        """What it is, as its pages are headed."""
        return "Waiver of a criterion" if self.waives else "Override of a rating"

    @property
    def becomes(self) -> str:
        if self.to_rating is None:
            return "Waived: it is not asked of the firm"
        return f"{self.to_rating} {Rating.LABELS[self.to_rating]}"

    # ── What a body votes on ─────────────────────────────────────────────────────────────────────────────────────────
    def officer_ids(self) -> frozenset[int]:
        """Everybody who has or had an application of the firm in hand: its score is what their cases rest on."""
        return officers_of(self.firm)

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)

    def kept_from_voting(self, body: Body) -> dict[int, str]:
        return super().kept_from_voting(body) | {self.proposed_by_id: "Proposed the override."}

    def is_put(self, move: str) -> bool:
        return self.waives == (move == "waive")

    def terms_of(self, move: str) -> list[str]:
        criterion = self.rating.criterion
        if self.waives:
            return [f"{criterion} is not asked of the firm, rated {self.rating.moderated}: {self.reasons}"]
        return [f"{criterion.code} counts {self.becomes}, instead of {self.rating.moderated}: {self.reasons}"]


def closed_to_waivers(rating: Rating, at: datetime) -> list[Framework]:
    """Of the version under which a rating was given and that by which its firm is assessed: those without a waiver."""
    criterion = rating.criterion
    versions = {each.pk: each for each in (criterion.domain.framework, assessed_by(rating.firm, at))}
    rows = Criterion.objects.filter(code=criterion.code, waivable_by_committee=True, domain__framework__in=versions)
    may = set(rows.order_by().values_list("domain__framework", flat=True))
    return [each for pk, each in versions.items() if pk not in may]
