"""A firm's own inspections and findings: what it is to prepare, what was found, its plan and its proof."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.actions import findings as actions
from licensing.faces.forms import DocumentForm
from licensing.faces.panels import Panel
from licensing.models import Document, Finding, Licence, LicenceApplication
from licensing.states import FindingState, InspectionState
from pvara.kernel import audit
from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import applicants_only, explain_on, person, sent

# Where a finding stands, as one would say it on the telephone.
WORDS = {
    "open": "Give us your plan: what you will do, and by when.",
    "plan_agreed": "We agree to your plan. Carry it out, hand in what shows it, and report it to us.",
    "remediated": "We are verifying what you did.",
    "verified": "We have verified that it is remedied.",
    "closed": "We have closed this finding.",
}


class PlanForm(SharedForm):
    plan = forms.CharField(
        label="What you will do, and by when", widget=forms.Textarea(attrs={"rows": 5}), max_length=4000
    )


def inspection_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What is inspected and when, and what was found."""
    if not isinstance(case, LicenceApplication | Licence):
        return None
    scheduled = [each for each in case.inspections.all() if each.state == InspectionState.SCHEDULED]
    found = [(each, each.is_overdue(at)) for each in case.findings.all()]
    if not scheduled and not found:
        return None
    context = {"inspections": scheduled, "findings": found}
    return Panel("Inspections and findings", "findings", "portal/panels/inspections.html", context)


def _found(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(Finding.objects.visible_to(request.user).select_related("firm", "full", "licence"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding, with the form for the plan as long as it may be written."""
    found = _found(request, pk)
    form = PlanForm(sent(request)[0], shows=found.planned)
    if request.method == "POST" and form.is_valid():
        try:
            actions.give_plan(found, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "Your plan is handed in.")
            return redirect("portal:finding", pk=pk)
    return _page(request, found, form, DocumentForm())


@require_POST
@applicants_only
def finding_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """A document that shows the remediation; a refused one leaves the rest of the page as it was."""
    found = _found(request, pk)
    upload = DocumentForm(*sent(request))
    if upload.is_valid():
        try:
            actions.prove_remediation(found, by=person(request), at=timezone.now(), **upload.cleaned_data)
        except ValidationError as refusal:
            explain_on(upload, refusal)
        else:
            messages.success(request, "The document is attached.")
            return redirect("portal:finding", pk=pk)
    return _page(request, found, PlanForm(shows=found.planned), upload)


def _page(request: HttpRequest, found: Any, form: forms.Form, upload: forms.Form) -> HttpResponse:
    shown = {
        "finding": found,
        "words": WORDS[found.state],
        "overdue": found.is_overdue(timezone.now()),
        "form": form,
        "upload": upload,
        "may_plan": found.state == FindingState.OPEN,
        "may_prove": found.state == FindingState.PLAN_AGREED,
        "wanting": audit.history(found).filter(event="send_back").last(),
        "documents": Document.objects.about(found).visible_to(request.user),
    }
    return render(request, "portal/finding.html", shown, status=422 if form.errors or upload.errors else 200)
