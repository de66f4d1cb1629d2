"""The authorities that are consulted on a case: in which phase, and whether an objection of theirs blocks it."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models

from pvara.kernel import looks


class Agency(models.Model):
    """One authority and the terms of its consultation, from a day on until the next row of its code."""

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True, help_text="As letters write it, a line each.")
    email = models.EmailField(blank=True, help_text="Where our letters go; empty: by hand.")
    phases = ArrayField(models.CharField(max_length=6), help_text="The phases in which it is consulted: NOC, FULL.")
    blocks = models.BooleanField(default=False, help_text="Whether an objection blocks, unless the board goes on.")
    effective_from = models.DateField()
    ended = models.BooleanField(default=False, help_text="Whether it is consulted no more, from that day on.")
    source = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "agencies"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="agency_terms_once_a_day")]

    def __str__(self) -> str:
        return self.name


def agencies_in_force(on: date, phase: str) -> list[Agency]:
    """Those consulted in a phase, by the terms in force on a day, in the order in which they came to be consulted."""
    latest = {row.code: row for row in _terms() if row.effective_from <= on}
    return [each for each in latest.values() if phase in each.phases and not each.ended]


@looks.remembered
def _terms() -> tuple[Agency, ...]:
    """The terms of every agency there ever were, the oldest first."""
    return tuple(Agency.objects.order_by("effective_from", "pk"))
