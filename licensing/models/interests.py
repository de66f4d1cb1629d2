"""Interests of the regulator's people in firms, and recusals from one case. The record grows; nothing in it is deleted.

Which of them stand today, together with those that other rows show (who acts for a firm now, who works on its
agreement, whose address is the firm's), `conflicts.py` works out.
"""

from django.db import models
from django.db.models import F, Q

from licensing.models.firms import CaseQuerySet, Firm
from licensing.states import InterestNature
from pvara.kernel.models import User


class Interest(models.Model):
    """What ties a person to a firm: as they declared it, or as the system found it."""

    class Kind(models.TextChoices):
        DECLARED = "declared", "Declared"
        DETECTED = "detected", "Detected"

    Nature = InterestNature

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="interests")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    nature = models.CharField(max_length=30, choices=Nature.choices)
    since = models.DateField(null=True, blank=True)
    until = models.DateField("last day", null=True, blank=True)
    explanation = models.TextField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lte=F("until")),
                name="interest_begins_before_it_ends",
            ),
            models.CheckConstraint(
                condition=~Q(kind="declared") | Q(recorded_by__isnull=False, recorded_by=F("person")),
                name="interest_is_declared_by_its_person",
            ),
            # What a lifting refers to, so that it cannot name another person than the interest's own.
            models.UniqueConstraint(fields=["id", "person"], name="interest_of_a_person"),
        ]
        indexes = [models.Index(fields=["person", "firm"], name="interest_by_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_nature_display().lower()} ({self.firm})"


class InterestLifting(models.Model):
    """An interest that no longer removes its person, and why; said by somebody else. The interest itself stays."""

    interest = models.OneToOneField(Interest, on_delete=models.PROTECT, related_name="lifting")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reasons = models.TextField()
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("lifted_by")), name="nobody_lifts_their_own_interest"),
        ]

    def __str__(self) -> str:
        return f"Lifted by {self.lifted_by}: {self.interest}"


class Recusal(models.Model):
    """Somebody who takes no part in one case, without an interest in the firm; for good."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="recusals")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reasons = models.TextField()
    recorded_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "person"], name="recused_once_from_a_case"),
        ]

    def __str__(self) -> str:
        return f"{self.person} from {self.subject_type} {self.subject_id}"
