"""The authorities that are consulted on a case: in which phase, and whether an objection of theirs blocks it."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F


class Agency(models.Model):
    """One authority and the terms of its consultation, from a day on until the next row of its code."""

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True, help_text="As letters write it, a line each.")
    email = models.EmailField(blank=True, help_text="Where our letters go; empty: by hand.")
    phases = ArrayField(models.CharField(max_length=6), help_text="The phases in which it is consulted: NOC, FULL.")
    blocks = models.BooleanField(default=False, help_text="Whether an objection blocks, unless the board goes on.")
    effective_from = models.DateField()
    source = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "agencies"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="agency_terms_once_a_day")]

    def __str__(self) -> str:
        return self.name


def agencies_in_force(on: date, phase: str) -> list[Agency]:
    """Those consulted in a phase, by the terms in force on a day."""
    rows = Agency.objects.filter(effective_from__lte=on)
    latest = rows.order_by("code", F("effective_from").desc()).distinct("code")
    return sorted((each for each in latest if phase in each.phases), key=lambda each: each.pk)
