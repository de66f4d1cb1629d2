"""Cases that went from one officer to another. Whoever had one in hand stays among its officers: rules/hands.py."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from licensing.models.firms import CaseQuerySet, Firm
from pvara.kernel import looks
from pvara.kernel.models import User


class Handover(models.Model):
    """One case that went from one officer to another, and why. Never changed: the next one is another row."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="handovers")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    handed_from = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    handed_to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reasons = models.TextField()
    handed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"])]
        constraints = [
            models.CheckConstraint(condition=~Q(handed_from=F("handed_to")), name="handover_is_to_somebody_else"),
            models.CheckConstraint(condition=~Q(handed_to=F("handed_by")), name="nobody_hands_a_case_to_themselves"),
            models.CheckConstraint(condition=~Q(reasons=""), name="handover_gives_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.handed_from} to {self.handed_to}"


@looks.remembered
def handovers_of(case: Any) -> tuple[Handover, ...]:
    """The hand-overs of one case, the latest first."""
    rows = Handover.objects.filter(subject_type=case._meta.label_lower, subject_id=case.pk)
    return tuple(rows.select_related("handed_from", "handed_to", "handed_by"))


def officers_of(case: Any) -> frozenset[int]:
    """Everybody who has or had a case in hand, by their keys."""
    before = (each.handed_from_id for each in handovers_of(case))
    return frozenset(each for each in (*before, case.case_officer_id) if each is not None)
