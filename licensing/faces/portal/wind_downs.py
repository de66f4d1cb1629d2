"""A firm's own wind-down: its plan, the documents with it, and how far it is."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.actions.wind_downs import attach_to_plan, write_plan
from licensing.faces import clocks
from licensing.faces.portal.conditions import EvidenceForm
from licensing.models import Document, WindDown
from licensing.states import WindDownState
from pvara.kernel import audit
from pvara.kernel.forms import SharedForm
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import applicants_only, explain_on, person, sent

# Where it stands, as one would say it on the telephone.
WORDS = {
    "awaiting_plan": "Write your plan, attach what belongs to it, and submit it.",
    "plan_submitted": "We have your plan. A supervisor looks at it.",
    "under_way": "We agree to your plan. Carry it out; we look whether the business has ended in good order.",
    "finished": "Your business is wound down. There is nothing left to do.",
    "ended": "You have your licence again. Nothing is wound down.",
}


class PlanForm(SharedForm):
    plan = forms.CharField(
        label="Your plan",
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="How clients get their assets back, by when, who sees to it, and how you tell them.",
    )


def own(request: HttpRequest, pk: int) -> WindDown:
    rows = WindDown.objects.visible_to(request.user).select_related("firm", "licence__firm")
    found: WindDown = get_object_or_404(rows, pk=pk)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def wind_down(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan, as long as it may be written; after that, what became of it."""
    found, at = own(request, pk), timezone.now()
    is_open = found.state == WindDownState.AWAITING_PLAN
    form = PlanForm(sent(request)[0], shows=found.planned) if is_open else None
    if request.method == "POST" and form is None:
        messages.error(request, "The plan is submitted, or the wind-down closed: nothing is changed now.")
        return redirect("portal:wind_down", pk=pk)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            write_plan(found, **form.cleaned_data, by=person(request), at=at)
        except ChangedMeanwhile as newer:
            form.tell(newer)
            return _shown(request, found, form=form, upload=EvidenceForm(), status=409)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The plan is kept. A signatory submits it when everything is there.")
            return redirect("portal:wind_down", pk=pk)
    return _shown(request, found, form=form, upload=EvidenceForm() if is_open else None)


@require_POST
@applicants_only
def wind_down_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach a document to the plan."""
    found = own(request, pk)
    upload = EvidenceForm(*sent(request))
    if upload.is_valid():
        try:
            attach_to_plan(found, by=person(request), at=timezone.now(), **upload.cleaned_data)
        except ValidationError as refusal:
            explain_on(upload, refusal)
        else:
            messages.success(request, "The document is attached.")
            return redirect("portal:wind_down", pk=pk)
    is_open = found.state == WindDownState.AWAITING_PLAN
    return _shown(request, found, form=PlanForm(shows=found.planned) if is_open else None, upload=upload)


def _shown(
    request: HttpRequest, found: WindDown, *, form: PlanForm | None, upload: EvidenceForm | None, status: int = 0
) -> HttpResponse:
    last = audit.history(found).exclude(from_state="").last()
    wrong = any(each is not None and each.errors for each in (form, upload))
    shown = {
        "winding": found,
        "firm": found.firm,
        "words": WORDS[found.state],
        "documents": Document.objects.about(found),
        "clocks": clocks.for_firm(found, timezone.now()),
        "sent_back": last if form is not None and last is not None and last.event == "send_plan_back" else None,
        "form": form,
        "upload": upload,
    }
    return render(request, "portal/wind_down.html", shown, status=status or (422 if wrong else 200))
