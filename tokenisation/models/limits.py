"""Sub-limits of a programme: what part of its cap one class of assets, one venue or one class of investors may take.

Dated rows that the database refuses to change; the one that counts on a day is the latest confirmed one that has taken
effect. Where each is asked: approval (`rules.class_has_headroom`), allocation and placement (`limits_sql.py`).
"""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.lifecycle import SubLimitLifecycle
from tokenisation.models.programme import Programme, signature
from tokenisation.states import AssetClass, InvestorClass, LimitScope, LimitState

CLASSES = [*AssetClass.choices, *InvestorClass.choices]
WHOLE_BP = 10_000


class SubLimitQuerySet(models.QuerySet["SubLimit"]):
    def visible_to(self, user: Any) -> "SubLimitQuerySet":
        """For the state's people; a venue is told of the limit that concerns it where it sees its own exposure."""
        return self if user.has_perm(VIEW) else self.none()

    def in_force(
        self, programme_id: int, scope: LimitScope, *, on: date, of_class: str = "", venue_id: int | None = None
    ) -> "SubLimit | None":
        """The sub-limit that counts on a day, or None; a venue's own counts before the one for every venue."""
        rows = self.filter(
            programme_id=programme_id,
            scope=scope,
            state=LimitState.CONFIRMED,
            effective_from__lte=on,
            of_class=of_class,
        ).select_related("programme")
        if scope == LimitScope.VENUE:
            rows = rows.filter(Q(venue_id=venue_id) | Q(venue=None))
        return rows.order_by(F("venue_id").asc(nulls_last=True), "-effective_from").first()


class SubLimit(SubLimitLifecycle):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="sub_limits")
    scope = models.CharField("limits what", max_length=12, choices=LimitScope.choices)
    # A class of assets or of investors; empty for a venue.
    of_class = models.CharField("class", max_length=14, choices=CLASSES, blank=True)
    # None for every venue that has none of its own.
    venue = models.ForeignKey(
        "licensing.VenueStanding", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    share_bp = models.PositiveIntegerField("share of the cap, basis points")
    effective_from = models.DateField()
    source = models.CharField("decided by", max_length=300)
    reasons = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = signature()

    objects = SubLimitQuerySet.as_manager()

    class Meta:
        verbose_name = "sub-limit"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(share_bp__lte=WHOLE_BP), name="sub_limit_is_a_share"),
            models.CheckConstraint(
                condition=Q(scope="asset_class", of_class__in=AssetClass.values, venue__isnull=True)
                | Q(scope="investors", of_class__in=InvestorClass.values, venue__isnull=True)
                | Q(scope="venue", of_class=""),
                name="sub_limit_says_of_what",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="sub_limit_confirmer_is_not_proposer",
            ),
            models.UniqueConstraint(
                fields=["programme", "scope", "of_class", "venue", "effective_from"],
                condition=Q(state="confirmed"),
                nulls_distinct=False,
                name="one_sub_limit_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of_what}: {self.percent} of the cap"

    def get_absolute_url(self) -> str:
        return reverse("staff:limit", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"SL-{timezone.localdate(self.proposed_at):%Y}-{self.pk:05d}"

    @property
    def of_what(self) -> str:
        """Whom or what it limits, in words."""
        if self.scope == LimitScope.VENUE:
            return str(self.venue) if self.venue_id else "Every venue"
        return str(self.get_of_class_display())

    @property
    def percent(self) -> str:
        """Its share of the cap, such as `62.5%`."""
        return f"{self.share_bp / 100:g}%"

    @property
    def usd_cents(self) -> int:
        """Its share of the cap, in whole US cents, rounded down."""
        return self.programme.cap_usd_cents * self.share_bp // WHOLE_BP

    def same(self) -> "SubLimitQuerySet":
        """The confirmed ones that limit the same, this one among them if it is."""
        return SubLimit.objects.filter(
            programme_id=self.programme_id,
            scope=self.scope,
            of_class=self.of_class,
            venue_id=self.venue_id,
            state=LimitState.CONFIRMED,
        )

    def confirmed_later(self) -> "SubLimit | None":
        """Another that takes effect on the same day or later."""
        rows = self.same().exclude(pk=self.pk).filter(effective_from__gte=self.effective_from)
        return rows.order_by("-effective_from").first()
