"""What is missing in an application, item by item: drafted by the case officer, returned by somebody else, answered."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing.models.firms import signature
from licensing.models.subjects import OfApplication, OfApplicationQuerySet, is_of_an_application
from pvara.kernel import clock, figures
from pvara.kernel.models import ClockInterval, User

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.auth.models import AnonymousUser


class DeficiencyQuerySet(OfApplicationQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "Any":
        found = super().visible_to(user)
        # Nobody outside reads what is only drafted.
        return found if user.is_staff else found.filter(returned_at__isnull=False)

    def drafts(self) -> "Any":
        return self.filter(returned_at__isnull=True)

    def returned(self) -> "Any":
        return self.filter(returned_at__isnull=False)

    def asked(self) -> "Any":
        """Those of the round that waits for its answers."""
        return self.returned().filter(settled_at__isnull=True)


class Deficiency(OfApplication):
    """One thing that is missing. Once returned, its words stand; once the round is handed in, the answer stands too."""

    # How often the case was returned when this was, itself included; a draft belongs to the next round.
    round = models.PositiveSmallIntegerField(null=True, blank=True)
    item = models.CharField(max_length=60, blank=True, help_text="The item of the checklist; empty for anything else.")
    item_title = models.CharField(max_length=240, blank=True)
    missing = models.TextField("what is missing")
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    returned_by = signature()
    returned_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_by = signature()
    answered_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DeficiencyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deficiencies"
        ordering = ["pk"]
        constraints = [
            is_of_an_application("deficiency_is_of_an_application"),
            models.CheckConstraint(
                condition=Q(returned_by__isnull=True) | ~Q(returned_by=F("drafted_by")),
                name="deficiency_returner_is_not_drafter",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, returned_by__isnull=True, round__isnull=True, answer="")
                | Q(returned_at__isnull=False, returned_by__isnull=False, round__isnull=False),
                name="deficiency_is_returned_in_a_round",
            ),
            models.CheckConstraint(condition=~Q(missing=""), name="deficiency_says_what_is_missing"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="deficiency_is_answered_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="deficiency_by_subject")]

    def __str__(self) -> str:
        return f"{self.item_title}: {self.missing}" if self.item_title else self.missing

    def get_absolute_url(self) -> str:
        return reverse("staff:deficiency", args=[self.pk])

    @property
    def drafted(self) -> dict[str, str]:
        """What a draft says, by the names of its form."""
        return {"item": self.item, "missing": self.missing}

    @property
    def answered(self) -> dict[str, str]:
        return {"answer": self.answer}

    @property
    def is_draft(self) -> bool:
        return self.returned_at is None

    @property
    def is_open(self) -> bool:
        """Whether the applicant is still to answer it, or may still change the answer."""
        return self.returned_at is not None and self.settled_at is None


def rounds_of(case: Any) -> int:
    """How often a case was returned."""
    latest: int | None = Deficiency.objects.about(case).aggregate(latest=models.Max("round"))["latest"]
    return latest or 0


def answer_due_on(case: Any) -> "date | None":
    """The last day for the answers of a returned case; None when none are asked for."""
    begun = (
        ClockInterval.objects.filter(
            subject_type=case._meta.label_lower, subject_id=case.pk, clock="answer", ended_at=None
        )
        .order_by("-id")
        .first()
    )
    if begun is None:
        return None
    return figures.last_day("returned.answer", clock.day_of(begun.started_at), on=case.began_on)
