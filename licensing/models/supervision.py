"""Supervision: the calendar of returns as data, what licensees file and report, and how often they are visited."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing import filings
from licensing.lifecycle.supervision import FilingLifecycle, IncidentLifecycle
from licensing.models.documents import Document
from licensing.models.firms import CaseQuerySet, Firm, StaffOnlyQuerySet, signature
from licensing.models.licences import Licence
from licensing.states import Band, FilingState, Frequency, Impact, IncidentState, InspectionState, Severity
from pvara.kernel import figures, looks
from pvara.kernel.models import User


class ReturnKind(models.Model):
    """One return of the calendar, by the terms of a row from its day on."""

    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    due_days = models.PositiveSmallIntegerField(help_text="Calendar days after the period, or after the event.")
    fields = models.JSONField(help_text="What it asks for: see licensing/filings.py.")
    effective_from = models.DateField()
    ended = models.BooleanField(default=False, help_text="Whether it is asked for no more, from that day on.")
    source = models.TextField(blank=True)

    class Meta:
        verbose_name = "kind of return"
        verbose_name_plural = "kinds of returns"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="return_terms_once_a_day")]

    def __str__(self) -> str:
        return self.title


def return_kinds(on: date) -> list[ReturnKind]:
    """The calendar in force on a day, in the order in which its returns came to be asked for."""
    latest = {row.code: row for row in _terms() if row.effective_from <= on}
    return [each for each in latest.values() if not each.ended]


def returns_owed(*, since: date, until: date) -> Iterator[tuple[ReturnKind, filings.Period]]:
    """The returns of every period that ended before `until`, for a licence that began on `since`.

    Each is asked for by the terms in force on the first day of its period: what took effect in the middle of a period
    waits for the next one.
    """
    terms = _terms()
    for kind in terms:
        if kind.ended or kind.frequency == Frequency.EVENT:
            continue
        later = (row.effective_from for row in terms if row.code == kind.code)
        replaced_on = min((day for day in later if day > kind.effective_from), default=date.max)
        for period in filings.periods(kind.frequency, since=since, until=until):
            if kind.effective_from <= period.first < replaced_on:
                yield kind, period


@looks.remembered
def _terms() -> tuple[ReturnKind, ...]:
    """The terms of every return there ever were, the oldest first."""
    return tuple(ReturnKind.objects.order_by("effective_from", "pk"))


class Filing(FilingLifecycle):
    """One return of one licensee for one period; an event's period is its day."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="filings")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="filings")
    kind = models.ForeignKey(ReturnKind, on_delete=models.PROTECT, related_name="filings")
    code = models.CharField(max_length=20)
    period_from = models.DateField()
    period_to = models.DateField()
    due_on = models.DateField()
    figures = models.JSONField(default=dict, blank=True)
    filed_by = signature()
    filed_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = signature()
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    # What waits for the firm does not wait for us.
    closed_states = frozenset({FilingState.DUE, FilingState.QUERIED, FilingState.ACCEPTED})

    class Meta:
        verbose_name = "return"
        ordering = ["-period_to", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["licence", "code", "period_to"], name="return_once_a_period"),
            models.CheckConstraint(condition=Q(period_from__lte=F("period_to")), name="return_period_is_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.period_from:%-d %B %Y} to {self.period_to:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("staff:filing", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"RET-{self.period_to:%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def given(self) -> dict[str, Any]:
        """Its figures, by the key of each row that it asks for."""
        return {field["key"]: self.figures.get(field["key"]) for field in self.kind.fields}

    def faults(self) -> list[str]:
        """A sentence for each figure that is missing or does not fit."""
        labels = {field["key"]: field["label"] for field in self.kind.fields}
        wrong = filings.faults(self.kind.fields, self.figures)
        return [f"{labels.get(key, key)}: {said}" for key, said in wrong.items()]

    def has_document(self) -> bool:
        return Document.objects.about(self).exists()

    def is_overdue(self, at: datetime) -> bool:
        waits = self.state in (FilingState.DUE, FilingState.QUERIED)
        return waits and self.due_on < timezone.localdate(at)

    @property
    def was_late(self) -> bool:
        """Whether it was filed for the first time after its day."""
        return self.filed_at is not None and timezone.localdate(self.filed_at) > self.due_on


class Incident(IncidentLifecycle):
    """Something that went wrong at a licensee, reported within so many hours of being found."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="incidents")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="incidents")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    title = models.CharField(max_length=200)
    detail = models.TextField()
    detected_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_by = signature()

    objects = CaseQuerySet.as_manager()

    closed_states = frozenset({IncidentState.CLOSED})

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(detected_at__lte=F("reported_at")), name="incident_was_found_first")
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("staff:incident", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"INC-{timezone.localdate(self.reported_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def was_late(self) -> bool:
        """Whether it was reported after the hours that the rule of its day gives."""
        hours = int(figures.value("incident.report_hours", on=timezone.localdate(self.reported_at)))
        return self.reported_at > self.detected_at + timedelta(hours=hours)


class IncidentFollowUp(models.Model):
    """What is said of an incident after its report, by the firm or by us; both read it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="follow_ups")
    text = models.TextField()
    from_staff = models.BooleanField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="follow_up_says_something")]

    def __str__(self) -> str:
        return f"{self.incident.reference}, {timezone.localdate(self.written_at):%-d %B %Y}"


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class ImpactAssessment(models.Model):
    """How much depends on a licensee, as a supervisor wrote it down; the latest counts."""

    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="impacts")
    client_assets_pkr = models.DecimalField(max_digits=24, decimal_places=2)
    users = models.PositiveBigIntegerField()
    programme_share = models.DecimalField("share of the programme, in per cent", max_digits=5, decimal_places=2)
    impact = models.CharField(max_length=6, choices=Impact.choices)
    assessed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(client_assets_pkr__gte=0, programme_share__gte=0, programme_share__lte=100),
                name="impact_is_measured",
            )
        ]

    def __str__(self) -> str:
        return f"{self.licence}: {self.get_impact_display().lower()}"


def impact_of(client_assets_pkr: object, users: object, programme_share: object, on: date) -> Impact:
    """High or medium as soon as one of the three reaches its figure; low otherwise."""
    bars = figures.values("impact.", on=on)
    measured = {"client_assets_pkr": client_assets_pkr, "users": users, "programme_share": programme_share}
    for level in (Impact.HIGH, Impact.MEDIUM):
        if any(said >= bars[f"impact.{level}.{name}"] for name, said in measured.items()):
            return level
    return Impact.LOW


def measured(licence: Licence) -> dict[str, Any]:
    """How much depends on a licensee by the last assessment, figure by figure; empty when there is none."""
    last = next(iter(licence.impacts.all()), None)
    return {name: getattr(last, name, None) for name in ("client_assets_pkr", "users", "programme_share")}


class VisitPlan(models.Model):
    """By when a licensee is visited again, as last worked out from its impact, its score and the last visit."""

    licence = models.OneToOneField(Licence, on_delete=models.PROTECT, related_name="visit_plan")
    impact = models.CharField(max_length=6, choices=Impact.choices)
    band = models.CharField("risk", max_length=5, choices=Band.choices)
    months = models.PositiveSmallIntegerField("months between visits")
    last_visit = models.DateField(null=True)
    due_on = models.DateField()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.licence}: by {self.due_on:%-d %B %Y}"

    def is_overdue(self, at: datetime) -> bool:
        return self.due_on < timezone.localdate(at)


def visit_terms(licence: Licence, at: datetime) -> dict[str, Any]:
    """Impact, risk, frequency, last visit and the day of the next: so many months after the last, or the licence.

    As long as nobody has measured its impact, a licensee counts as one on which much depends.
    """
    last_one = licence.impacts.first()
    impact = last_one.impact if last_one else Impact.HIGH
    score = licence.score(at)
    band = score.colour(score.total)
    months = int(figures.value(f"visit.{impact}.{band}", on=timezone.localdate(at)))
    visits = licence.inspections.filter(state=InspectionState.REPORTED).order_by("-scheduled_for")
    last = visits.values_list("scheduled_for", flat=True).first()
    due_on = (last or licence.valid_from) + relativedelta(months=months)
    return {"impact": impact, "band": band, "months": months, "last_visit": last, "due_on": due_on}
