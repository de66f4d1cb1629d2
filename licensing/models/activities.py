"""The terms of each activity as dated rows: capital, criteria, whether a NOC holder may offer it before the licence.

A change is a new row with a later date, never an edited one. What an activity costs stands in the tariff (`fees.py`).
"""

from collections.abc import Iterable
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from licensing.states import Activity, InspectedArea
from pvara.kernel import looks
from pvara.kernel.models.figures import Figure


class ActivityKind(models.Model):
    """The terms of one activity from a day on, until the next row of the same code takes effect."""

    code = models.CharField("activity", max_length=20, choices=Activity.choices)
    description = models.TextField()
    minimum_capital_pkr = models.DecimalField(max_digits=24, decimal_places=2)
    # Criteria of the scoring framework that must be largely met, whatever the total, when this activity is asked for.
    criteria = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    # What an inspection must have tested before the licence may include it.
    inspected = ArrayField(models.CharField(max_length=20, choices=InspectedArea.choices), default=list, blank=True)
    aml_service = models.BooleanField(
        default=False, help_text="Whether AML Registered Services may include it, before the licence."
    )
    effective_from = models.DateField()
    mark = models.CharField(max_length=10, choices=Figure.Mark.choices)
    source = models.TextField()

    class Meta:
        verbose_name = "terms of an activity"
        verbose_name_plural = "terms of activities"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from"], name="activity_terms_once_a_day"),
            models.CheckConstraint(condition=Q(minimum_capital_pkr__gte=0), name="activity_capital_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, from {self.effective_from:%-d %B %Y}"

    @property
    def title(self) -> str:
        return str(self.get_code_display())


def terms_in_force(on: date, codes: Iterable[str] | None = None) -> dict[str, ActivityKind]:
    """The terms of every activity, or of those asked for, in force on a day, by code, in the order of the list."""
    asked = set(Activity.values) if codes is None else set(codes)
    found = {row.code: row for row in _terms() if row.effective_from <= on and row.code in asked}
    return {code: found[code] for code in Activity.values if code in found}


@looks.remembered
def _terms() -> tuple[ActivityKind, ...]:
    """The terms of every activity there ever were, the oldest first."""
    return tuple(ActivityKind.objects.order_by("effective_from", "pk"))
