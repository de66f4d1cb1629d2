"""The set-up of the subsidiary: nine milestones, each described, saved, and submitted when it is complete."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.actions import aml
from licensing.actions.setup import describe_milestone, prove_milestone
from licensing.faces import clocks
from licensing.faces.cases import plainly
from licensing.faces.forms import AnswersForm
from licensing.faces.panels import made
from licensing.faces.people import since_the_noc
from licensing.faces.portal.panels import PANELS as CASE_PANELS
from licensing.faces.staff.cases import answered_particulars, letters_about
from licensing.models import AmlRegistration, Document, Milestone, SetUp
from licensing.models.aml import registrable
from licensing.questions import MILESTONE_PARTICULARS
from licensing.states import Activity, MilestoneState
from pvara.kernel import audit
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import applicants_only, explain_on, person, sent

TONES = {"verified": "success", "deficient": "danger", "submitted": "info"}


@require_safe
@applicants_only
def setup(request: HttpRequest, pk: int) -> HttpResponse:
    milestones = Milestone.objects.select_related("setup__firm")
    cases = SetUp.objects.visible_to(request.user).select_related("firm", "noc")
    case = get_object_or_404(cases.prefetch_related(Prefetch("milestones", milestones)), pk=pk)
    rows = case.milestones.all()
    shown = {
        "case": case,
        "words": plainly(case),
        "milestones": [(each, TONES.get(each.state, "secondary")) for each in rows],
        "verified": sum(each.state == MilestoneState.VERIFIED for each in rows),
        "letters": letters_about(case).for_firms(),
        "panels": made(CASE_PANELS, case, person(request), timezone.now()),
        "clocks": clocks.for_firm(case, timezone.now()),
    }
    return render(request, "portal/setup.html", shown)


class ProofForm(forms.Form):
    """A document that proves a milestone."""

    title = forms.CharField(label="Title", max_length=200, help_text="Such as “Certificate of incorporation”.")
    file = forms.FileField(label="File", help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most.")


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Milestone.objects.visible_to(request.user).select_related("setup__firm", "setup__noc"), pk=pk
    )
    form = AnswersForm(MILESTONE_PARTICULARS[found.code], said=found.described, data=sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            describe_milestone(found, form.answers, by=person(request), at=timezone.now(), seen=seen)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "Saved. Submit the milestone when everything is there.")
            return redirect("portal:milestone", pk=pk)
    return milestone_page(request, found, form, ProofForm())


@require_POST
@applicants_only
def milestone_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """A document for a milestone; a refused one leaves the rest of the page as it was."""
    found = get_object_or_404(
        Milestone.objects.visible_to(request.user).select_related("setup__firm", "setup__noc"), pk=pk
    )
    upload = ProofForm(*sent(request))
    if upload.is_valid():
        try:
            prove_milestone(found, by=person(request), at=timezone.now(), **upload.cleaned_data)
        except ValidationError as refusal:
            explain_on(upload, refusal)
        else:
            messages.success(request, "The document is attached.")
            return redirect("portal:milestone", pk=pk)
    form = AnswersForm(MILESTONE_PARTICULARS[found.code], said=found.described)
    return milestone_page(request, found, form, upload)


def milestone_page(request: HttpRequest, found: Milestone, form: AnswersForm, upload: ProofForm) -> HttpResponse:
    shown = {
        "milestone": found,
        "setup": found.setup,
        "form": form,
        "upload": upload,
        "documents": Document.objects.about(found),
        "editable": found.state in (MilestoneState.PENDING, MilestoneState.DEFICIENT),
        "said": answered_particulars(found),
        "since": since_the_noc(found.owners_since_the_noc(timezone.now())),
        "deficiency": audit.history(found).filter(event="find_deficient").last(),
    }
    wrong = form.errors or upload.errors
    return render(request, "portal/milestone.html", shown, status=422 if wrong else 200)


class ServicesForm(forms.Form):
    """Which services are to be registered before the full licence."""

    services = forms.MultipleChoiceField(label="Services", widget=forms.CheckboxSelectMultiple)
    reasons = forms.CharField(
        label="What is to be offered, to whom, from when", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["services"]
        assert isinstance(field, forms.MultipleChoiceField)
        may_be = registrable(timezone.localdate(at))
        field.choices = [(code, title) for code, title in Activity.choices if code in may_be]


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def aml_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Asking for AML Registered Services on a set-up."""
    case = get_object_or_404(SetUp.objects.visible_to(request.user).select_related("firm", "noc"), pk=pk)
    at = timezone.now()
    form = ServicesForm(*sent(request), at=at)
    if request.method == "POST" and form.is_valid():
        try:
            asked = aml.request_aml_services(case, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"The request is registered under {asked.reference}.")
            return redirect("portal:aml_registration", pk=asked.pk)
    return render(request, "portal/aml_request.html", {"case": case, "form": form}, status=422 if form.errors else 200)


@require_safe
@applicants_only
def aml_registration(request: HttpRequest, pk: int) -> HttpResponse:
    rows = AmlRegistration.objects.visible_to(request.user).select_related("firm", "setup__noc")
    case = get_object_or_404(rows, pk=pk)
    shown = {
        "case": case,
        "words": plainly(case),
        "services": [title for _, title in case.service_titles()],
        "letters": letters_about(case).for_firms(),
        "clocks": clocks.for_firm(case, timezone.now()),
    }
    return render(request, "portal/aml_registration.html", shown)
