"""The scoring framework as versioned data: domains, criteria and the bars of every gate.

A published version never changes. A case keeps the version that was in force when its assessment began.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing import scoring, soundness
from licensing.lifecycle.framework import FrameworkLifecycle
from licensing.models.firms import StaffOnlyQuerySet, signature
from licensing.states import WAS_PUBLISHED, FrameworkState
from pvara.kernel import looks


def is_per_cent(*fields: str) -> Q:
    """The condition of a constraint: percentages from 0 to 100, or none."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": 100})
    return condition


class EvidenceKind(models.Model):
    """What a document may be, such as a policy or a board minute; criteria accept some kinds. Rows are only added."""

    code = models.CharField(max_length=30, unique=True)
    title = models.CharField(max_length=100)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Framework(FrameworkLifecycle):
    """One version. `edition` is its name for people, such as 1.0; `version` counts its changes, as on every row."""

    edition = models.CharField(max_length=20)
    effective_from = models.DateField()
    based_on = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="drafts"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    green = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(80))
    amber = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(65))
    # Whether each criterion gets a second rating, by another assessor who does not see the first.
    rated_twice = models.BooleanField(default=False)
    proposed_by = signature()
    published_by = signature()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "scoring framework"
        ordering = ["-effective_from", "-pk"]
        constraints = [
            # Two versions on one day would both be in force from it on.
            models.UniqueConstraint(
                fields=["effective_from"],
                condition=Q(state__in=sorted(WAS_PUBLISHED)),
                name="one_published_framework_a_day",
            ),
            models.UniqueConstraint(
                fields=["edition"], condition=~Q(state=FrameworkState.DROPPED), name="framework_edition_once"
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("proposed_by")),
                name="framework_publisher_is_not_the_proposer",
            ),
            models.CheckConstraint(
                condition=Q(amber__gte=0, green__gte=F("amber"), green__lte=100), name="framework_colours_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"Framework {self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("staff:framework", args=[self.pk])

    @property
    def reference(self) -> str:
        return str(self)

    @property
    def is_draft(self) -> bool:
        return self.state == FrameworkState.DRAFT

    @property
    def said(self) -> dict[str, Any]:
        """What is said of the version as a whole, by the names of its fields."""
        names = ("edition", "effective_from", "green", "amber", "rated_twice")
        return {name: getattr(self, name) for name in names}

    def faults(self) -> list[soundness.Fault]:
        """Everything that keeps it from being published, as it now is."""
        return soundness.faults(as_rules(self))

    def published_from(self, day: date) -> list["Framework"]:
        """The other versions that were published to take effect on a day or later."""
        others = Framework.objects.filter(state__in=WAS_PUBLISHED, effective_from__gte=day).exclude(pk=self.pk)
        return list(others.order_by("effective_from"))

    def any_is_published(self) -> bool:
        return Framework.objects.filter(state__in=WAS_PUBLISHED).exists()

    def successor_in_force(self, on: date) -> "Framework | None":
        """The version that took its place, once it is in force."""
        later = Framework.objects.filter(state__in=WAS_PUBLISHED, effective_from__gt=self.effective_from)
        return later.filter(effective_from__lte=on).order_by("effective_from").first()


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

    @property
    def said(self) -> dict[str, Any]:
        """What a draft says of it, by the names of its fields."""
        return {"code": self.code, "title": self.title}


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
    # Whether the committee may decide by its votes that it is not asked of a firm; a knock-out is asked of everybody.
    waivable_by_committee = models.BooleanField(default=False, db_default=False)
    evidence_wanted = models.CharField(max_length=200)
    # The codes of the kinds that it accepts. None: published before kinds were stated, it accepts every kind.
    kinds = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    validity_months = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["domain__order", "order"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "code"], name="criterion_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="criterion_has_points"),
            models.CheckConstraint(
                condition=Q(waivable_by_committee=False) | ~Q(mark="knock_out"), name="no_knock_out_is_waivable"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def said(self) -> dict[str, Any]:
        """What a draft says of it, by the names of its fields."""
        names = (
            *("code", "title", "points", "applies_from", "mark", "waivable_by_committee"),
            *("evidence_wanted", "kinds", "validity_months"),
        )
        return {name: getattr(self, name) for name in names}

    def accepts(self, kind: EvidenceKind) -> bool:
        return not self.kinds or kind.code in self.kinds


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
        constraints = [
            models.UniqueConstraint(fields=["framework", "code"], name="gate_once"),
            models.CheckConstraint(
                condition=is_per_cent("total", "other_floor", "conditions_below"), name="gate_bars_are_per_cent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def said(self) -> dict[str, Any]:
        """What a draft says of it: its bars, and the floor of each domain that has one."""
        floors = {each.domain.code: each.floor for each in self.floors.all()}
        bars = {name: getattr(self, name) for name in ("title", "total", "other_floor", "conditions_below")}
        return {**bars, "floors": floors}


class GateFloor(models.Model):
    gate = models.ForeignKey(GateBar, on_delete=models.CASCADE, related_name="floors")
    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="+")
    floor = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gate", "domain"], name="floor_once"),
            models.CheckConstraint(condition=is_per_cent("floor"), name="floor_is_per_cent"),
        ]

    def __str__(self) -> str:
        return f"{self.gate.code}, {self.domain.code}: {self.floor}"


class NoFramework(LookupError):
    """No framework is published for the day; nothing can be scored."""


def framework_row(on: date) -> Framework:
    """The framework in force on a day."""
    # A superseded version still governs the days before its successor takes effect.
    for row in published_versions():
        if row.effective_from is not None and row.effective_from <= on:
            return row
    raise NoFramework(f"No scoring framework is in force on {on}. Load one with `manage.py load_framework`.")


@looks.remembered
def published_versions() -> tuple[Framework, ...]:
    """Every version that was ever published, the newest first: there are as many as the regulator had."""
    return tuple(Framework.objects.filter(state__in=WAS_PUBLISHED).order_by("-effective_from"))


class KeepsFramework(models.Model):
    """A case that is judged to its end by the version under which its assessment began."""

    framework: Any = models.ForeignKey(
        Framework, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True

    def framework_at(self, at: datetime) -> Framework:
        return self.framework_on(timezone.localdate(at))

    def framework_on(self, day: date) -> Framework:
        """The version that the case keeps; before its assessment begins, the one in force."""
        # Asked of what was read already: a case costs no question of its own.
        kept = (row for row in published_versions() if row.pk == self.framework_id)
        return next(kept, None) or framework_row(day)


def framework_in_force(on: date) -> scoring.Framework:
    """The framework in force on a day, as the engine takes it. Four queries, whatever its size."""
    return as_rules(framework_row(on))


def _of_floors(field: str) -> ArrayAgg:
    """One column of a gate's floors, in an order that another has too: both come with the gates, in their query."""
    return ArrayAgg(field, filter=Q(floors__isnull=False), order_by="floors__pk")


def as_rules(row: Framework) -> scoring.Framework:
    """One version, as the engine takes it."""
    domains = {each.pk: each for each in row.domains.all()}
    return scoring.Framework(
        version=row.edition,
        domains={each.code: each.title for each in domains.values()},
        criteria=tuple(
            scoring.Criterion(
                code=each.code,
                title=each.title,
                domain=domains[each.domain_id].code,
                points=each.points,
                applies_from=each.applies_from,
                mark=scoring.Mark(each.mark),
                kinds=tuple(each.kinds),
                waivable=each.waivable_by_committee,
            )
            for each in Criterion.objects.filter(domain__framework=row)
        ),
        gates={
            each.code: scoring.Gate(
                code=each.code,
                title=each.title,
                phase=each.phase,
                total=each.total,
                floors=dict(zip(each.floored or (), each.at_least or (), strict=True)),
                other_floor=each.other_floor,
                conditions_below=each.conditions_below,
            )
            for each in row.gates.annotate(
                floored=_of_floors("floors__domain__code"), at_least=_of_floors("floors__floor")
            )
        },
        green=row.green,
        amber=row.amber,
    )
