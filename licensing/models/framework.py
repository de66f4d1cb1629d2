"""The scoring framework as versioned data: domains, criteria and the bars of every gate.

A published version never changes. A decision keeps the version by which it was made.
"""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q

from licensing import scoring


class Framework(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        SUPERSEDED = "superseded", "Superseded"

    version = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    effective_from = models.DateField()
    published_at = models.DateTimeField(null=True, blank=True)
    green = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(80))
    amber = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(65))

    class Meta:
        ordering = ["-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["effective_from"], condition=Q(status="published"), name="one_published_framework_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"Framework {self.version}"


class Domain(models.Model):
    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="domains")
    code = models.CharField(max_length=4)
    title = models.CharField(max_length=100)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="domain_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Criterion(models.Model):
    """Points are out of 100 over all criteria. Evidence stays good for `validity_months`; none: for ever."""

    PHASES = [("NOC", "NOC"), ("SETUP", "Set-up"), ("FULL", "Full licence")]
    MARKS = [("", "None"), ("mandatory", "Mandatory"), ("knock_out", "Knock-out")]

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="criteria")
    code = models.CharField(max_length=6)
    title = models.CharField(max_length=200)
    points = models.DecimalField(max_digits=5, decimal_places=2)
    applies_from = models.CharField(max_length=5, choices=PHASES)
    mark = models.CharField(max_length=10, choices=MARKS, blank=True)
    evidence_wanted = models.CharField(max_length=200)
    validity_months = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["domain__order", "order"]
        constraints = [models.UniqueConstraint(fields=["domain", "code"], name="criterion_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class GateBar(models.Model):
    """The bars of one gate, in per cent."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="gates")
    code = models.CharField(max_length=4)
    title = models.CharField(max_length=100)
    phase = models.CharField(max_length=5, choices=Criterion.PHASES)
    total = models.DecimalField(max_digits=5, decimal_places=2)
    other_floor = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    conditions_below = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="gate_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class GateFloor(models.Model):
    gate = models.ForeignKey(GateBar, on_delete=models.CASCADE, related_name="floors")
    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="+")
    floor = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gate", "domain"], name="floor_once")]

    def __str__(self) -> str:
        return f"{self.gate.code}, {self.domain.code}: {self.floor}"


class NoFramework(LookupError):
    """No framework is published for the day; nothing can be scored."""


def framework_row(on: date) -> Framework:
    """The framework in force on a day."""
    # A superseded version still governs the days before its successor takes effect.
    row = Framework.objects.exclude(status="draft").filter(effective_from__lte=on).order_by("-effective_from").first()
    if row is None:
        raise NoFramework(f"No scoring framework is in force on {on}. Load one with `manage.py load_framework`.")
    return row


def framework_in_force(on: date) -> scoring.Framework:
    """The framework in force on a day, as the engine takes it. Five queries, whatever its size."""
    return as_rules(framework_row(on))


def as_rules(row: Framework) -> scoring.Framework:
    """One version, as the engine takes it."""
    domains = {each.pk: each for each in row.domains.all()}
    return scoring.Framework(
        version=row.version,
        domains={each.code: each.title for each in domains.values()},
        criteria=tuple(
            scoring.Criterion(
                code=each.code,
                title=each.title,
                domain=domains[each.domain_id].code,
                points=each.points,
                applies_from=each.applies_from,
                mark=scoring.Mark(each.mark),
            )
            for each in Criterion.objects.filter(domain__framework=row)
        ),
        gates={
            each.code: scoring.Gate(
                code=each.code,
                title=each.title,
                phase=each.phase,
                total=each.total,
                floors={domains[floor.domain_id].code: floor.floor for floor in each.floors.all()},
                other_floor=each.other_floor,
                conditions_below=each.conditions_below,
            )
            for each in row.gates.prefetch_related("floors")
        },
        green=row.green,
        amber=row.amber,
    )
