"""Inspections of an applicant or a licensee, what was tested, and the findings that come of it."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.inspections import FindingLifecycle, InspectionLifecycle
from licensing.models.documents import Document
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.full import LicenceApplication
from licensing.models.licences import Licence
from licensing.states import (
    AreaResult,
    FindingState,
    InspectedArea,
    InspectionKind,
    InspectionState,
    Severity,
)
from pvara.kernel import audit, looks
from pvara.kernel.models import User

# A finding that is neither remedied nor closed.
OPEN = (FindingState.OPEN, FindingState.PLAN_AGREED, FindingState.REMEDIATED)


class Inspection(InspectionLifecycle):
    """One visit or technical verification, on an application or on a licence."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="inspections")
    full = models.ForeignKey(LicenceApplication, null=True, on_delete=models.PROTECT, related_name="inspections")
    licence = models.ForeignKey(Licence, null=True, on_delete=models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=10, choices=InspectionKind.choices)
    scheduled_for = models.DateField()
    scope = ArrayField(models.CharField(max_length=20, choices=InspectedArea.choices))
    prepare = models.TextField("what the firm is to have ready", blank=True)
    team = models.ManyToManyField(User, related_name="+")
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    scheduled_at = models.DateTimeField()
    reported_by = signature()

    objects = CaseQuerySet.as_manager()

    closed_states = frozenset({InspectionState.REPORTED, InspectionState.CANCELLED})

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(full__isnull=False, licence__isnull=True) | Q(full__isnull=True, licence__isnull=False),
                name="inspection_is_of_one_case",
            ),
            models.CheckConstraint(condition=Q(scope__len__gt=0), name="inspection_tests_something"),
            models.UniqueConstraint(fields=["full"], condition=Q(state="scheduled"), name="one_open_inspection_a_case"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:inspection", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"INS-{timezone.localdate(self.scheduled_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def case(self) -> LicenceApplication | Licence:
        case = self.full or self.licence
        assert case is not None
        return case

    @property
    def scope_titles(self) -> list[str]:
        return [str(InspectedArea(each).label) for each in self.scope]

    def tests_without_result(self) -> list[str]:
        tested = set(self.results.values_list("kind", flat=True))
        return [str(InspectedArea(each).label) for each in self.scope if each not in tested]


class InspectionResult(models.Model):
    """What came of one test."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="results")
    kind = models.CharField(max_length=20, choices=InspectedArea.choices)
    result = models.CharField(max_length=10, choices=AreaResult.choices)
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "kind"], name="result_once_a_test"),
            models.CheckConstraint(condition=Q(result="passed") | ~Q(note=""), name="result_says_what_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_result_display().lower()}"


class Finding(FindingLifecycle):
    """Something that is not as it should be, with the day by which it is to be remedied."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="findings")
    full = models.ForeignKey(LicenceApplication, null=True, on_delete=models.PROTECT, related_name="findings")
    licence = models.ForeignKey(Licence, null=True, on_delete=models.PROTECT, related_name="findings")
    inspection = models.ForeignKey(Inspection, null=True, on_delete=models.PROTECT, related_name="findings")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    title = models.CharField(max_length=200)
    detail = models.TextField()
    due_on = models.DateField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    plan = models.TextField("how the firm will remedy it", blank=True)
    planned_by = signature()
    remediated_by = signature()
    verified_by = signature()
    closed_by = signature()
    flagged_at = models.DateTimeField("flagged as overdue", null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    closed_states = frozenset({FindingState.VERIFIED, FindingState.CLOSED})

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(full__isnull=False, licence__isnull=True) | Q(full__isnull=True, licence__isnull=False),
                name="finding_is_on_one_case",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("raised_by")),
                name="finding_verifier_is_not_raiser",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | Q(remediated_by__isnull=True)
                | ~Q(verified_by=F("remediated_by")),
                name="finding_verifier_is_not_remediator",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("raised_by")), name="finding_closer_is_not_raiser"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("staff:finding", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"FIN-{timezone.localdate(self.raised_at):%Y}-{self.pk:05d}"

    @property
    def planned(self) -> dict[str, str]:
        """The firm's plan, by the name of its form."""
        return {"plan": self.plan}

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def case(self) -> LicenceApplication | Licence:
        case = self.full or self.licence
        assert case is not None
        return case

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_overdue(self, at: datetime) -> bool:
        return self.is_open and self.due_on < timezone.localdate(at)

    def has_new_document(self) -> bool:
        """Whether the firm has handed in something since the plan was agreed, or the remediation sent back."""
        last = audit.history(self).filter(to_state=FindingState.PLAN_AGREED).order_by("-seq").first()
        handed_in = Document.objects.about(self).filter(for_applicant=True)
        return last is not None and handed_in.filter(uploaded_at__gte=last.at).exists()


@looks.remembered
def findings_of(firm: Firm) -> tuple[Finding, ...]:
    """Everything that was found about a firm, newest first."""
    return tuple(Finding.objects.filter(firm=firm))
