"""Inspections and findings, for the regulator: scheduling and reporting the one, raising the other, and their pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import INSPECT, READ_CASES
from licensing.actions import findings, inspections
from licensing.faces.panels import Panel
from licensing.models import Document, Finding, Inspection, Letter, Licence, LicenceApplication
from licensing.models.inspections import findings_of
from licensing.states import AreaResult, InspectedArea, InspectionKind, Severity
from pvara.kernel.machine import MoveRefused, StaleVersion, Stateful
from pvara.kernel.models import User
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput

KINDS: dict[str, Any] = {"full": LicenceApplication, "licence": Licence}
STAFF = User.objects.filter(role_assignments__isnull=False, is_active=True).distinct().order_by("name", "pk")


class ScheduleForm(forms.Form):
    """When is inspected, by whom, and what."""

    kind = forms.ChoiceField(label="Kind", widget=forms.RadioSelect, choices=InspectionKind.choices)
    scheduled_for = forms.DateField(label="Date", widget=DayInput)
    scope = forms.MultipleChoiceField(
        label="What is tested", widget=forms.CheckboxSelectMultiple, choices=InspectedArea.choices
    )
    team = forms.ModelMultipleChoiceField(label="Who inspects", queryset=STAFF, widget=forms.CheckboxSelectMultiple)
    prepare = forms.CharField(
        label="What the firm is to have ready",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the notice to the firm.",
    )


class ReportForm(forms.Form):
    """The result of each test, what was found in short, and the report itself."""

    def __init__(self, *args: Any, scope: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = scope
        for area in scope:
            title = InspectedArea(area).label
            self.fields[f"result_{area}"] = forms.ChoiceField(
                label=title, widget=forms.RadioSelect, choices=AreaResult.choices
            )
            self.fields[f"note_{area}"] = forms.CharField(
                label=f"{title}: what was seen", required=False, widget=forms.Textarea(attrs={"rows": 2})
            )
        self.fields["summary"] = forms.CharField(label="In short", widget=forms.Textarea(attrs={"rows": 3}))
        self.fields["file"] = forms.FileField(
            label="The report",
            required=False,
            help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most. The firm does not see it.",
        )

    def results(self) -> dict[str, tuple[str, str]]:
        said = self.cleaned_data
        return {area: (said[f"result_{area}"], said[f"note_{area}"]) for area in self.scope}


class FindingForm(forms.Form):
    """What is not as it should be."""

    severity = forms.ChoiceField(label="Severity", widget=forms.RadioSelect, choices=Severity.choices)
    title = forms.CharField(label="Title", max_length=200)
    detail = forms.CharField(
        label="What was found", widget=forms.Textarea(attrs={"rows": 5}), help_text="The firm reads it."
    )
    inspection = forms.ModelChoiceField(
        label="Found in the inspection", queryset=Inspection.objects.none(), required=False, empty_label="None"
    )

    def __init__(self, *args: Any, case: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["inspection"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = case.inspections.all()


def inspection_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The inspections of an application or a licence, and what was found."""
    if not isinstance(case, LicenceApplication | Licence) or case.state == "draft":
        return None
    # A gate of the licence asks for all of the firm's; those of the case are among them.
    column = "full_id" if isinstance(case, LicenceApplication) else "licence_id"
    found = [each for each in findings_of(case.firm) if getattr(each, column) == case.pk]
    context = {
        "inspections": list(case.inspections.all()),
        "findings": [(each, each.is_overdue(at)) for each in found],
        "may_inspect": user.has_perm(INSPECT),
        "kind": "full" if isinstance(case, LicenceApplication) else "licence",
        "case": case,
    }
    return Panel("Inspections and findings", "inspections", "staff/panels/inspections.html", context)


def _case(request: HttpRequest, kind: str, pk: int) -> Any:
    if kind not in KINDS:
        raise Http404(f"Nothing of the kind {kind} is inspected.")
    return get_object_or_404(KINDS[kind].objects.visible_to(request.user).select_related("firm"), pk=pk)


def _form_page(request: HttpRequest, form: forms.Form, case: Any, title: str, lead: str) -> HttpResponse:
    crumbs = [("Cases", reverse("staff:queue")), (case.reference, case.get_absolute_url())]
    back = case.get_absolute_url()
    shown = {"form": form, "title": title, "submit": title, "crumbs": crumbs, "cancel": back, "above": case.firm}
    return render(request, "staff/form.html", {**shown, "lead": lead}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(INSPECT)
def inspection_new(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    case = _case(request, kind, pk)
    form = ScheduleForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = inspections.schedule_inspection(case, by=person(request), at=timezone.now(), **form.cleaned_data)
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{made.reference} is scheduled; the notice to the firm follows.")
            return redirect(case.get_absolute_url())
    return _form_page(request, form, case, "Schedule an inspection", "The firm gets a notice of it by letter.")


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    """One inspection: when, by whom, what was tested and found; and the form of its report."""
    rows = Inspection.objects.visible_to(request.user).select_related(
        "firm", "full", "licence", "scheduled_by", "reported_by"
    )
    found: Any = get_object_or_404(rows.prefetch_related("firm__mous", "team", "results", "findings"), pk=pk)
    reports = request.user.has_perm(INSPECT) and found.state == "scheduled"
    form = ReportForm(*sent(request), scope=found.scope) if reports else None
    if request.method == "POST" and form is None:
        messages.error(request, "Reports are written by case officers, once for each inspection.")
        return redirect(found.get_absolute_url())
    if form is not None and request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("summary", "file")}
        try:
            inspections.report_inspection(found, by=person(request), at=timezone.now(), results=form.results(), **said)
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        except StaleVersion as stale:
            form.add_error(None, str(stale))
        else:
            messages.success(request, f"{found.reference} is reported.")
            return redirect(found.get_absolute_url())
    subject = {"subject_type": found._meta.label_lower, "subject_id": found.pk}
    shown = {
        "inspection": found,
        "firm": found.firm,
        "case": found.case,
        "documents": Document.objects.filter(**subject),
        "letters": Letter.objects.filter(**subject),
        "form": form,
    }
    return render(request, "staff/inspection.html", shown, status=422 if form is not None and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(INSPECT)
def finding_new(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    case = _case(request, kind, pk)
    form = FindingForm(sent(request)[0], case=case)
    if request.method == "POST" and form.is_valid():
        try:
            made = findings.raise_finding(case, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{made.reference} is raised; the firm is told.")
            return redirect(case.get_absolute_url())
    return _form_page(request, form, case, "Raise a finding", "By its severity it has a day by which it is remedied.")


@require_safe
@holding(READ_CASES)
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: what was found, the firm's plan and proof, and what became of it."""
    people = ("raised_by", "planned_by", "remediated_by", "verified_by", "closed_by")
    rows = Finding.objects.visible_to(request.user).select_related("firm", "full", "licence", "inspection", *people)
    found: Any = get_object_or_404(rows.prefetch_related("firm__mous"), pk=pk)
    shown = {
        "finding": found,
        "firm": found.firm,
        "case": found.case,
        "overdue": found.is_overdue(timezone.now()),
        "documents": Document.objects.about(found),
    }
    return render(request, "staff/finding.html", shown)
